"""The end of a run, on the terminal: one sentence, a table, what was written, and how far it may be trusted."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qtest.records.outcome import Failure, ModuleOutcome, SuspectedBug
from qtest.records.report import RunReport
from qtest.records.source import Omission
from qtest.report.concern import concern_line
from qtest.report.spend import spend_lines
from qtest.report.tally import accepted_line, controls_line, covered, ending, first_line, tally
from qtest.report.text import promised, visible

_ROWS = 40  # more modules than this are told in the report only, but for those with news
_NAMED = 5  # modules left out


def show(report: RunReport, console: Console) -> None:
    if report.unsafe:
        console.print(
            Text(
                "NO SANDBOX: the target's code ran unprotected (--unsafe-no-sandbox); it could have forged any verdict",
                style="bold red",
            )
        )
    console.print(Text(visible(first_line(report)), style="bold"))
    console.print()
    if report.modules:
        console.print(_table(report))
    for line in _lines(report):
        console.print(line, soft_wrap=True)


def _table(report: RunReport) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("module", overflow="fold")
    for name in ("tests", "kills", "score", "lines"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("how it ended", overflow="fold")
    for module in _worth_a_row(report):
        one = tally([module])
        score = f"{one.score_text(one.before)} → {one.score_text(one.before + one.after)}"
        table.add_row(
            *(
                Text(visible(cell))
                for cell in (module.module, str(one.cases), str(one.after), score, covered([module]), ending(module))
            )
        )
    return table


def _worth_a_row(report: RunReport) -> list[ModuleOutcome]:
    if len(report.modules) <= _ROWS:
        return list(report.modules)
    news = [
        module
        for module in report.modules
        if module.file or any(isinstance(o, SuspectedBug | Failure) for o in module.outcomes)
    ]
    return news[:_ROWS]


def _lines(report: RunReport) -> Iterator[Text]:
    hidden = len(report.modules) - len(_worth_a_row(report))
    if hidden:
        yield Text(f"and {hidden} more modules, see the report", style="dim")
    for module in report.modules:
        for outcome in module.outcomes:
            if isinstance(outcome, SuspectedBug):
                yield Text()
                yield Text(f"suspected bug in {visible(outcome.target)}: {visible(outcome.observed)}", style="yellow")
                yield Text(f"  violates: {visible(outcome.contract)}")
                yield Text("  " + visible(outcome.repro, lines=True).strip().replace("\n", "\n  "), style="dim")
    for suite in report.suites:
        if suite.runs and suite.reason:
            yield Text(f"your suite as it is: {visible(suite.reason)}", style="yellow")
    for problem in report.problems:
        yield Text(f"problem: {visible(problem.path)}: {visible(problem.reason)}", style="yellow")
    untouched = _untouched(report)
    for item in untouched[:_NAMED]:
        yield Text(f"left out: {visible(item.path)}: {visible(item.reason)}", style="yellow")
    if len(untouched) > _NAMED:
        yield Text(f"left out: {len(untouched) - _NAMED} more modules, see the report", style="yellow")
    if report.note:
        yield Text(visible(report.note), style="yellow")
    yield Text()
    for file in report.files:
        yield Text(f"wrote {visible(file)}")
    for module in report.modules:
        if module.file and module.file.apart:
            yield Text(f"a file of its own, {visible(module.file.path)}: {visible(module.file.apart)}", style="dim")
    if report.command:
        yield Text(f"run them: {visible(report.command)}")
    yield Text(
        f"reports: {visible(report.out)}/qtest-report/report.html, report.json, junit.xml, report.sarif, allure-results/, verdicts.jsonl"
    )
    total = tally(report.modules)
    if total.timed_out or total.inconclusive:
        yield Text(
            f"beside the score: {total.timed_out} timed out, {total.inconclusive} inconclusive; neither is a kill",
            style="dim",
        )
    if accepted_line(report):
        yield Text(f"beside the score: {accepted_line(report)}", style="dim")
    if concern_line(report):
        yield Text(f"concern: {visible(concern_line(report))}", style="dim")
    for line in spend_lines(report):
        yield Text(f"models: {visible(line)}", style="dim")
    yield Text(f"controls: {visible(controls_line(report))}", style="dim")
    for function in report.controls.doubtful:
        yield Text(f"doubtful: {visible(function)}", style="yellow")
    yield Text(f"sandbox: {promised(report.guarantees)}", style="dim")


def _untouched(report: RunReport) -> list[Omission]:
    """Whole modules that hold code and were not even imported; all that was left out, when there is nothing else to tell."""
    if not report.worked and not report.problems:
        return list(report.left_out)
    return [item for item in report.left_out if item.reason.startswith("importing it")]
