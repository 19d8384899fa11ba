"""What a test says of files: what is in them after the call, and that they are there or gone."""

from collections.abc import Iterator, Mapping
from typing import Any

from qtest.records.case import (
    Argument,
    Bytes,
    Call,
    EnvValue,
    Expectation,
    Expression,
    Holds,
    Operate,
    Ref,
    Subject,
    Text,
)


def expected(form: Mapping[str, Any]) -> Iterator[Expectation]:
    """Of the files that were seen to be new, changed or gone."""
    for state in form.get("files", ()):
        law = _law(state, EnvValue("scratch file", state["name"]))
        if law is not None:
            yield Holds(law)


def written(form: Mapping[str, Any], subject: Subject) -> Iterator[Expectation]:
    """Of a file in memory."""
    value = form["value"]
    content: Expression = Text(value["value"]) if value["kind"] == "text" else Bytes(value["hex"])
    yield Holds(Operate("==", (Call(f"{form['symbol']}.getvalue", (), Ref(subject.of)), content)))


def _law(state: Mapping[str, Any], path: EnvValue) -> Expression | None:
    match state["what"]:
        case "text":
            plain = state["text"].isascii()
            encoding = () if plain else (Argument(Text("utf-8"), "encoding"),)
            return Operate("==", (Call("pathlib:Path.read_text", encoding, path), Text(state["text"])))
        case "octets":
            return Operate("==", (Call("pathlib:Path.read_bytes", (), path), Bytes(state["hex"])))
        case "file":
            return Call("pathlib:Path.is_file", (), path)
        case "folder":
            return Call("pathlib:Path.is_dir", (), path)
        case "gone":
            return Operate("not", (Call("pathlib:Path.exists", (), path),))
    return None
