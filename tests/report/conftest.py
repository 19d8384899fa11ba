"""A small report of `qtest mutate`, made by hand: one mutant for each way to end."""

from collections.abc import Callable, Mapping

import pytest

from qtest.config import Config
from qtest.languages.python.mutate import mutate
from qtest.mutation.diff import diff
from qtest.mutation.identity import stable_ids
from qtest.mutation.matrix import idle
from qtest.records.mutant import (
    Controls,
    Failing,
    Inconclusive,
    Killed,
    MutantResult,
    NoCoverage,
    Survived,
    TimedOut,
    Verdict,
)
from qtest.records.mutation import JudgedModule, MutationReport, TestLines
from qtest.records.report import SuiteFacts
from qtest.records.sandbox import Guarantees
from qtest.records.source import Revision

TEXT = '''\
"""Money, with a 𝟛 outside of the first plane."""

RATE = 3


def rounded(amount, step):
    if step <= 0:
        raise ValueError("<b>step</b> 𝟛")
    return amount - amount % step


def label(amount):
    return f"{amount} EUR"
'''
PATH = "src/money.py"
TESTS = ("test_m.py::test_rounded", "test_m.py::test_refuses", "test_m.py::test_nothing")
RUNS = (TestLines(node=TESTS[0], lines=(7, 9)), TestLines(node=TESTS[1], lines=(7, 8)))


Reporter = Callable[..., MutationReport]


@pytest.fixture
def report() -> Reporter:
    """Makes one of a folder; more fields may be given."""
    return lambda folder="/shop", **more: _report(folder, more)


def _report(folder: str, more: Mapping[str, object]) -> MutationReport:
    mutants = mutate(TEXT, PATH, "money")
    names = stable_ids(mutants, TEXT)
    real = [mutant for mutant in mutants if not mutant.control]
    ends = dict(zip((mutant.id for mutant in real if mutant.line == 7), _ends(), strict=False))
    verdicts = []
    for mutant in real:
        result = ends.get(mutant.id) or (NoCoverage() if mutant.line == 13 else _of_line(mutant.line))
        verdicts.append(
            Verdict(
                id=f"v{mutant.id[:11]}",
                mutant=mutant,
                suite="existing",
                result=result,
                how="not run" if mutant.line == 13 else "fresh import" if mutant.line == 3 else "swap",
                diff=diff(TEXT, mutant),
                stable=names[mutant.id],
                wall_s=0.25,
            )
        )
    module = JudgedModule(
        module="money",
        path=PATH,
        project="",
        text=TEXT,
        verdicts=tuple(verdicts),
        controls=Controls(no_op_alive=1, no_op_total=1, raise_dead=1, raise_total=1),
        made=len(real),
        runs=RUNS,
    )
    made = MutationReport(
        qtest="0",
        run="r",
        target="shop",
        revision=Revision(kind="folder", name=folder),
        seed="0",
        settings=Config().to_json(),
        python="3.11.7",
        environment="none",
        guarantees=Guarantees(adapter="none", items=()),
        suites=(SuiteFacts(project="", command="pytest", tests=3, runs=3, green_runs=3),),
        tests=TESTS,
        modules=(module, JudgedModule(module="empty", path="src/empty.py", project="", text="")),
        idle=idle(TESTS, verdicts),
        out="out",
    )
    return made.model_copy(update=dict(more))


def _ends() -> tuple[MutantResult, ...]:
    killed = Failing(node=TESTS[0], phase="call", kind="assertion", error="AssertionError", message="15 == 16 & more")
    return (
        Killed(by=TESTS[:1], first=killed),
        TimedOut(limit="cpu", during=TESTS[0]),
        Inconclusive(reason="ended by signal 9"),
    )


def _of_line(line: int) -> MutantResult:
    return Survived(tests=3 if line == 3 else 1 if line == 8 else 2)
