"""Conversations with a model on disk: JSON values one after the other, laid out as one likes. The first says where the others come from."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import JsonValue, TypeAdapter, ValidationError

from qtest.errors import CompletionError, UsageError
from qtest.records.completion import Completion, Message, Prompt, TaskType
from qtest.records.record import Record, digest_of

HIDDEN = "***"


class Header(Record):
    """`model` for what a real run of a model said, `hand` for what a person wrote: plain DSL, and no model ever said it."""

    cassette: Literal[1] = 1
    origin: Literal["model", "hand"]
    note: str = ""


class Heard(Record):
    """What a model said. `prompt` is the digest of what was asked; the messages are there to be read."""

    prompt: str
    task: TaskType
    template: str = ""
    messages: tuple[Message, ...]
    answer: str
    finish: Literal["stop", "length"] = "stop"
    provider: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0


class Written(Record):
    """What a person has a model say, once: to a prompt of that task whose messages hold all those texts. With `again`, any number of times."""

    task: TaskType
    contains: tuple[str, ...] = ()
    answer: JsonValue
    finish: Literal["stop", "length"] = "stop"
    again: bool = False

    @property
    def text(self) -> str:
        return self.answer if isinstance(self.answer, str) else json.dumps(self.answer)


class Cassette(Record):
    header: Header
    heard: tuple[Heard, ...] = ()
    written: tuple[Written, ...] = ()


_KINDS: dict[str, TypeAdapter[Any]] = {"model": TypeAdapter(Heard), "hand": TypeAdapter(Written)}


def asked(prompt: Prompt) -> str:
    """What an answer depends on, as a digest: not who pays, nor how urgent it is."""
    table = prompt.model_dump(mode="json", exclude={"payer", "urgent"})
    return digest_of(json.dumps(table, sort_keys=True))


def read(path: Path) -> Cassette:
    """Raises UsageError with the line of what is wrong."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}; expected a cassette, see `--llm recorded:FILE`") from error
    values = _values(path, text)
    line, first = next(values, (1, {}))
    header: Header = _checked(path, line, TypeAdapter(Header), first)
    rest = tuple(_checked(path, line, _KINDS[header.origin], value) for line, value in values)
    return Cassette(header=header, heard=rest) if header.origin == "model" else Cassette(header=header, written=rest)


def _values(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        line = text.count("\n", 0, at) + 1
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path}:{line}: no JSON: {error}") from error
        yield line, value


def _checked(path: Path, line: int, kind: "TypeAdapter[Any]", value: Any) -> Any:
    try:
        return kind.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{path}:{line}: {where}: {first['msg'][:1].lower()}{first['msg'][1:]}") from error


class Recorder:
    """Writes what a model said behind what is there already. For several processes: a line is written at once. `secrets` are replaced
    wherever they stand."""

    def __init__(self, path: Path, secrets: Sequence[str], note: str = "") -> None:
        self._path, self._secrets = path, [secret for secret in secrets if secret]
        self._begin(Header(origin="model", note=note))

    def heard(self, prompt: Prompt, completion: Completion) -> None:
        self._append(
            Heard(
                prompt=asked(prompt),
                task=prompt.task,
                template=prompt.template,
                messages=prompt.messages,
                answer=completion.content,
                finish=completion.finish,
                provider=completion.provider,
                model=completion.model,
                input_tokens=completion.input_tokens,
                output_tokens=completion.output_tokens,
            )
        )

    def _begin(self, header: Header) -> None:
        try:
            with self._path.open("x", encoding="utf-8") as file:
                file.write(header.to_json() + "\n")
        except FileExistsError:
            if read(self._path).header.origin != "model":
                raise UsageError(
                    f"{self._path}: is written by hand; what a model says is recorded in a file of its own"
                ) from None
        except OSError as error:
            raise UsageError(f"{self._path}: cannot be written to ({error.strerror}); give another file") from error

    def _append(self, heard: Heard) -> None:
        line = heard.to_json()
        for secret in self._secrets:
            line = line.replace(json.dumps(secret)[1:-1], HIDDEN)
        data = line.encode() + b"\n"
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
            try:
                whole = os.write(descriptor, data) == len(data)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise CompletionError(
                f"{self._path}: cannot be written to ({error.strerror}); nothing more is recorded"
            ) from error
        if not whole:
            raise CompletionError(f"{self._path}: the disk is full; nothing more is recorded")
