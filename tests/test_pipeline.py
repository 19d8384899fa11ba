"""The order of stages, and that nothing planned goes missing on the way, as both lines close it."""

from collections.abc import Iterable, Iterator

from qtest.pipeline import Line, run
from qtest.plan.unwritten import joined, unwritten
from qtest.records.baseline import Baseline
from qtest.records.outcome import Draft, ModuleOutcome
from qtest.records.plan import Brief, Risk, Target, TestLevel, TestPlan
from qtest.records.report import RunReport
from qtest.records.sandbox import Guarantees
from qtest.records.source import RawSourceBundle, Repository, Revision
from qtest.records.system import Module, SystemModel
from qtest.report.tally import first_line

FOLDER = Revision(kind="folder", name="x")


def target(module: str, level: TestLevel) -> Target:
    return Target(symbol=f"{module}:f", module=module, level=level, risk=Risk(score=0.0, reasons=()))


def ran(*targets: Target) -> list[ModuleOutcome]:
    """Every module that has a written target closes without an outcome."""
    modules = tuple(Module(name=name, path=f"{name}.py", project="", sha256="0") for name in ("a", "b"))

    def assemble(drafts: Iterable[Draft]) -> Iterator[ModuleOutcome]:
        closed = (
            ModuleOutcome(module=name, path=f"{name}.py", project="", source="x")
            for name in dict.fromkeys(item.module for item in targets if item.written)
        )
        yield from joined(closed, unwritten(TestPlan(targets=targets), SystemModel(modules=modules)))

    def write(briefs: Iterable[Brief]) -> Iterator[Draft]:
        return iter(())

    line = Line(
        ingest=lambda repository: RawSourceBundle(revision=FOLDER, files=(), projects=()),
        model=lambda bundle: SystemModel(modules=modules),
        measure=lambda bundle, system: Baseline(projects=()),
        plan=lambda system, baseline: TestPlan(targets=targets),
        brief=lambda system, baseline, plan: (),
        write=write,
        assemble=assemble,
    )
    return list(run(line, Repository(spec="x", folder="x", revision=FOLDER)))


def test_every_target_that_nobody_writes_is_an_outcome() -> None:
    closed = ran(target("a", "unit"), target("a", "api"), target("b", "e2e"))
    assert [(outcome.module, outcome.source, len(outcome.outcomes)) for outcome in closed] == [
        ("a", "x", 1),
        ("b", "", 1),
    ]


def test_a_report_of_rejections_alone_says_that_nothing_was_worked_on() -> None:
    report = RunReport(
        qtest="0", target="x", revision=FOLDER, seed="0", settings="{}", python="none", environment="none",
        guarantees=Guarantees(adapter="fake", items=()), modules=tuple(ran(target("b", "e2e"))),
    )  # fmt: skip
    assert report.worked == ()
    assert first_line(report) == "nothing was judged: no module could be worked on"
