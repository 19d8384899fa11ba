"""The end of `qtest mutate` on the terminal: one sentence, a table, what lives, and how far it may be trusted."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qtest.mutation.score import Score, score
from qtest.records.mutant import NoCoverage, Survived, Verdict
from qtest.records.mutation import MutationReport
from qtest.report.text import visible

_SHOWN = 10  # survivors


def show(report: MutationReport, console: Console) -> None:
    if report.unsafe:
        console.print(
            Text(
                "NO SANDBOX: the target's code ran unprotected (--unsafe-no-sandbox); it could have forged any verdict",
                style="bold red",
            )
        )
    console.print(Text(visible(first_line(report)), style="bold"))
    for said in told(report):
        console.print(Text(visible(said)), soft_wrap=True)
    if report.red:
        console.print(Text(f"red: {visible(report.red)}", style="bold red"), soft_wrap=True)
    console.print()
    if report.modules:
        console.print(_table(report))
    for line in _lines(report):
        console.print(line, soft_wrap=True)


def told(report: MutationReport) -> Iterator[str]:
    """Of which mutants it is, where it is not of all that could be judged anew."""
    if report.shard:
        yield f"shard {report.shard} only; `qtest merge` puts the shards together"
    if report.remembered:
        run = sum(verdict.how != "not run" for verdict in report.verdicts)
        yield f"{report.remembered} of {run} verdicts are remembered, as nothing they depend on has changed; --fresh judges them again"


def first_line(report: MutationReport) -> str:
    """What it came to, in one sentence."""
    told = score(report.verdicts)
    if told.value is None:
        return report.note or "no mutant has a clear end, so there is no score"
    return f"mutation score {percent(told)}: your tests kill {told.killed} of {told.counted} mutants"


def percent(told: Score) -> str:
    """Of a score that there is; the interval it lies in when too many ends are unclear."""
    low, high = told.interval or (0.0, 0.0)
    return f"{100 * low:.1f} %" if low == high else f"{100 * low:.1f} to {100 * high:.1f} %"


def alive(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    return (verdict for verdict in verdicts if isinstance(verdict.result, Survived | NoCoverage))


def _table(report: MutationReport) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("module", overflow="fold")
    for name in ("mutants", "killed", "alive", "not run", "unclear", "score"):
        table.add_column(name, justify="right", no_wrap=True)
    for module in report.modules:
        told = score(module.verdicts)
        counts = (told.counted + told.unclear, told.killed, told.survived, told.no_coverage, told.unclear)
        shown = percent(told) if told.value is not None else "–"
        table.add_row(Text(visible(module.module)), *(Text(str(count)) for count in counts), Text(shown))
    return table


def _lines(report: MutationReport) -> Iterator[Text]:
    yield Text()
    living = list(alive(report.verdicts))
    for verdict in living[:_SHOWN]:
        mutant = verdict.mutant
        reached = "no test runs it" if isinstance(verdict.result, NoCoverage) else "its tests pass"
        yield Text(f"alive {verdict.id}  {visible(mutant.path)}:{mutant.line}  {mutant.operator}; {reached}")
        changed = [line for line in verdict.diff.splitlines() if line[:1] in "+-" and line[:3] not in ("---", "+++")]
        yield Text("\n".join(f"    {visible(line)}" for line in changed), style="dim")
    if len(living) > _SHOWN:
        yield Text(f"and {len(living) - _SHOWN} more that live, see the report", style="dim")
    for suite in report.suites:
        if suite.reason and not report.red:
            yield Text(f"your suite as it is: {visible(suite.reason)}", style="yellow")
    for problem in (*report.problems, *report.left_out):
        yield Text(f"left out: {visible(problem.path)}: {visible(problem.reason)}", style="yellow")
    controls = report.controls
    yield Text(
        f"controls: no-op mutants alive {controls.no_op_alive} of {controls.no_op_total}, raise mutants dead "
        f"{controls.raise_dead} of {controls.raise_total}",
        style="dim",
    )
    for function in controls.doubtful:
        yield Text(f"doubtful: {visible(function)}", style="yellow")
    yield Text(f"report: {visible(report.out)}/qtest-mutation/report.json", style="dim")
