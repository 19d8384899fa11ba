"""How Ray is started."""

import os

import pytest

from actors import runtime
from qtest.errors import ClusterError


def test_ray_and_so_its_workers_are_started_without_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}
    monkeypatch.setenv("GITHUB_TOKEN", "planted")
    monkeypatch.setenv("OPENAI_API_KEY", "for the workers, which ask the model")
    monkeypatch.setattr(runtime.ray, "is_initialized", lambda: False)
    monkeypatch.setattr(runtime.ray, "init", lambda *_, **__: seen.update(os.environ))
    monkeypatch.setattr(runtime.ray, "shutdown", lambda: None)
    with runtime.joined(""):
        assert os.environ["GITHUB_TOKEN"] == "planted"
    assert seen["PATH"]
    assert "GITHUB_TOKEN" not in seen
    assert "OPENAI_API_KEY" in seen


def test_a_note_of_a_cluster_that_is_gone_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime.ray, "is_initialized", lambda: False)
    monkeypatch.setattr(runtime.services, "get_ray_address_from_environment", lambda *_: "127.0.0.1:1")
    with pytest.raises(ClusterError, match=r"the cluster at 127\.0\.0\.1:1 cannot be had"), runtime.joined("auto"):
        pytest.fail("there is none")
