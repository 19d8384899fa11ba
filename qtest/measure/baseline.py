"""The project's own tests as they are: green three times or why not, what each covers and costs."""

from collections import Counter
from collections.abc import Iterator, Sequence

from qtest.ports import Sandbox, Toolchain, Workbench
from qtest.records.baseline import FileLines, ProjectBaseline, Setting, Suite, SuiteRun, TestCoverage

RUNS = 3
GOOD = ("passed", "xfailed", "xpassed")
LONGEST_S = 300.0  # a suite that takes longer is not run three times: it is told so


def measure(setting: Setting, toolchain: Toolchain, sandbox: Sandbox, workbench: Workbench) -> ProjectBaseline:
    """A project without tests is the ordinary case of an empty baseline. A red or flaky test is left aside, the others judge."""
    command = toolchain.command(setting, ())
    if not setting.project.test_paths:
        return ProjectBaseline(
            setting=setting, suite=Suite(project=setting.project.root, command=command, reason="there are no tests")
        )
    runs = list(_runs(setting, toolchain, sandbox))
    forward, turned = (
        _measured(setting, workbench) if runs[-1].complete else (SuiteRun(problem=runs[-1].problem), SuiteRun())
    )
    seen = [*runs, forward] if forward.complete else runs
    moving = _moving(seen)
    usable, unusable = _split([_collapsed(run, moving) for run in seen])
    measured, dependent = _lasting(_collapsed(forward, moving), _collapsed(turned, moving))
    suite = Suite(
        project=setting.project.root,
        command=command,
        runs=RUNS,
        green_runs=sum(run.green for run in runs),
        reason=_reason(runs, measured, unusable, [node for node in dependent if node in set(usable)]),
        usable=usable if measured.complete else (),
        unusable=unusable,
        measured=measured,
    )
    return ProjectBaseline(setting=setting, suite=suite)


def _runs(setting: Setting, toolchain: Toolchain, sandbox: Sandbox) -> Sequence[SuiteRun]:
    """Fresh processes with other hash seeds. One that does not end, or collects nothing, is not asked again."""
    found: list[SuiteRun] = []
    for number in range(RUNS):
        with sandbox.open(toolchain.spec(setting)) as session:
            command = toolchain.run(setting, files=setting.project.test_paths, hash_seed=number)
            found.append(toolchain.read(session.run(command, wall_s=LONGEST_S)))
        if not found[-1].complete:
            break
    return found


def _measured(setting: Setting, workbench: Workbench) -> tuple[SuiteRun, SuiteRun]:
    """Once as it is and once turned round, which tells what outlives the test that did it."""
    run = workbench.measure(setting, setting.project.test_paths)
    if not run.complete:
        return run, SuiteRun()
    return run, workbench.measure(setting, setting.project.test_paths, reverse=True)


def _lasting(forward: SuiteRun, turned: SuiteRun) -> tuple[SuiteRun, tuple[str, ...]]:
    """With the lines whose work outlives a test; and the tests that pass only after others: no fault, and the judge runs them after
    those. There every line may matter to a later test: what one leaves for another need not be seen in lines of the project."""
    good = {test.node for test in forward.tests if test.outcome in GOOD}
    dependent = tuple(test.node for test in turned.failing if test.node in good)
    told = SuiteRun() if dependent else turned
    return forward.model_copy(update={"lasting": lasting(forward, told)}), dependent


def lasting(run: SuiteRun, turned: SuiteRun) -> tuple[FileLines, ...]:
    """Lines that other tests execute when the order is turned round: the work of wide fixtures, memos, registries. All that tests
    execute, when the turned run tells nothing."""
    here, there = _tests_by_line(run), _tests_by_line(turned) if turned.complete else {}
    differing: dict[str, set[int]] = {}
    for path, line in here.keys() | there.keys():
        if here.get((path, line)) != there.get((path, line)):
            differing.setdefault(path, set()).add(line)
    return tuple(FileLines(path=path, lines=tuple(sorted(lines))) for path, lines in sorted(differing.items()))


def _tests_by_line(run: SuiteRun) -> dict[tuple[str, int], set[str]]:
    found: dict[tuple[str, int], set[str]] = {}
    for test in run.tests:
        for file in test.lines:
            for line in file.lines:
                found.setdefault((file.path, line), set()).add(test.node)
    return found


def _split(runs: Sequence[SuiteRun]) -> tuple[tuple[str, ...], tuple[TestCoverage, ...]]:
    """Nodes that passed every time, in the suite's order; and the last word on each that did not, failures first."""
    seen: dict[str, list[TestCoverage]] = {}
    for run in runs:
        for node, test in {test.node: test for test in run.tests}.items():  # a name that two tests share has one result
            seen.setdefault(node, []).append(test)
    usable = tuple(
        node for node, tests in seen.items() if len(tests) == len(runs) and all(test.outcome in GOOD for test in tests)
    )
    bad = [_worst(tests, len(runs)) for node, tests in seen.items() if node not in set(usable)]
    bad = [test for test in bad if test.outcome != "skipped"]
    return usable, tuple(sorted(bad, key=lambda test: test.outcome in GOOD))


def _worst(tests: Sequence[TestCoverage], runs: int) -> TestCoverage:
    found = next((test for test in tests if test.outcome not in GOOD), tests[-1])
    absent = {"reason": "it is not there in every run"} if found.outcome in GOOD and len(tests) < runs else {}
    return found.model_copy(update={"lines": (), **absent})


def _moving(runs: Sequence[SuiteRun]) -> frozenset[str]:
    """Functions whose parametrized tests have other names in other processes, and nothing else against them: parameters that come from
    a set are numbered by its order, which follows the hash seed, and addresses too. As many tests in every run, and none fails."""
    counts = [Counter(_function(test.node) for test in run.tests) for run in runs]
    failing = {_function(test.node) for run in runs for test in run.tests if test.outcome not in (*GOOD, "skipped")}
    names = [{test.node for test in run.tests} for run in runs]
    restless = {_function(node) for node in set().union(*names) - names[0].intersection(*names)}
    return frozenset(
        name
        for name in restless - failing
        if all(count[name] == counts[0][name] for count in counts) and counts[0][name]
    )


def _collapsed(run: SuiteRun, moving: frozenset[str]) -> SuiteRun:
    """Each of these functions as one test, which the judge takes for all of its own."""
    if not moving:
        return run
    groups: dict[str, list[TestCoverage]] = {}
    for test in run.tests:
        name = _function(test.node)
        groups.setdefault(name if name in moving else test.node, []).append(test)
    return run.model_copy(
        update={"tests": tuple(_as_one(name, tests) if name in moving else tests[0] for name, tests in groups.items())}
    )


def _as_one(name: str, tests: Sequence[TestCoverage]) -> TestCoverage:
    lines: dict[str, set[int]] = {}
    for test in tests:
        for file in test.lines:
            lines.setdefault(file.path, set()).update(file.lines)
    worst = next((test for test in tests if test.outcome not in (*GOOD, "skipped")), None)
    best = next((test for test in tests if test.outcome in GOOD), tests[0])
    return (worst or best).model_copy(
        update={
            "node": name,
            "wall_s": sum(test.wall_s for test in tests),
            "cpu_s": sum(test.cpu_s for test in tests),
            "lines": tuple(FileLines(path=path, lines=tuple(sorted(lines[path]))) for path in sorted(lines)),
            "spawns": any(test.spawns for test in tests),
        }
    )


def _function(node: str) -> str:
    return node.partition("[")[0]


def _reason(
    runs: Sequence[SuiteRun], measured: SuiteRun, unusable: Sequence[TestCoverage], dependent: Sequence[str]
) -> str:
    broken = next((run.problem for run in (*runs, measured) if not run.complete), "")
    if broken:
        return broken
    return "; ".join((*_uncollected(runs), *_left_aside(unusable), *_in_order(dependent)))


def _uncollected(runs: Sequence[SuiteRun]) -> Iterator[str]:
    found = tuple(dict.fromkeys(text for run in runs for text in run.uncollected))
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        yield f"left aside, as it cannot be collected: {found[0]}{more}"


def _left_aside(unusable: Sequence[TestCoverage]) -> Iterator[str]:
    if unusable:
        first = unusable[0]
        yield f"{len(unusable)} of its tests fail or are flaky and are left aside, {first.node} first: {first.reason or first.outcome}"


def _in_order(dependent: Sequence[str]) -> Iterator[str]:
    if dependent:
        more = f" and {len(dependent) - 1} more" if len(dependent) > 1 else ""
        yield f"its tests depend on their order: turned round, {dependent[0]}{more} would fail"
