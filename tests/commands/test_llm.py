"""`--llm` at the door: mistakes are told before any work is done, and what costs money is agreed to first."""

import io
import sys
from pathlib import Path

import pytest

from qtest.cli import main
from qtest.commands import consent
from qtest.config import LlmSettings
from qtest.errors import UsageError

CLOUD = LlmSettings(ask="openai:m", budget="200k")
PLANTED = "sk-planted-0123"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "QTEST_API_KEY", "OPENAI_BASE_URL", "RAY_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--llm", "gemini:pro"], "qtest: --llm: 'gemini' is nobody we know; expected the address of a router"),
        (["--llm", "openai:m"], "qtest: openai:m needs a key in the environment variable OPENAI_API_KEY"),
        (["--llm", "recorded:none.jsonl"], "none.jsonl: [Errno 2] No such file or directory"),
        (["--llm", "http://127.0.0.1:9"], "qtest: the router at http://127.0.0.1:9 cannot be had"),
        (
            ["--llm", "ollama:m", "--llm-budget", "lots"],
            "qtest: command line: llm.budget is 'lots'; string should match",
        ),
        (["--llm", "ollama:m", "--llm-record", "/proc/none"], "qtest: /proc/none: cannot be written to"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_done(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["run", str(tmp_path), "--inline", *options])
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert code == (3 if "cannot be had" in message else 2)


def test_a_cloud_is_not_asked_in_a_script_that_does_not_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", PLANTED)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert main(["run", str(tmp_path), "--inline", "--llm", "openai:m", "--llm-budget", "200k"]) == 2
    told = capsys.readouterr().err
    assert "openai:m may use up to 200,000 tokens in this run" in told
    assert "--yes agrees to it" in told
    assert PLANTED not in told


@pytest.mark.parametrize("said", ["y\n", "Yes\n"])
def test_a_person_is_asked_and_may_agree(
    said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(said))
    consent.ask(CLOUD, agreed=False)
    captured = capsys.readouterr()
    assert captured.err.endswith("Go on? [y/N] ")
    assert captured.out == ""


@pytest.mark.parametrize("said", ["", "\n", "n\n", "maybe\n"])
def test_whatever_else_is_said_no_model_is_asked(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(said))
    with pytest.raises(UsageError, match="not agreed to; no model was asked"):
        consent.ask(CLOUD, agreed=False)


def test_who_agrees_beforehand_is_shown_the_cost_and_not_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    consent.ask(CLOUD, agreed=True)
    assert capsys.readouterr().err.startswith("openai:m may use up to 200,000 tokens")


def test_what_costs_nothing_is_not_asked_about(capsys: pytest.CaptureFixture[str]) -> None:
    consent.ask(LlmSettings(ask="ollama:m"), agreed=False)
    assert capsys.readouterr().err == ""
