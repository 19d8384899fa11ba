"""A store filled by hand with the records of a small module."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from qtest.adapters.home import Home
from qtest.languages import LANGUAGES
from qtest.mutation.diff import diff
from qtest.records.mutant import Failing, Inconclusive, Killed, Mutant, MutantResult, NoCoverage, Survived, Verdict
from qtest.records.run import Row, RunRow, TestRow, VerdictRow

SOURCE = '''\
"""Money."""


def rounded(amount, step):
    if step <= 0:
        raise ValueError("step")
    return amount - amount % step


def secret():
    return open("/etc/money")
'''
PATH = "src/pkg/money.py"
KILLER = "test_money.py::test_rounded"


def run_row(run: str, started: int, **more: object) -> RunRow:
    row = {"run": run, "spec": "./shop", "config": "{}", "seed": "0", "status": "completed", "started": started}
    return RunRow.model_validate(row | more)


def verdict_row(run: str, mutant: Mutant, suite: str, result: MutantResult) -> VerdictRow:
    verdict = Verdict.model_validate(
        {
            "id": f"{mutant.id[:8]}-{suite}",
            "mutant": mutant,
            "suite": suite,
            "result": result,
            "diff": diff(SOURCE, mutant),
        }
    )
    return VerdictRow(
        run=run,
        verdict=verdict.id,
        mutant=mutant.id,
        suite=suite,
        path=mutant.path,
        line=mutant.line,
        end_line=mutant.end_line,
        symbol=mutant.symbol,
        operator=mutant.operator,
        status=result.status,
        killers="\n".join(result.by) if isinstance(result, Killed) else "",
        record=verdict.to_json(),
    )


def mutants(line: int) -> list[Mutant]:
    return [
        one for one in LANGUAGES["python"].mutate(SOURCE, PATH, "pkg.money") if one.line == line and not one.control
    ]


def rows() -> list[Row]:
    """Line 5 is killed by the new tests, line 7 by nobody or by the existing ones, `secret` was left out."""
    killed = Killed(by=(KILLER,), first=Failing(node=KILLER, phase="call", kind="assertion"))
    made: list[Row] = [run_row("run-b", 2_000, validated=1, killed=3, mutants=7)]
    for mutant in mutants(5):
        made.append(verdict_row("run-b", mutant, "existing", NoCoverage()))
        made.append(verdict_row("run-b", mutant, "generated", killed))
    first, second, *others = mutants(7)
    made.append(verdict_row("run-b", first, "existing", Survived(tests=4)))
    made.append(verdict_row("run-b", first, "generated", Survived(tests=2)))
    made.append(verdict_row("run-b", second, "existing", killed))
    made += [verdict_row("run-b", other, "existing", Inconclusive(reason="memory")) for other in others]
    test = {"run": "run-b", "path": PATH}
    made += [
        TestRow.model_validate(test | given)
        for given in (
            {
                "test": "1", "target": "pkg.money:rounded", "outcome": "regression test", "name": "test_rounded",
                "kills": mutants(5)[0].id, "line": 4, "end_line": 7,
            },
            {
                "test": "2", "target": "pkg.money:rounded", "outcome": "rejection", "stage": "explore",
                "reason": "the result changes from call to call", "count": 3, "line": 4, "end_line": 7,
            },
            {
                "test": "3", "target": "pkg.money:secret", "outcome": "rejection", "stage": "plan",
                "reason": "reads files", "line": 10, "end_line": 11,
            },
        )
    ]  # fmt: skip
    return made


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Under QTEST_STORE, with two runs, of which the older knows nothing."""
    monkeypatch.setenv("QTEST_STORE", str(tmp_path / "store"))
    return filled(Home(tmp_path / "store"), [run_row("run-a", 1_000, note="no interpreter"), *rows()])


def filled(home: Home, rows: Sequence[Row]) -> Home:
    ledger = home.ledger()
    ledger.put(rows)
    ledger.close()
    home.artefacts().put(b"a report")
    return home
