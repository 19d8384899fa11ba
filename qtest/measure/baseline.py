"""The project's own tests as they are: green three times or why not, what each covers and costs."""

from collections.abc import Iterator, Sequence

from qtest.ports import Sandbox, Toolchain, Workbench
from qtest.records.baseline import FileLines, ProjectBaseline, Setting, Suite, SuiteRun, TestCoverage

RUNS = 3
LONGEST_S = 300.0  # a suite that takes longer is not run three times: it is told so


def measure(setting: Setting, toolchain: Toolchain, sandbox: Sandbox, workbench: Workbench) -> ProjectBaseline:
    """A project without tests is the ordinary case of an empty baseline. A red or flaky test is left aside, the others judge."""
    command = toolchain.command(setting, ())
    if not setting.project.test_paths:
        return ProjectBaseline(
            setting=setting, suite=Suite(project=setting.project.root, command=command, reason="there are no tests")
        )
    runs = list(_runs(setting, toolchain, sandbox))
    measured = _measured(setting, workbench) if runs[-1].complete else SuiteRun(problem=runs[-1].problem)
    usable, unusable = _split((*runs, measured) if measured.complete else runs)
    suite = Suite(
        project=setting.project.root,
        command=command,
        runs=RUNS,
        green_runs=sum(run.green for run in runs),
        reason=_reason(runs, measured, unusable),
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


def _measured(setting: Setting, workbench: Workbench) -> SuiteRun:
    """Once as it is and once turned round, which tells what outlives the test that did it."""
    run = workbench.measure(setting, setting.project.test_paths)
    if not run.complete:
        return run
    turned = workbench.measure(setting, setting.project.test_paths, reverse=True)
    return run.model_copy(update={"lasting": lasting(run, turned)})


def lasting(run: SuiteRun, turned: SuiteRun) -> tuple[FileLines, ...]:
    """Lines that other tests execute when the order is turned round: the work of wide fixtures, memos, registries. All that tests
    execute, when the turned run did not come to its end, or a test fails in it that passes as the order is: then one lives on what
    another left."""
    turns = turned.complete and {test.node for test in turned.failing} <= {test.node for test in run.failing}
    here, there = _tests_by_line(run), _tests_by_line(turned) if turns else {}
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
    """Nodes that passed every time, in the suite's order; and the last word on each that did not.

    A name that comes of a set's order is another under another hash seed. The first run and the last, after which mutants are judged,
    have the same seed: a node must be in both, and pass wherever it is.
    """
    good = ("passed", "xfailed", "xpassed")
    seen: dict[str, list[TestCoverage]] = {}
    for run in runs:
        for test in run.tests:
            seen.setdefault(test.node, []).append(test)
    in_both = {test.node for test in runs[0].tests} & {test.node for test in runs[-1].tests}
    usable = tuple(
        node for node, tests in seen.items() if node in in_both and all(test.outcome in good for test in tests)
    )
    bad = [
        next((test for test in tests if test.outcome not in good), tests[-1])
        for node, tests in seen.items()
        if node not in set(usable) and not all(test.outcome in good for test in tests)
    ]
    return usable, tuple(test.model_copy(update={"lines": ()}) for test in bad if test.outcome != "skipped")


def _reason(runs: Sequence[SuiteRun], measured: SuiteRun, unusable: Sequence[TestCoverage]) -> str:
    broken = next((run.problem for run in (*runs, measured) if not run.complete), "")
    if broken:
        return broken
    return "; ".join((*_uncollected(runs), *_left_aside(unusable)))


def _uncollected(runs: Sequence[SuiteRun]) -> Iterator[str]:
    found = tuple(dict.fromkeys(text for run in runs for text in run.uncollected))
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        yield f"left aside, as it cannot be collected: {found[0]}{more}"


def _left_aside(unusable: Sequence[TestCoverage]) -> Iterator[str]:
    if unusable:
        first = unusable[0]
        yield f"{len(unusable)} of its tests fail or are flaky and are left aside, {first.node} first: {first.reason or first.outcome}"
