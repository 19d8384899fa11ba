"""Sessions of the compile gate's checkers: kept, proven, thrown away; and how what they print is read."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gates.checkers import Checkers, findings_in
from qtest.errors import QTestError, SandboxError
from qtest.fakes import FakeSandbox
from qtest.languages.python.toolchain import PythonToolchain
from qtest.records.baseline import Setting
from qtest.records.outcome import Finding
from qtest.records.sandbox import Completed

PLANTED = "/tree/test_planted_error.py"
MYPY = Completed(code=1, stdout=f"{PLANTED}:2: error: no such name\n")


def answer(command: Sequence[str]) -> Completed:
    """Sound checkers."""
    return MYPY if command[-1] == PLANTED and "-c" not in command else Completed(code=0)


@pytest.fixture
def sandbox() -> FakeSandbox:
    return FakeSandbox(answer)


@pytest.fixture
def checkers(sandbox: FakeSandbox) -> Checkers:
    return Checkers(sandbox, PythonToolchain())


# --- sessions -----------------------------------------------------------------------------------------------------------


def test_a_session_is_kept_for_the_next_file(checkers: Checkers, setting: Setting) -> None:
    with checkers.session(setting) as first:
        pass
    with checkers.session(setting) as second:
        pass
    assert first is second


def test_a_session_is_not_shared_meanwhile(checkers: Checkers, setting: Setting) -> None:
    with checkers.session(setting) as first, checkers.session(setting) as second:
        assert first is not second


def test_each_tree_has_sessions_of_its_own(checkers: Checkers, setting: Setting, sandbox: FakeSandbox) -> None:
    with checkers.session(setting):
        pass
    sandbox.answer = lambda command: MYPY if "planted" in command[-1] and "-c" not in command else Completed(code=0)
    with checkers.session(setting.model_copy(update={"folder": "/other"})):
        pass
    assert [spec.overlaid for spec in sandbox.specs] == [("/tree",), ("/other",)]


def test_what_the_checkers_need_is_readable_inside(setting: Setting, sandbox: FakeSandbox) -> None:
    with Checkers(sandbox, PythonToolchain(), ("/ours",)).session(setting):
        pass
    assert "/ours" in sandbox.specs[0].readable


def test_a_session_in_which_something_broke_is_closed_and_never_used_again(
    checkers: Checkers, setting: Setting, sandbox: FakeSandbox
) -> None:
    with pytest.raises(KeyboardInterrupt), checkers.session(setting):
        raise KeyboardInterrupt
    with checkers.session(setting):
        pass
    assert [session.closed for session in sandbox.sessions] == [True, False]


def over(command: Sequence[str]) -> Completed:
    raise SandboxError("the session's time is over")


@pytest.mark.parametrize("dead", [over, lambda command: Completed(code=1)], ids=["over", "ill"])
def test_a_kept_session_that_no_longer_works_is_closed_and_replaced(
    dead: Callable[[Sequence[str]], Completed], checkers: Checkers, setting: Setting, sandbox: FakeSandbox
) -> None:
    with checkers.session(setting):
        pass
    sandbox.sessions[0].answer = dead
    with checkers.session(setting) as session:
        assert session is sandbox.sessions[1]
    assert [session.closed for session in sandbox.sessions] == [True, False]


def test_a_kept_session_is_tried_by_a_program_that_does_nothing(
    checkers: Checkers, setting: Setting, sandbox: FakeSandbox
) -> None:
    for _ in range(2):
        with checkers.session(setting):
            pass
    (session,) = sandbox.sessions
    assert (session.asked[-1], session.bounds_s[-1]) == (("/bin/true",), 120.0)


def test_closing_closes_what_is_kept_and_keeps_it_no_longer(
    checkers: Checkers, setting: Setting, sandbox: FakeSandbox
) -> None:
    with checkers.session(setting):
        pass
    checkers.close()
    assert sandbox.sessions[0].closed
    with checkers.session(setting) as another:
        assert another is not sandbox.sessions[0]


# --- the planted error --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blind", ["ruff check --isolated", "python -m mypy"])
def test_a_checker_that_does_not_find_the_planted_error_is_named_and_the_session_closed(
    blind: str, checkers: Checkers, setting: Setting, sandbox: FakeSandbox
) -> None:
    sandbox.answer = lambda command: Completed(code=0) if blind in _words(command) else answer(command)
    with pytest.raises(QTestError) as caught, checkers.session(setting):
        pass
    assert str(caught.value) == f"the compile gate is blind: {blind} did not find a planted error"
    assert sandbox.sessions[0].closed


def _words(command: Sequence[str]) -> str:
    return " ".join((Path(command[0]).name, *command[1:]))


def test_the_planted_error_is_none_that_a_compiler_finds(
    checkers: Checkers, setting: Setting, sandbox: FakeSandbox
) -> None:
    with checkers.session(setting):
        pass
    (session,) = sandbox.sessions
    compile(session.given[0], PLANTED, "exec")
    assert session.asked[0][-2] == PLANTED


# --- what they print ----------------------------------------------------------------------------------------------------


def found(done: Completed, path: str = "tests/test_m.py") -> list[Finding]:
    return list(findings_in(done, path))


def ruff(**item: object) -> Completed:
    return Completed(code=1, stdout=json.dumps([{"message": "no", **item}]))


def test_what_ended_well_has_no_findings() -> None:
    assert found(Completed(code=0, stdout="/tree/tests/test_m.py:3: error: no\n")) == []


@pytest.mark.parametrize(
    ("done", "finding"),
    [
        (ruff(code="F821", location={"row": 7}), Finding(text="F821: no", line=7)),
        (ruff(code=None, location={"row": 7}), Finding(text="syntax: no", line=7)),
        (ruff(code="F821"), Finding(text="F821: no")),
        (ruff(code="F821", location={}), Finding(text="F821: no")),
    ],
    ids=["rule", "syntax", "nowhere", "no row"],
)
def test_ruff_says_rule_message_and_line(done: Completed, finding: Finding) -> None:
    assert found(done) == [finding]


def test_mypy_says_each_error_of_the_file_wherever_it_stands() -> None:
    said = "tests/other.py:1: error: not ours\ntests/test_m.py:2: error: first\ntests/test_m.py:9: note: see\ntests/test_m.py:5: error: second\n"
    assert found(Completed(code=1, stdout=said)) == [Finding(text="first", line=2), Finding(text="second", line=5)]


def test_paths_may_be_relative_to_the_project_instead_of_the_tree() -> None:
    said = "tests/test_m.py:2: error: no\n"
    assert found(Completed(code=1, stdout=said), "services/shop/tests/test_m.py") == [Finding(text="no", line=2)]


TRACEBACK = (
    'Traceback (most recent call last):\n  File "/tree/tests/test_m.py", line 4\n    def (:\nSyntaxError: no\n \n'
)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_syntax_error_is_its_last_line_at_the_line_of_the_file(stream: str) -> None:
    done = Completed.model_validate({"code": 1, stream: TRACEBACK})
    assert found(done) == [Finding(text="SyntaxError: no", line=4)]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_an_error_counts_whichever_way_it_is_printed(stream: str) -> None:
    done = Completed.model_validate({"code": 1, stream: "tests/test_m.py:2: error: no\n"})
    assert found(done) == [Finding(text="no", line=2)]


def test_one_that_fails_without_a_place_says_its_last_line() -> None:
    assert found(Completed(code=2, stdout="usage: x\nno such option\n \n", stderr="other")) == [
        Finding(text="no such option")
    ]


def test_one_that_prints_nothing_says_the_last_line_of_its_errors() -> None:
    assert found(Completed(code=2, stdout=" \n", stderr="trouble\nno memory\n \n")) == [Finding(text="no memory")]


@pytest.mark.parametrize(
    ("done", "text"),
    [
        (Completed(limit="wall", stdout="so far"), "the check ended with its wall limit"),
        (Completed(code=0, limit="output", stdout="so far"), "the check ended with its output limit"),
        (Completed(signal=11, stderr="so far"), "the check ended with signal 11"),
        (Completed(code=3), "the check ended with code 3"),
    ],
)
def test_one_that_did_not_end_of_itself_says_how_it_ended(done: Completed, text: str) -> None:
    assert found(done) == [Finding(text=text)]


@pytest.mark.parametrize(
    "done",
    [
        Completed(code=2, stderr="x" * 400),
        Completed(code=1, stdout=f"tests/test_m.py:2: error: {'x' * 400}\n"),
        Completed(code=1, stderr=f'File "tests/test_m.py", line 2\n{"x" * 400}\n'),
    ],
    ids=["no place", "mypy", "syntax"],
)
def test_what_is_long_is_cut(done: Completed) -> None:
    assert [finding.text for finding in found(done)] == ["x" * 300]
