"""What `qtest verify` does to one shipped file: runs its tests on the code as it is, and asks them again about their recorded mutants."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qtest.config import MutationSettings
from qtest.errand import sent
from qtest.errors import ControlFailed
from qtest.languages.python.testfile import written_tests
from qtest.mutation.again import Again, Missing, again
from qtest.mutation.batches import even
from qtest.mutation.executed import ExecutedOrder, executed
from qtest.mutation.judge import Case, judge
from qtest.mutation.plan import reach
from qtest.ports import Executor
from qtest.records.baseline import Setting, SuiteRun
from qtest.records.file import WrittenFile
from qtest.records.mutant import Inconclusive, Killed, MutantResult, NoCoverage, Refused, Survived, TimedOut
from qtest.records.proof import ProvenFile, ProvenKill, ProvenTest
from qtest.records.verified import CheckedKill, CheckedTest, TestStatus


@dataclass(frozen=True)
class Standing:
    """A proven file beside what stands today: the text of the tests, None where the file is gone, and of the mutated files by path, but for
    those that are gone."""

    proof: ProvenFile
    tests: str | None
    sources: Mapping[str, str]


@dataclass(frozen=True)
class Ran:
    """The tests as they are: by function, why it is red, empty when it is not. `flaky` passed one of two times."""

    red: Mapping[str, str] = field(default_factory=dict)
    flaky: frozenset[str] = frozenset()
    run: SuiteRun = field(default_factory=SuiteRun)


def verify(
    standing: Standing, setting: Setting, executor: Executor, settings: MutationSettings
) -> tuple[CheckedTest, ...]:
    """In the order of the proof. Raises QTestError when the machinery breaks."""
    proof = standing.proof
    if standing.tests is None:
        return tuple(_checked(proof, test, "deleted", f"{proof.path} is gone") for test in proof.tests)
    names = current_names(proof, standing.tests)
    if not names:
        return tuple(_checked(proof, test, "deleted", "it stands in the file no more") for test in proof.tests)
    laid = setting.model_copy(update={"written": (WrittenFile(path=proof.path, text=standing.tests),)})
    ran = run_twice(laid, proof.path, executor)
    found = mutants_again(standing)
    results = _judged(standing, laid, found, ran, executor, settings) if found.found else {}
    return tuple(_one(proof, test, names.get(test.name), ran, found, results) for test in proof.tests)


def current_names(proof: ProvenFile, text: str) -> dict[str, str]:
    """From the recorded name of a test to the one it has in the file: a person may have renamed it. Without those that are gone."""
    try:
        there = written_tests(text)
    except SyntaxError:
        return {test.name: test.name for test in proof.tests}  # red, and pytest says why
    by_digest = {test.digest: test.name for test in there.values()}
    found = {test.name: test.name if test.name in there else by_digest.get(test.text_digest) for test in proof.tests}
    return {old: new for old, new in found.items() if new is not None}


def run_twice(setting: Setting, path: str, executor: Executor) -> Ran:
    """A test that fails is run again before it is said: one that then passes is flaky."""
    order = ExecutedOrder(setting=setting, files=(path,))
    first = sent(executor, executed, order)
    red = failing(first, path)
    if not red:
        return Ran(run=first)
    again = failing(sent(executor, executed, order), path)
    flaky = frozenset(name for name in red if name not in again and "" not in again)
    return Ran(red, flaky, first)


def failing(run: SuiteRun, path: str) -> dict[str, str]:
    """By function the reason; under the empty name that of a file that could not be run at all."""
    if not run.tests:
        return {"": next(iter(run.uncollected), run.problem) or "pytest finds no test in it"}
    bad: dict[str, str] = {}
    for test in run.tests:
        if test.outcome != "passed":
            bad.setdefault(function_of(test.node, path), test.reason or test.outcome)
    return bad


def function_of(node: str, path: str) -> str:
    return node.removeprefix(f"{path}::").partition("[")[0]


def mutants_again(standing: Standing) -> Again:
    """Of all its tests."""
    kills: dict[str, list[ProvenKill]] = {}
    for test in standing.proof.tests:
        for kill in test.kills:
            kills.setdefault(kill.path, []).append(kill)
    return sum((_again_in(path, of_path, standing) for path, of_path in kills.items()), Again({}, {}))


def _again_in(path: str, kills: Sequence[ProvenKill], standing: Standing) -> Again:
    text = standing.sources.get(path)
    if text is None:
        return Again({}, {kill.mutant: Missing(True, f"{path} is gone") for kill in kills})
    try:
        return again(kills, text, path, kills[0].symbol.partition(":")[0], standing.proof.language)
    except SyntaxError:
        return Again({}, {kill.mutant: Missing(False, f"{path} cannot be read as code") for kill in kills})


def _judged(
    standing: Standing, setting: Setting, found: Again, ran: Ran, executor: Executor, settings: MutationSettings
) -> dict[str, MutantResult]:
    """By the mutant's id of today."""
    own = set(current_names(standing.proof, standing.tests or "").values())
    passed = [test.node for test in ran.run.tests if test.outcome == "passed"]
    usable = [node for node in passed if not standing.proof.shared or function_of(node, standing.proof.path) in own]
    case = Case(
        setting=setting,
        suite="generated",
        texts=standing.sources,
        reach=reach(ran.run, usable),
        limits=settings.limits,
        file=standing.proof.path,
        file_text=standing.tests or "",
        matrix=True,
        split=even(settings.batch),
    )
    mutants = list({mutant.id: mutant for mutant in (*found.controls, *found.found.values())}.values())
    try:
        judgement = judge(case, mutants, executor)
    except ControlFailed as error:
        return {mutant.id: Inconclusive(reason=str(error)) for mutant in mutants}
    return {verdict.mutant.id: verdict.result for verdict in judgement.verdicts}


def _one(
    proof: ProvenFile,
    test: ProvenTest,
    name: str | None,
    ran: Ran,
    found: Again,
    results: Mapping[str, MutantResult],
) -> CheckedTest:
    if name is None:
        return _checked(proof, test, "deleted", "it stands in the file no more")
    reason = ran.red.get(name) or ran.red.get("")
    if reason:
        return _checked(
            proof, test, "red", f"flaky, it passed when run again: {reason}" if name in ran.flaky else reason
        )
    kills = tuple(_kill(proof, kill, name, found, results) for kill in test.kills)
    status, why = _status(kills)
    return _checked(proof, test, status, why, kills)


def _status(kills: Sequence[CheckedKill]) -> tuple[TestStatus, str]:
    lost = [kill for kill in kills if kill.status == "lost"]
    if lost:
        return "lost its kill", f"{len(lost)} of {len(kills)}: {lost[0].why}"
    if any(kill.status == "killed" for kill in kills):
        return "proven", ""
    if kills and all(kill.status == "gone" for kill in kills):
        return "its code is gone", kills[0].why
    return "unclear", next((kill.why for kill in kills if kill.status == "unclear"), "it has no recorded kill")


def _kill(
    proof: ProvenFile, kill: ProvenKill, name: str, found: Again, results: Mapping[str, MutantResult]
) -> CheckedKill:
    told = CheckedKill(
        mutant=kill.mutant, path=kill.path, symbol=kill.symbol, line=kill.line, diff=kill.diff, status="killed"
    )
    missing = found.missing.get(kill.mutant)
    if missing:
        return told.model_copy(update={"status": "gone" if missing.gone else "unclear", "why": missing.why})
    mutant = found.found[kill.mutant]
    status, why = _ended(results.get(mutant.id), name, proof.path)
    return told.model_copy(update={"line": mutant.line, "symbol": mutant.symbol, "status": status, "why": why})


def _ended(result: MutantResult | None, name: str, path: str) -> tuple[str, str]:
    match result:
        case Killed(by=by):
            killers = _functions(by, path)
            if name in killers or path in by:
                return "killed", ""
            return "lost", f"it passes on the mutant, which {', '.join(killers)} kills"
        case Survived():
            return "lost", "it passes on the mutant"
        case NoCoverage():
            return "lost", "it does not execute the mutated statement any more"
        case TimedOut(limit=limit):
            return "unclear", f"the mutant hit the {limit} limit, which is no kill"
        case Inconclusive(reason=reason) | Refused(message=reason):
            return "unclear", reason
        case None:
            return "unclear", "the edit compiles to what is there"


def _functions(nodes: Iterable[str], path: str) -> list[str]:
    return list(dict.fromkeys(function_of(node, path) for node in nodes))


def _checked(
    proof: ProvenFile, test: ProvenTest, status: TestStatus, why: str = "", kills: tuple[CheckedKill, ...] = ()
) -> CheckedTest:
    return CheckedTest(file=proof.path, name=test.name, target=test.target, status=status, why=why, kills=kills)
