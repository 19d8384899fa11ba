"""What the compile gate says of a file, by what its checkers print."""

import json
import time
from collections.abc import Sequence
from dataclasses import FrozenInstanceError

import pytest

from gates import Checkers, CompileGate
from qtest.errors import QTestError
from qtest.fakes import FakeSandbox
from qtest.languages.python.toolchain import PythonToolchain
from qtest.records.baseline import Setting
from qtest.records.file import TestFile
from qtest.records.outcome import Finding
from qtest.records.sandbox import Completed

FOUND = Completed(
    code=1, stdout=json.dumps([{"code": "F821", "message": "undefined name", "location": {"row": 2}}]), cpu_s=0.25
)
CLEAN = Completed(code=0, cpu_s=0.5)


def sandboxed(on_file: Completed, on_planted: Completed = FOUND) -> FakeSandbox:
    """The compiler takes everything; the other checkers say of our file and of the planted one what is given."""

    def answer(command: Sequence[str]) -> Completed:
        if command[0] == "/bin/sh":
            return Completed(code=0)
        if "-c" in command:
            return CLEAN
        return on_planted if "planted" in command[-1] else on_file

    return FakeSandbox(answer)


def gate(sandbox: FakeSandbox, setting: Setting) -> CompileGate:
    return CompileGate(Checkers(sandbox, PythonToolchain()), setting)


def test_it_has_a_name_and_cannot_be_changed(setting: Setting) -> None:
    one = gate(sandboxed(CLEAN), setting)
    assert one.name == "compile"
    with pytest.raises(FrozenInstanceError):
        one.setting = setting  # type: ignore[misc]


def test_a_clean_file_passes(setting: Setting, file: TestFile) -> None:
    report = gate(sandboxed(CLEAN), setting).check(file)
    assert (report.gate, report.result, report.findings) == ("compile", "passed", ())


def test_a_finding_has_its_line(setting: Setting, file: TestFile) -> None:
    report = gate(sandboxed(FOUND), setting).check(file)
    assert (report.result, report.findings) == ("failed", (Finding(text="F821: undefined name", line=2),))


def test_what_is_wrong_in_the_lines_of_a_host_is_its_own_affair(setting: Setting, file: TestFile) -> None:
    theirs = "def test_of_theirs(): ...\n"
    tests = tuple(test.model_copy(update={"line": test.line + 2, "end_line": test.end_line + 2}) for test in file.tests)
    update = {"host": theirs * 2, "text": theirs * 2 + file.text, "tests": tests}
    assert gate(sandboxed(FOUND), setting).check(file.model_copy(update=update)).findings == ()


@pytest.mark.parametrize(
    "ended",
    [
        Completed(code=2, stderr="it crashed"),
        Completed(limit="wall"),
        Completed(signal=9),
        Completed(code=1, stdout="x"),
        Completed(code=1, stdout="3"),
        Completed(code=1),
    ],
    ids=["crash", "hang", "signal", "noise", "noise that is JSON", "silence"],
)
def test_a_checker_that_breaks_never_lets_a_file_pass(ended: Completed, setting: Setting, file: TestFile) -> None:
    assert gate(sandboxed(ended), setting).check(file).result == "failed"


def test_a_blind_checker_is_found_out_by_a_planted_error(setting: Setting, file: TestFile) -> None:
    with pytest.raises(QTestError, match="blind"):
        gate(sandboxed(CLEAN, on_planted=CLEAN), setting).check(file)


def test_the_checkers_see_the_text_that_is_judged(setting: Setting, file: TestFile) -> None:
    sandbox = sandboxed(CLEAN)
    gate(sandbox, setting).check(file)
    assert file.text.encode() in sandbox.sessions[0].given


def test_the_cpu_of_all_checkers_of_the_file_is_told(setting: Setting, file: TestFile) -> None:
    assert gate(sandboxed(CLEAN), setting).check(file).cpu_s == 3 * CLEAN.cpu_s


def test_after_a_finding_no_further_checker_is_asked(setting: Setting, file: TestFile) -> None:
    assert gate(sandboxed(FOUND), setting).check(file).cpu_s == CLEAN.cpu_s + FOUND.cpu_s


def test_the_time_it_took_is_told(setting: Setting, file: TestFile) -> None:
    started = time.monotonic()
    report = gate(sandboxed(CLEAN), setting).check(file)
    assert 0 < report.wall_s <= time.monotonic() - started


def test_no_checker_is_waited_for_longer_than_two_minutes(setting: Setting, file: TestFile) -> None:
    sandbox = sandboxed(CLEAN)
    gate(sandbox, setting).check(file)
    (session,) = sandbox.sessions
    checks = [s for asked, s in zip(session.asked, session.bounds_s, strict=True) if asked[0] != "/bin/sh"]
    assert checks == [120.0] * 5  # two on the planted error, three on the file
