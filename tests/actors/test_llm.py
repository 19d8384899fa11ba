"""The front door of the router on this machine: what it cannot start with is said in one line, before anything is started."""

import importlib.util
import socket
from pathlib import Path

import pytest

from actors.llm import main


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        found: int = free.getsockname()[1]
    return found


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 2
    [line] = capsys.readouterr().err.splitlines()
    return line


def test_a_busy_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = said(capsys, "--profile", "cpu-tiny", "--port", str(port))
    assert line.startswith(f"actors.llm: --host 127.0.0.1 --port {port}: cannot be listened on")


def test_a_port_that_is_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--port is 99999; expected 1 to 65535" in said(capsys, "--profile", "cpu-tiny", "--port", "99999")


def test_without_an_engine_it_says_how_to_get_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "vLLM is not installed" in said(capsys, "--profile", "cpu-tiny", "--port", str(port))


def test_missing_weights_are_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, port: int
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    config = tmp_path / "config.yaml"
    config.write_text(f"tiers: {{TIER2: {{model: {tmp_path}/nothing, gpus: 0}}}}", "utf-8")
    line = said(capsys, "--config", str(config), "--port", str(port))
    assert line == f"actors.llm: tiers.TIER2.model is {tmp_path}/nothing; expected a folder with a model's config.json and weights"  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [("tiers: {TIER1: {model: /w, gpu: 1}}", "tiers.TIER1.gpu: there is no such setting"), ("tiers: {", "config.yaml")],
)
def test_a_bad_file_is_named_with_what_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, port: int, text: str, expected: str
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(text, "utf-8")
    assert expected in said(capsys, "--config", str(config), "--port", str(port))


def test_less_than_one_replica_is_refused(capsys: pytest.CaptureFixture[str], port: int) -> None:
    line = said(capsys, "--profile", "cpu-tiny", "--replicas", "0", "--port", str(port))
    assert line == "actors.llm: --replicas is 0; expected 1 or more"
