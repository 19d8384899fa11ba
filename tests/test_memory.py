"""What is remembered, for which runs it serves, and what is not believed."""

import pytest

from qtest import memory
from qtest.fakes import MemoryLedger, MemoryStore
from qtest.memory import Memory, key
from qtest.records.plan import Budget

SMALL, LARGE = Budget(evaluations=1), Budget(evaluations=2)


def remembering(run: str = "r", *, fresh: bool = False, of: Memory | None = None) -> Memory:
    ledger, store = (of.ledger, of.store) if of else (MemoryLedger(), MemoryStore())
    return Memory(ledger, store, run, lambda: 0, fresh)


def test_what_was_kept_is_recalled_by_its_name_alone() -> None:
    one = remembering()
    one.keep("name", "write", "a", SMALL)
    assert one.recall("name", Budget) == SMALL
    assert one.recall("other", Budget) is None


def test_what_was_made_in_a_time_serves_runs_with_at_most_that_time() -> None:
    one = remembering()
    one.keep("name", "write", "a", SMALL, worth=60)
    assert one.recall("name", Budget, 60.0) == SMALL
    assert one.recall("name", Budget, 61.0) is None
    assert one.recall("name", Budget, None) is None


def test_a_complete_result_goes_before_one_that_a_budget_cut() -> None:
    one = remembering()
    one.keep("name", "write", "a", SMALL, worth=60)
    one.keep("name", "write", "a", LARGE)
    assert one.recall("name", Budget, 30.0) == LARGE


def test_the_first_of_two_writers_is_believed() -> None:
    one = remembering()
    one.keep("name", "write", "a", SMALL)
    one.keep("name", "write", "a", LARGE)
    assert one.recall("name", Budget) == SMALL


def test_a_fresh_run_sees_only_what_it_made_itself() -> None:
    one = remembering()
    one.keep("name", "write", "a", SMALL)
    assert remembering("s", fresh=True, of=one).recall("name", Budget) is None
    assert remembering("r", fresh=True, of=one).recall("name", Budget) == SMALL


def test_a_result_whose_artefact_is_gone_is_made_again() -> None:
    one = remembering()
    one.keep("name", "write", "a", SMALL)
    assert Memory(one.ledger, MemoryStore(), "r", lambda: 0).recall("name", Budget) is None


def test_another_code_of_ours_is_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key("write", ("a",))
    assert before == key("write", ("a",)) != key("write", ("b",)) != key("model", ("b",))
    monkeypatch.setattr(memory, "version", lambda: "another")
    assert key("write", ("a",)) != before
