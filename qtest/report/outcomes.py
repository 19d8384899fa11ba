"""What `qtest run` made, as Allure's cases: tests pass, suspected bugs fail, rejections are skipped, failures of ours are broken."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from qtest.records.outcome import ModuleOutcome, Outcome, Rejection, SuspectedBug, ValidatedTest
from qtest.records.report import RunReport
from qtest.report.allure import Case, Status
from qtest.report.tally import controls_line, first_line

PARENT = "qtest run"
_ENDED: Mapping[str, Status] = {
    "completed": "passed", "partial": "skipped", "failed": "broken",  # a budget that ran out is no defect, and not the whole
}  # fmt: skip


def cases(report: RunReport) -> Iterator[Case]:
    yield Case(
        key=f"{PARENT} the run",
        name="the run",
        full_name="qtest.the run",
        status=_ENDED[report.status],
        suites=(PARENT, "qtest"),
        package="qtest",
        message="" if report.status == "completed" else report.note or f"the run is {report.status}",
        parameters={
            "target": report.target,
            "seed": report.seed,
            "result": first_line(report),
            "controls": controls_line(report),
            "sandbox": "none: the code under test ran unprotected" if report.unsafe else report.guarantees.adapter,
        },
    )
    for module in report.modules:
        seen: dict[str, int] = {}
        for outcome in module.outcomes:
            key = f"{PARENT} {module.path} {outcome.target} {_name(outcome)} {outcome.exit}"
            seen[key] = seen.get(key, 0) + 1
            yield _case(module, outcome, f"{key} {seen[key]}")


def _case(module: ModuleOutcome, outcome: Outcome, key: str) -> Case:
    made = Case(
        key=key,
        name=_name(outcome),
        full_name=f"{outcome.target}#{_name(outcome)}",
        status="broken",
        suites=(PARENT, module.module, outcome.target),
        package=module.module,
    )
    if isinstance(outcome, ValidatedTest):
        return replace(
            made,
            status="passed",
            parameters={"file": outcome.file, "kills": str(len(outcome.kills))},
            texts={"test": outcome.text},
        )
    if isinstance(outcome, SuspectedBug):
        return replace(
            made, status="failed", message=f"{outcome.contract}; {outcome.observed}", texts={"repro": outcome.repro}
        )
    if isinstance(outcome, Rejection):
        times = f" ({outcome.count} times)" if outcome.count > 1 else ""
        return replace(made, status="skipped", message=f"{outcome.stage}: {outcome.reason}{times}")
    return replace(made, message=outcome.reason, texts={"detail": outcome.detail})


def _name(outcome: Outcome) -> str:
    return outcome.name if isinstance(outcome, ValidatedTest) else outcome.target
