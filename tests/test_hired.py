"""The model that the settings name is at a run's service, and none where they name none."""

import json
from pathlib import Path

import pytest

from qtest.config import Config, LlmSettings, WhereSettings
from qtest.errors import UsageError
from qtest.records.completion import Message, Prompt
from qtest.wiring import hired


def settings(ask: str, folder: Path) -> Config:
    return Config(llm=LlmSettings(ask=ask), where=WhereSettings(store=str(folder / "store")))


def test_a_run_has_the_model_that_its_settings_name(tmp_path: Path) -> None:
    talk = tmp_path / "talk.jsonl"
    entry = {"task": "unit_test", "answer": "hello", "again": True}
    talk.write_text('{"origin": "hand"}\n' + json.dumps(entry))
    with hired(settings(f"recorded:{talk}", tmp_path)) as writer:
        assert writer is not None
        assert writer.named.startswith(f"recorded:{talk} ")
        prompt = Prompt(task="unit_test", messages=(Message(role="user", content="?"),))
        assert writer.completer.complete(prompt).content == "hello"


def test_without_one_nothing_is_opened(tmp_path: Path) -> None:
    with hired(settings("", tmp_path)) as writer:
        assert writer is None
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_cannot_be_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError), hired(settings("recorded:none.jsonl", tmp_path)):
        pytest.fail("there is no such model")


def test_what_other_recorded_answers_made_is_not_what_these_made(tmp_path: Path) -> None:
    talk = tmp_path / "talk.jsonl"
    names = set()
    for answer in ("one", "two"):
        talk.write_text('{"origin": "hand"}\n' + json.dumps({"task": "unit_test", "answer": answer}))
        with hired(settings(f"recorded:{talk}", tmp_path)) as writer:
            assert writer is not None
            names.add(writer.named)
    assert len(names) == 2
