"""Mutants as Allure's cases. Killed passes, a survivor fails, what has no clear end is broken; what no test runs, what a person
accepted and what the type checker refuses is skipped."""

from collections.abc import Iterator, Mapping

from qtest.mutation.words import change
from qtest.records.mutant import Killed, NoCoverage, Refused, Survived, Verdict
from qtest.records.mutation import Accepted, JudgedModule, MutationReport, lives
from qtest.report.allure import Case, Status
from qtest.report.mutation.told import Runs, accepted_of, controls, first_line, line_of, name, question, runs

PARENT = "qtest mutate"


def cases(report: MutationReport) -> Iterator[Case]:
    yield _whole(report)
    reasons = report.reasons
    for module in report.modules:
        by_line = runs(module)
        for verdict in module.verdicts:
            yield _case(module, verdict, by_line, accepted_of(verdict, reasons))


def _whole(report: MutationReport) -> Case:
    """The run as one case, broken when it may not be called green, whatever the mutants say."""
    problem = report.red or ("it was interrupted" if report.status == "partial" else "")
    return Case(
        key=f"{PARENT} the run",
        name="the run",
        full_name="qtest.the run",
        status="broken" if problem else "passed",
        suites=(PARENT, "qtest"),
        package="qtest",
        message=problem,
        parameters={
            "target": report.target,
            "seed": report.seed,
            "result": first_line(report),
            "controls": controls(report),
            "sandbox": "none: the code under test ran unprotected" if report.unsafe else report.guarantees.adapter,
        },
    )


def _case(module: JudgedModule, verdict: Verdict, by_line: Runs, accepted: Accepted | None) -> Case:
    mutant = verdict.mutant
    waived = accepted if lives(verdict) else None
    return Case(
        key=f"{mutant.path} {mutant.symbol} {name(verdict)}",
        name=f"{name(verdict)}: {change(mutant)}",
        full_name=f"{mutant.symbol}#{name(verdict)}",
        status="skipped" if waived else _status(verdict),
        suites=(PARENT, module.module, mutant.symbol),
        package=module.module,
        message=f"accepted: {waived.reason}" if waived else question(verdict, by_line),
        parameters={
            "file": mutant.path,
            "line": str(line_of(mutant, module.text)),
            "operator": mutant.operator,
            "ended": verdict.result.status,
            "how": verdict.how,
        },
        texts={"diff": verdict.diff},
    )


def _status(verdict: Verdict) -> Status:
    """An end that is not known here is broken, which nobody takes for a kill."""
    ends: Mapping[type, Status] = {Killed: "passed", Survived: "failed", NoCoverage: "skipped", Refused: "skipped"}
    return ends.get(type(verdict.result), "broken")
