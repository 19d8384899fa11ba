"""What mypy refuses, edit by edit, by one warm checker."""

from pathlib import Path
from typing import Any

import pytest

from qtest.languages.python.refusing import PLANTED, Checker, judged

TEXT = """\
import helper


def size(text: str) -> int:
    return helper.length(text) + 1


def loose(text):
    return text + 1
"""
OPTIONS = [
    "--config-file=",
    "--no-error-summary",
    "--hide-error-context",
    "--no-site-packages",
    "--cache-dir=/dev/null",
]


@pytest.fixture
def checker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checker:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "helper.py").write_text("def length(text: str) -> int:\n    return len(text)\n")
    (tmp_path / "sizes.py").write_text(TEXT)
    return Checker(str(tmp_path / "sizes.py"), OPTIONS)


def edit(name: str, old: str, new: str, text: str = TEXT) -> list[Any]:
    start = text.index(old)
    return [name, start, start + len(old), new]


def test_each_edit_has_its_own_answer_whatever_came_before_it(checker: Checker) -> None:
    edits = [
        edit("fits", "+ 1", "- 1"),
        edit("text", "+ 1", '+ ""'),
        edit("fits too", "+ 1", "+ 2"),
        edit("nothing", "helper.length(text) + 1", "None"),
        edit("other module", "length(text)", "length(1)"),
        edit("untyped", "text + 1\n", 'text + ""\n'),
        edit("broken", "length(text)", "length(text"),
        edit("fits at last", "+ 1", "* 1"),
    ]
    found = judged(checker, TEXT, edits)
    assert found["problem"] == ""
    assert sorted(found["refused"]) == ["broken", "nothing", "other module", "text"]
    again = judged(checker, TEXT, edits[::-1])
    assert again == found


def test_a_module_that_is_refused_as_it_is_sets_nothing_aside(checker: Checker) -> None:
    text = TEXT + "\n\ndef wrong() -> int:\n    return ''\n"
    found = judged(checker, text, [edit("text", "+ 1", '+ ""', text)])
    assert found["refused"] == {}
    assert found["problem"].startswith("it is refused without any mutant: Incompatible return value")


class Stub:
    """Refuses what the test says."""

    def __init__(self, *refused: str) -> None:
        self._refused, self.asked = refused, list[str]()

    def refusal(self, text: str) -> str:
        self.asked.append(text)
        return "no" if text in self._refused else ""


def test_a_checker_that_finds_no_planted_error_sets_nothing_aside() -> None:
    found = judged(Stub("b"), "a", [["x", 0, 1, "b"]])  # type: ignore[arg-type]
    assert found == {"problem": "the type checker did not find a planted error", "refused": {}}


def test_a_checker_that_keeps_an_error_of_an_earlier_edit_sets_nothing_aside() -> None:
    class Sticky(Stub):
        def refusal(self, text: str) -> str:
            return "no" if "b" in self.asked else super().refusal(text)

    found = judged(Sticky("b", "a" + PLANTED), "a", [["x", 0, 1, "b"], ["y", 0, 1, "c"]])  # type: ignore[arg-type]
    assert found == {"problem": "the type checker kept an error of a mutant that was gone", "refused": {}}
