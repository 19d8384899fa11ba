"""How Ray is started."""

import os

import pytest

from actors import runtime


def test_ray_and_so_its_workers_are_started_without_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}
    monkeypatch.setenv("GITHUB_TOKEN", "planted")
    monkeypatch.setattr(runtime.ray, "is_initialized", lambda: False)
    monkeypatch.setattr(runtime.ray, "init", lambda *_, **__: seen.update(os.environ))
    monkeypatch.setattr(runtime.ray, "shutdown", lambda: None)
    with runtime.joined(""):
        assert os.environ["GITHUB_TOKEN"] == "planted"
    assert seen["PATH"]
    assert "GITHUB_TOKEN" not in seen
