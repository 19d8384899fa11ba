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
    measured, turned = (
        _measured(setting, workbench) if runs[-1].complete else (SuiteRun(problem=runs[-1].problem), SuiteRun())
    )
    usable, unusable = _split((*runs, measured) if measured.complete else runs)
    suite = Suite(
        project=setting.project.root,
        command=command,
        runs=RUNS,
        green_runs=sum(run.green for run in runs),
        reason=_reason(runs, measured, unusable, _fails(turned, usable)),
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
    turned = workbench.measure(setting, setting.project.test_paths, reverse=True)
    good = [test.node for test in run.tests if test.outcome in GOOD]
    told = SuiteRun() if _fails(turned, good) else turned  # what one test leaves for another need not be lines of the project
    return run.model_copy(update={"lasting": lasting(run, told)}), turned


def _fails(turned: SuiteRun, usable: Sequence[str]) -> tuple[str, ...]:
    """Tests that pass only after others: no fault, but worth a word. The judge runs them after those."""
    known = set(usable)
    return tuple(test.node for test in turned.failing if test.node in known)


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
    """Nodes that passed every time, in the suite's order; and the last word on each that did not."""
    seen: dict[str, list[TestCoverage]] = {}
    for run in runs:
        for node, test in {test.node: test for test in run.tests}.items():  # a name that two tests share has one result
            seen.setdefault(node, []).append(test)
    renamed = _renamed(runs)
    usable = tuple(
        node
        for node, tests in seen.items()
        if all(test.outcome in GOOD for test in tests) and (len(tests) == len(runs) or node in renamed)
    )
    functions = {_function(node) for node in renamed}
    bad = [
        _worst(tests, len(runs))
        for node, tests in seen.items()
        if node not in set(usable) and _function(node) not in functions
    ]
    bad = [test for test in bad if test.outcome != "skipped"]
    return usable, tuple(sorted(bad, key=lambda test: test.outcome in GOOD))


def _worst(tests: Sequence[TestCoverage], runs: int) -> TestCoverage:
    found = next((test for test in tests if test.outcome not in GOOD), tests[-1])
    absent = {"reason": "it is not there in every run"} if found.outcome in GOOD and len(tests) < runs else {}
    return found.model_copy(update={"lines": (), **absent})


def _renamed(runs: Sequence[SuiteRun]) -> frozenset[str]:
    """Nodes that are not in every run, and yet as good as those that are: parameters that come from a set are numbered by the hash
    seed. The function has as many tests in every run, none fails, and the seed that mutants are judged under, which the first run
    and the last have, gives the same names."""
    counts = [Counter(_function(test.node) for test in run.tests) for run in runs]
    failing = {_function(test.node) for run in runs for test in run.tests if test.outcome not in (*GOOD, "skipped")}
    same = {test.node for test in runs[0].tests} & {test.node for test in runs[-1].tests}
    steady = {
        name
        for name, count in Counter(map(_function, same)).items()
        if name not in failing and all(other[name] == count for other in counts)
    }
    return frozenset(node for node in same if _function(node) in steady)


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
