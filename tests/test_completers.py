"""From the text behind `--llm` to who answers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qtest import completers
from qtest.config import Config, LlmSettings
from qtest.errors import BudgetSpent, CompletionError, UsageError
from qtest.records.completion import Message, Payer, Prompt

KEY = "sk-planted-0123456789"
PROMPT = Prompt(task="unit_test", messages=(Message(role="user", content="def fee(): ..."),), payer=Payer(run="r1"))


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    path = tmp_path / "talk.jsonl"
    entry = {"task": "unit_test", "answer": {"cases": []}, "again": True}
    path.write_text('{"origin": "hand"}\n' + json.dumps(entry))
    return path


@pytest.fixture
def opened(tmp_path: Path) -> "Callable[..., completers.Opened]":
    def made(ask: str, environ: dict[str, str] | None = None, **settings: Any) -> completers.Opened:
        config = Config(llm=LlmSettings(ask=ask, **settings))
        found = completers.completer(config, tmp_path, environ or {})
        assert found is not None
        return found

    return made


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("http://127.0.0.1:8000", "router", "http://127.0.0.1:8000"),
        ("https://llm.example.org/base", "router", "https://llm.example.org/base"),
        ("openai:gpt-5.5", "openai", "gpt-5.5"),
        ("anthropic:claude-x", "anthropic", "claude-x"),
        ("ollama:qwen2.5-coder:7b", "ollama", "qwen2.5-coder:7b"),
        ("recorded:a b.jsonl", "recorded", "a b.jsonl"),
    ],
)
def test_who_is_asked_stands_before_the_colon(text: str, kind: str, what: str) -> None:
    assert completers.parsed(text) == completers.Asked(kind, what)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gemini:pro", r"--llm: 'gemini' is nobody we know; expected the address of a router, such as http"),
        ("gpt-5.5", r"--llm: expected the address"),
        ("openai:", r"--llm openai: names no model"),
        ("http://", r"--llm: an address without a host; expected the address"),
        ("http://box:port", r"--llm: an address without a host"),
        ("recorded: ", r"--llm recorded: names no file"),
        ("https://me:pl4nted@host", r"--llm: the address has a login in it; a router's key goes in QTEST_API_KEY"),
    ],
)
def test_what_names_nobody_is_told_with_what_is_expected(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        completers.parsed(text)
    assert "pl4nted" not in str(raised.value)


def test_a_key_in_the_place_of_a_name_is_not_repeated() -> None:
    with pytest.raises(UsageError) as raised:
        completers.parsed(KEY)
    assert "planted" not in str(raised.value)


@pytest.mark.parametrize(
    ("ask", "variable"), [("openai:gpt-5.5", "OPENAI_API_KEY"), ("anthropic:claude-x", "ANTHROPIC_API_KEY")]
)
def test_a_cloud_without_its_key_is_told_with_the_variable(
    opened: "Callable[..., completers.Opened]", ask: str, variable: str
) -> None:
    with pytest.raises(UsageError, match=f"{ask} needs a key in the environment variable {variable}, which is not set"):
        opened(ask)


def test_no_model_is_asked_where_none_is_named(tmp_path: Path) -> None:
    assert completers.completer(Config(), tmp_path, {}) is None


@pytest.mark.parametrize("host", ["10.0.0.1:99", "0.0.0.0", "http://box/", "https://box:8443/ollama/v1"])
def test_ollama_is_found_by_its_own_variable(opened: "Callable[..., completers.Opened]", host: str) -> None:
    opened("ollama:qwen", {"OLLAMA_HOST": host}).close()


def test_a_host_of_ollama_that_is_none_is_told(opened: "Callable[..., completers.Opened]") -> None:
    with pytest.raises(UsageError, match="the address of ollama is no address; expected one such as http"):
        opened("ollama:qwen", {"OLLAMA_HOST": "http://:x"})


def test_a_cassette_answers_through_the_router_of_this_process(
    opened: "Callable[..., completers.Opened]", cassette: Path
) -> None:
    asking = opened(f"recorded:{cassette}")
    found = [asking.complete(PROMPT) for _ in range(2)]
    asking.close()
    assert [(one.content, one.provider, one.cached) for one in found] == [('{"cases": []}', "recorded", False)] * 2


def test_a_prompt_that_a_cassette_does_not_know_is_an_error_with_its_name(
    opened: "Callable[..., completers.Opened]", cassette: Path
) -> None:
    asking = opened(f"recorded:{cassette}")
    with pytest.raises(CompletionError, match=r"talk\.jsonl has no answer to this prompt \(critic"):
        asking.complete(PROMPT.model_copy(update={"task": "critic"}))
    asking.close()


def test_a_completer_that_is_closed_says_so(opened: "Callable[..., completers.Opened]", cassette: Path) -> None:
    asking = opened(f"recorded:{cassette}")
    asking.close()
    with pytest.raises(CompletionError, match="ended before the model had answered"):
        asking.complete(PROMPT)


def test_a_budget_is_of_a_run_and_shared_by_all_who_work_on_it(
    opened: "Callable[..., completers.Opened]", cassette: Path
) -> None:
    workers = [opened(f"recorded:{cassette}", budget="2100") for _ in range(2)]
    workers[0].complete(PROMPT)
    another = PROMPT.model_copy(update={"payer": Payer(run="r2")})
    for _ in range(20):
        try:
            workers[1].complete(PROMPT)
        except BudgetSpent as error:
            assert "this run may use 2,100 tokens" in str(error)
            break
    else:
        pytest.fail("nothing stopped it")
    workers[1].complete(another)
    for worker in workers:
        worker.close()


def test_what_a_model_says_is_recorded_and_can_be_replayed(
    opened: "Callable[..., completers.Opened]", cassette: Path, tmp_path: Path
) -> None:
    file = tmp_path / "heard.jsonl"
    recording = opened(f"recorded:{cassette}", {"OPENAI_API_KEY": KEY}, record=str(file))
    recording.complete(PROMPT.model_copy(update={"messages": (Message(role="user", content=f"key = {KEY}"),)}))
    recording.complete(PROMPT)
    recording.close()
    assert KEY not in file.read_text()
    replay = opened(f"recorded:{file}")
    assert replay.complete(PROMPT).content == '{"cases": []}'
    replay.close()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "openai:m may use up to 500,000 tokens in this run, for which no price is given in [tool.qtest.llm]"),
        (
            {"budget": "1.5M", "output_usd_per_million": 4.0},
            "openai:m may use up to 1,500,000 tokens in this run, $6.00 at most",
        ),
        ({"budget": "$2", "input_usd_per_million": 1.0}, "openai:m may cost up to $2.00 in this run"),
    ],
)
def test_what_a_cloud_may_cost_is_said_in_words(settings: dict[str, Any], expected: str) -> None:
    assert completers.estimate(LlmSettings(ask="openai:m", **settings)) == expected


@pytest.mark.parametrize("ask", ["", "ollama:m", "recorded:f", "http://127.0.0.1:1"])
def test_what_costs_nothing_here_has_no_estimate(ask: str) -> None:
    assert completers.estimate(LlmSettings(ask=ask)) == ""


def test_money_cannot_be_counted_without_a_price(opened: "Callable[..., completers.Opened]") -> None:
    with pytest.raises(
        UsageError, match=r"--llm-budget \$2: what m costs is not known; expected input_usd_per_million"
    ):
        opened("openai:m", {"OPENAI_API_KEY": KEY}, budget="$2")
