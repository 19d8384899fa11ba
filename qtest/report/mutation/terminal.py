"""The end of `qtest mutate` on the terminal: one sentence, a table, what lives and what it asks, and how far it may be trusted."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qtest.mutation.diff import changed_lines
from qtest.mutation.score import score
from qtest.records.mutant import Refused, Verdict
from qtest.records.mutation import JudgedModule, MutationReport, lives
from qtest.report.mutation.told import (
    beside,
    by_function,
    controls,
    first_line,
    line_of,
    name,
    percent,
    question,
    reviewed,
    runs,
)
from qtest.report.text import promised, visible

_ROWS = 40  # modules in the table
_SHOWN = 24  # survivors
_OF_ONE = 4  # of one function
_TESTS = 20


def show(report: MutationReport, console: Console) -> None:
    if report.unsafe:
        console.print(
            Text(
                "NO SANDBOX: the target's code ran unprotected (--unsafe-no-sandbox); it could have forged any verdict",
                style="bold red",
            )
        )
    console.print(Text(visible(first_line(report)), style="bold"), soft_wrap=True)
    for said in told(report):
        console.print(Text(visible(said)), soft_wrap=True)
    if report.red:
        console.print(Text(f"red: {visible(report.red)}", style="bold red"), soft_wrap=True)
    rows = [module for module in report.modules if module.verdicts]
    if rows:
        console.print()
        console.print(_table(report, rows))
    for line in (*_survivors(report), *_lines(report)):
        console.print(line, soft_wrap=True)


def told(report: MutationReport) -> Iterator[str]:
    """Of which mutants it is, where it is not of all that could be judged anew."""
    if report.shard:
        yield f"shard {report.shard} only; `qtest merge` puts the shards together"
    if report.remembered:
        run = sum(verdict.how != "not run" for verdict in report.verdicts)
        yield f"{report.remembered} of {run} verdicts are remembered, as nothing they depend on has changed; --fresh judges them again"


def _table(report: MutationReport, modules: Sequence[JudgedModule]) -> Table:
    accepted = len(report.unaccepted) < len(report.verdicts)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("module", overflow="fold")
    for title in ("mutants", "killed", "alive", "not run", *(("accepted",) if accepted else ()), "unclear", "score"):
        table.add_column(title, justify="right", no_wrap=True)
    reasons = report.reasons
    for module in sorted(modules, key=_worst_first)[:_ROWS] if len(modules) > _ROWS else modules:
        open_ = [one for one in module.verdicts if not (lives(one) and one.stable in reasons)]
        told = score(open_)
        counts = [len(module.verdicts), told.killed, told.survived, told.no_coverage]
        counts += [len(module.verdicts) - len(open_)] if accepted else []
        cells = (*(str(count) for count in (*counts, told.unclear)), percent(told))
        table.add_row(Text(visible(module.module)), *(Text(cell) for cell in cells))
    return table


def _worst_first(module: JudgedModule) -> tuple[float, str]:
    told = score(module.verdicts).value
    return (1.0 if told is None else told), module.module


def _survivors(report: MutationReport) -> Iterator[Text]:
    alive = {verdict.id for verdict in report.alive}
    shown = told = 0
    for module in report.modules:
        by_line = runs(module)
        for symbol, verdicts in by_function(one for one in module.verdicts if one.id in alive).items():
            if shown >= _SHOWN:
                break
            yield Text()
            yield Text(f"{visible(symbol.rstrip(':'))}  {visible(module.path)}", style="bold")
            for verdict in verdicts[:_OF_ONE]:
                yield from _survivor(verdict, line_of(verdict.mutant, module.text), question(verdict, by_line))
            if len(verdicts) > _OF_ONE:
                yield Text(f"  and {len(verdicts) - _OF_ONE} more in it", style="dim")
            shown += min(len(verdicts), _OF_ONE)
            told += len(verdicts)
    if len(alive) > told:
        yield Text()
        yield Text(f"and {len(alive) - told} more that live, see the report", style="dim")


def _survivor(verdict: Verdict, line: int, asked: str) -> Iterator[Text]:
    yield Text(f"  {name(verdict)}  line {line}, {visible(verdict.mutant.operator)}")
    for changed in changed_lines(verdict.diff):
        yield Text(f"    {visible(changed)}", style="red" if changed[0] == "-" else "green")
    yield Text(f"    {visible(asked)}", style="yellow")


def _lines(report: MutationReport) -> Iterator[Text]:
    yield Text()
    yield from _idle(report)
    for suite in report.suites:
        if suite.reason and not report.red:
            yield Text(f"your suite as it is: {visible(suite.reason)}", style="yellow")
    for problem in (*report.problems, *report.left_out):
        yield Text(f"left out: {visible(problem.path)}: {visible(problem.reason)}", style="yellow")
    yield from _refused(report)
    for line in reviewed(report):
        yield Text(visible(line), style="yellow")
    for function in report.controls.doubtful:
        yield Text(f"doubtful: {visible(function)}", style="yellow")
    for line in beside(report):
        yield Text(f"beside the score: {line}", style="dim")
    yield Text(f"controls: {controls(report)}", style="dim")
    yield Text(f"sandbox: {promised(report.guarantees)}", style="dim")
    if report.alive:
        yield Text("next: qtest show ID; qtest replay ID; qtest accept ID --reason WHY; qtest review", style="dim")
    yield Text(
        f"reports: {visible(report.out)}/qtest-mutation/report.html, report.json, mutation.json, junit.xml, report.sarif, allure-results/, verdicts.jsonl"
    )


def _refused(report: MutationReport) -> Iterator[Text]:
    found = [
        f"{name(one)} {one.mutant.symbol} line {line_of(one.mutant, module.text)}: {one.result.message}"
        for module in report.modules
        for one in module.verdicts
        if isinstance(one.result, Refused)
    ]
    if found:
        yield from _listed(f"refused by the type checker: {len(found)}", found)


def _idle(report: MutationReport) -> Iterator[Text]:
    if report.idle is None:
        return
    of = f"of {len(report.tests)}, all asked about {len(report.verdicts)} mutants"
    yield from _listed(f"tests that kill nothing: {len(report.idle.nothing)} {of}", report.idle.nothing)
    yield from _listed(
        f"tests that kill nothing of their own: {len(report.idle.nothing_own)} {of}", report.idle.nothing_own
    )
    yield Text()


def _listed(said: str, nodes: Sequence[str]) -> Iterator[Text]:
    yield Text(said, style="bold")
    yield from (Text(f"  {visible(node)}") for node in nodes[:_TESTS])
    if len(nodes) > _TESTS:
        yield Text(f"  and {len(nodes) - _TESTS} more, see the report", style="dim")
