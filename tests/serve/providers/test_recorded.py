"""Conversations with a model, on disk and back."""

import asyncio
import json
from pathlib import Path

import pytest

from qtest.errors import CompletionError, UsageError
from qtest.records.completion import Completion, Message, Payer, Prompt
from serve.providers.cassette import Recorder, read
from serve.providers.recorded import RecordedProvider, Recording, opened
from serve.seams import ProviderError


def prompt(text: str) -> Prompt:
    return Prompt(task="unit_test", messages=(Message(role="user", content=text),), template="unit/1")


class Counting:
    """Says something else each time."""

    def __init__(self) -> None:
        self.count = 0

    def complete(self, prompt: Prompt) -> Completion:
        self.count += 1
        return Completion(
            content=f"{prompt.messages[0].content} {self.count}",
            provider="vllm",
            model="tiny",
            tier="TIER1",
            input_tokens=3,
            output_tokens=4,
        )


def said(provider: RecordedProvider, text: str) -> str:
    return asyncio.run(provider.complete(prompt(text), within_s=1.0)).content


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "talk.jsonl"


def hand(file: Path, *entries: object) -> RecordedProvider:
    file.write_text("\n".join(json.dumps(entry, indent=2) for entry in ({"origin": "hand"}, *entries)))
    return opened(str(file))


def test_what_was_recorded_is_replayed_each_time_that_it_is_asked_and_the_last_from_then_on(file: Path) -> None:
    recording = Recording(Counting(), Recorder(file, ()))
    for text in ("one", "two", "one"):
        recording.complete(prompt(text))
    replay = opened(str(file))
    assert [said(replay, text) for text in ("one", "one", "one", "two")] == ["one 1", "one 3", "one 3", "two 2"]
    assert read(file).header.origin == "model"


def test_a_replayed_answer_has_the_model_and_the_counts_of_the_recorded_one(file: Path) -> None:
    Recording(Counting(), Recorder(file, ())).complete(prompt("one"))
    found = asyncio.run(opened(str(file)).complete(prompt("one"), within_s=1.0))
    assert (found.provider, found.model, found.input_tokens, found.output_tokens) == ("recorded", "tiny", 3, 4)


def test_who_pays_and_how_urgent_it_is_changes_no_answer(file: Path) -> None:
    Recording(Counting(), Recorder(file, ())).complete(prompt("one"))
    other = prompt("one").model_copy(update={"urgent": True, "payer": Payer(run="7")})
    assert asyncio.run(opened(str(file)).complete(other, within_s=1.0)).content == "one 1"


def test_recording_goes_on_behind_what_is_there(file: Path) -> None:
    for text in ("one", "two"):
        Recording(Counting(), Recorder(file, ())).complete(prompt(text))
    assert len(read(file).heard) == 2


def test_a_prompt_that_was_never_recorded_is_refused_with_the_file_and_the_task(file: Path) -> None:
    Recording(Counting(), Recorder(file, ())).complete(prompt("one"))
    with pytest.raises(
        ProviderError, match=r"talk\.jsonl has no answer to this prompt \(unit_test, template unit/1"
    ) as raised:
        said(opened(str(file)), "a secret of the target")
    assert raised.value.trouble == "refused"
    assert "secret" not in str(raised.value)


def test_secrets_are_not_recorded(file: Path) -> None:
    secret = 'pl4nted"key\\é'
    recording = Recording(Counting(), Recorder(file, (secret,)))
    recording.complete(prompt(f"x = {secret}"))
    assert "pl4nted" not in file.read_text()
    assert said(opened(str(file)), f"x = {secret}") == "x = *** 1"


def test_written_answers_are_plain_values_and_given_once_in_their_order(file: Path) -> None:
    replay = hand(
        file,
        {"task": "unit_test", "contains": ["fee"], "answer": {"cases": [1]}},
        {"task": "critic", "answer": "no"},
        {"task": "unit_test", "contains": ["fee", "x"], "answer": "second"},
        {"task": "unit_test", "answer": {"cases": []}, "again": True},
    )
    assert [said(replay, text) for text in ("fee x", "fee x", "fee x", "any")] == [
        '{"cases": [1]}',
        "second",
        '{"cases": []}',
        '{"cases": []}',
    ]


def test_a_stream_of_a_recorded_answer_is_its_text_then_the_whole(file: Path) -> None:
    replay = hand(file, {"task": "unit_test", "answer": "text", "finish": "length"})

    async def items() -> list[str | Completion]:
        return [item async for item in replay.stream(prompt("x"), within_s=1.0)]

    text, whole = asyncio.run(items())
    assert isinstance(whole, Completion)
    assert (text, whole.content, whole.finish) == ("text", "text", "length")


def test_a_recording_that_cannot_go_on_is_told(file: Path) -> None:
    recording = Recording(Counting(), Recorder(file, ()))
    file.unlink()
    with pytest.raises(CompletionError, match=r"talk\.jsonl: cannot be written to \(No such file"):
        recording.complete(prompt("one"))


def test_what_is_written_by_hand_is_never_recorded_into(file: Path) -> None:
    hand(file, {"task": "unit_test", "answer": "text"})
    with pytest.raises(UsageError, match="written by hand"):
        Recorder(file, ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"talk\.jsonl:1: origin: field required"),
        ('{"origin": "dream"}', r"talk\.jsonl:1: origin: input should be 'model' or 'hand'"),
        ('{"origin": "hand"}\n\n{"task":', r"talk\.jsonl:3: no JSON"),
        ('{"origin": "hand"}\n{"task": "sing", "answer": 1}', r"talk\.jsonl:2: task: input should be"),
        ('{"origin": "hand"}\n{"task": "critic", "answer": 1, "when": 3}', r"talk\.jsonl:2: when: extra inputs"),
        ('{"origin": "hand", "cassette": 2}', r"talk\.jsonl:1: cassette: input should be 1"),
    ],
)
def test_a_cassette_that_cannot_be_read_is_told_with_its_line(file: Path, text: str, message: str) -> None:
    file.write_text(text)
    with pytest.raises(UsageError, match=message):
        read(file)


def test_a_cassette_that_is_not_there_is_told(file: Path) -> None:
    with pytest.raises(UsageError, match="expected a cassette"):
        read(file)
