"""What the runtime gate says of a file, by how its tests end in one way of running or another."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import FrozenInstanceError

import pytest

from gates import RuntimeGate
from qtest.config import RuntimeSettings
from qtest.fakes import FakeSandbox
from qtest.languages.python.toolchain import PythonToolchain
from qtest.records.baseline import Setting
from qtest.records.file import TestFile
from qtest.records.outcome import Finding, GateReport
from qtest.records.sandbox import Completed

A, B = "tests/test_m.py::test_a", "tests/test_m.py::test_b"
Way = dict[str, object]
Outcomes = Callable[[Way], dict[str, str]]
Ran = Callable[..., GateReport]
REASON = "boom"


class Runs:
    """A gate whose tests end as `outcomes` says: under the given shuffle, hash seed, zone and nodes. Each run takes half a second of CPU."""

    def __init__(self, setting: Setting, outcomes: Outcomes, runs: int = 3) -> None:
        self.outcomes = outcomes
        self.ways: list[Way] = []
        self.sandbox = FakeSandbox(self._answer)
        self.gate = RuntimeGate(self.sandbox, PythonToolchain(), setting, RuntimeSettings(runs=runs))

    @property
    def alone(self) -> list[tuple[object, object]]:
        """Seed and zone of the runs of one test by itself."""
        return [(way["seed"], way["zone"]) for way in self.ways if way["nodes"]]

    def _answer(self, command: Sequence[str]) -> Completed:
        if command[0] == "/bin/sh":
            return Completed(code=0)
        way = json.loads(command[-1])
        way["seed"] = command[1].partition("=")[2]
        way["zone"] = command[2].partition("=")[2]
        self.ways.append(way)
        told = {node: what for node, what in self.outcomes(way).items() if not way["nodes"] or node in way["nodes"]}
        tests = [
            {"node": node, "outcome": what, "reason": REASON if what == "failed" else ""} for node, what in told.items()
        ]
        return Completed(code=0, stdout=json.dumps({"tests": tests, "complete": True, "cpu_s": 0.5}))


def failing(when: Callable[[Way], bool]) -> Outcomes:
    return lambda way: {A: "failed" if when(way) else "passed", B: "passed"}


GREEN = failing(lambda way: False)


def test_it_has_a_name_and_cannot_be_changed(setting: Setting) -> None:
    gate = Runs(setting, GREEN).gate
    assert gate.name == "runtime"
    with pytest.raises(FrozenInstanceError):
        gate.setting = setting  # type: ignore[misc]


def test_a_file_that_always_passes_is_run_three_times_in_different_ways(setting: Setting, file: TestFile) -> None:
    runs = Runs(setting, GREEN)
    report = runs.gate.check(file)
    assert (report.gate, report.result, report.findings) == ("runtime", "passed", ())
    assert len({(way["shuffle"], way["seed"]) for way in runs.ways}) == len(runs.ways) == 3
    assert {way["zone"] for way in runs.ways} == {"UTC", "Asia/Kolkata", "America/Los_Angeles"}


def test_each_run_is_of_that_file_in_a_session_of_its_own(setting: Setting, file: TestFile) -> None:
    runs = Runs(setting, GREEN)
    runs.gate.check(file)
    assert [way["files"] for way in runs.ways] == [[file.path]] * 3
    assert [session.given for session in runs.sandbox.sessions] == [[file.text.encode(), b""]] * 3
    assert [spec.overlaid for spec in runs.sandbox.specs] == [("/tree",)] * 3


def test_what_is_run_alone_is_laid_into_the_settings_sandbox_too(setting: Setting, file: TestFile) -> None:
    runs = Runs(setting, failing(lambda way: True))
    runs.gate.check(file)
    assert runs.sandbox.sessions[-1].given == [file.text.encode(), b""]
    assert runs.sandbox.specs[-1].overlaid == ("/tree",)


def test_no_run_is_waited_for_longer_than_two_minutes(setting: Setting, file: TestFile) -> None:
    runs = Runs(setting, failing(lambda way: True))
    runs.gate.check(file)
    assert [session.bounds_s for session in runs.sandbox.sessions] == [[None, 120.0]] * 4


def test_the_time_and_the_cpu_of_the_runs_are_told(setting: Setting, file: TestFile) -> None:
    started = time.monotonic()
    report = Runs(setting, GREEN).gate.check(file)
    assert 0 < report.wall_s <= time.monotonic() - started
    assert report.cpu_s == 1.5


@pytest.mark.parametrize("lacking", [1, 2, 3])
def test_a_test_that_one_run_does_not_find_is_wrong(lacking: int, setting: Setting, file: TestFile) -> None:
    runs = Runs(setting, lambda way: {A: "passed"} if way["seed"] == str(lacking) else {A: "passed", B: "passed"})
    report = runs.gate.check(file)
    assert report.result == "failed"
    assert report.findings == (Finding(text="pytest does not find it", node=B, cause="wrong"),)


def test_a_test_that_is_always_skipped_is_wrong_also_alone(setting: Setting, file: TestFile) -> None:
    report = Runs(setting, lambda way: {A: "skipped", B: "passed"}).gate.check(file)
    assert report.findings == (Finding(text="fails on the code as it is: ", node=A, cause="wrong"),)


def test_a_test_of_the_hosts_that_suffers_is_told_and_one_in_a_file_of_ours_is_not(
    setting: Setting, file: TestFile
) -> None:
    other = f"{file.path}::test_of_theirs"
    runs = Runs(setting, lambda way: {A: "passed", B: "passed", other: "failed"})
    report = runs.gate.check(file.model_copy(update={"host": "def test_of_theirs(): ...\n"}))
    assert report.findings == (Finding(text=f"{other} does not pass beside the new ones", node=other),)
    assert Runs(setting, lambda way: {A: "passed", B: "passed", other: "failed"}).gate.check(file).result == "passed"


@pytest.mark.parametrize(("ended", "result"), [("error", "failed"), ("skipped", "passed"), ("passed", "passed")])
def test_a_test_of_the_hosts_suffers_by_an_error_too_and_not_by_being_skipped(
    setting: Setting, file: TestFile, ended: str, result: str
) -> None:
    runs = Runs(setting, lambda way: {A: "passed", B: "passed", f"{file.path}::test_of_theirs": ended})
    assert runs.gate.check(file.model_copy(update={"host": "def test_of_theirs(): ...\n"})).result == result


def test_a_test_of_ours_that_fails_in_a_host_is_not_called_one_of_the_hosts(setting: Setting, file: TestFile) -> None:
    runs = Runs(setting, failing(lambda way: True))
    (finding,) = runs.gate.check(file.model_copy(update={"host": "x = 1\n"})).findings
    assert finding == Finding(text=f"fails on the code as it is: {REASON}", node=A, cause="wrong")


# --- why it fails -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fails", "finding"),
    [
        (lambda way: True, Finding(text="fails on the code as it is: boom", node=A, cause="wrong")),
        (
            lambda way: not way["nodes"],
            Finding(text="fails beside the others, passes alone: boom", node=A, cause="shared state"),
        ),
        (lambda way: way["seed"] == "2", Finding(text="passed 2 of 3 times: boom", node=A, cause="hash seed")),
        (lambda way: way["zone"] == "Asia/Kolkata", Finding(text="passed 2 of 3 times: boom", node=A, cause="time")),
        (lambda way: way["zone"] == "UTC", Finding(text="passed 2 of 3 times: boom", node=A, cause="time")),
        (lambda way: way["shuffle"] in (1, 2), Finding(text="passed 1 of 3 times: boom", node=A, cause="order")),
    ],
)
def test_the_cause_of_a_failure_is_found_by_changing_one_thing(
    fails: Callable[[Way], bool], finding: Finding, setting: Setting, file: TestFile
) -> None:
    report = Runs(setting, failing(fails)).gate.check(file)
    assert (report.result, report.findings) == ("failed", (finding,))


@pytest.mark.parametrize("seed", ["1", "2", "3", "4", "5"])
def test_every_hash_seed_that_it_ran_with_is_tried_by_itself(seed: str, setting: Setting, file: TestFile) -> None:
    report = Runs(setting, failing(lambda way: way["seed"] == seed), runs=5).gate.check(file)
    assert [finding.cause for finding in report.findings] == ["hash seed"]


def test_what_fails_always_is_run_once_more_alone_in_the_plainest_way(setting: Setting, file: TestFile) -> None:
    runs = Runs(setting, failing(lambda way: True))
    runs.gate.check(file)
    assert runs.alone == [("0", "UTC")]


def test_what_fails_sometimes_is_tried_under_each_seed_in_one_zone_and_each_zone_under_one_seed(
    setting: Setting, file: TestFile
) -> None:
    runs = Runs(setting, failing(lambda way: way["shuffle"] == 1))
    runs.gate.check(file)
    seeds = [(str(seed), "UTC") for seed in range(4)]
    assert runs.alone == [*seeds, ("0", "UTC"), ("0", "Asia/Kolkata"), ("0", "America/Los_Angeles")]


def test_a_failure_without_a_reason_is_told_all_the_same(setting: Setting, file: TestFile) -> None:
    runs = Runs(setting, lambda way: {A: "skipped" if way["shuffle"] == 0 else "passed", B: "passed"})
    assert [finding.text for finding in runs.gate.check(file).findings] == ["passed 2 of 3 times: "]


def test_a_long_reason_is_cut(setting: Setting, file: TestFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "REASON", "x" * 400)
    (finding,) = Runs(setting, failing(lambda way: True)).gate.check(file).findings
    assert finding.text == f"fails on the code as it is: {'x' * 400}"[:300]


# --- a project in a folder of the tree ----------------------------------------------------------------------------------


def test_a_project_below_the_top_of_the_tree_names_its_tests_from_its_own_folder(
    setting: Setting, file: TestFile
) -> None:
    below = setting.model_copy(update={"project": setting.project.model_copy(update={"root": "lib"})})
    runs = Runs(below, failing(lambda way: True))
    report = runs.gate.check(file.model_copy(update={"path": f"lib/{file.path}"}))
    assert [finding.node for finding in report.findings] == [f"lib/{A}"]
    assert [way["nodes"] for way in runs.ways] == [[], [], [], [A]]


# --- runs that break ----------------------------------------------------------------------------------------------------


def ended(setting: Setting, file: TestFile, *ends: Completed) -> tuple[Finding, ...]:
    """What is found when a run in the first zone ends so, in the second so, in the third so."""
    by_zone = dict(zip(("UTC", "Asia/Kolkata", "America/Los_Angeles"), ends, strict=True))

    def answer(command: Sequence[str]) -> Completed:
        return Completed(code=0) if command[0] == "/bin/sh" else by_zone[command[2].partition("=")[2]]

    report = RuntimeGate(FakeSandbox(answer), PythonToolchain(), setting, RuntimeSettings()).check(file)
    assert report.result == ("failed" if report.findings else "passed")
    return report.findings


def record(**more: object) -> Completed:
    return Completed(
        code=0, stdout=json.dumps({"tests": [{"node": node, "outcome": "passed"} for node in (A, B)], **more})
    )


WHOLE = record(complete=True)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_run_that_does_not_come_to_its_end_is_a_finding_with_the_reason(
    which: int, setting: Setting, file: TestFile
) -> None:
    ends = [WHOLE, WHOLE, WHOLE]
    ends[which] = Completed(limit="wall", wall_s=9)
    text = "the file could not be run: it did not end within 9 s"
    assert ended(setting, file, *ends) == (Finding(text=text, cause="unknown"),)


def test_a_run_that_does_not_say_it_is_complete_does_not_pass(setting: Setting, file: TestFile) -> None:
    assert ended(setting, file, WHOLE, record(), WHOLE)


@pytest.mark.parametrize("alone", [Completed(limit="wall"), record()], ids=["hang", "no end"])
def test_a_run_alone_that_does_not_come_to_its_end_is_no_pass(
    alone: Completed, setting: Setting, file: TestFile
) -> None:
    together = WHOLE.model_copy(update={"stdout": WHOLE.stdout.replace("passed", "failed", 1)})

    def answer(command: Sequence[str]) -> Completed:
        if command[0] == "/bin/sh":
            return Completed(code=0)
        return alone if json.loads(command[-1])["nodes"] else together

    report = RuntimeGate(FakeSandbox(answer), PythonToolchain(), setting, RuntimeSettings()).check(file)
    assert [(finding.node, finding.cause) for finding in report.findings] == [(A, "wrong")]
