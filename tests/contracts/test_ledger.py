"""One suite for every answer to port Ledger."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtest.adapters.ledger import DuckLedger
from qtest.errors import LedgerError
from qtest.fakes import MemoryLedger
from qtest.ports import Ledger
from qtest.records.run import ROWS, EventRow, LeaseRow, RepositoryRow, Row, RunRow, TestRow, VerdictRow

KINDS = ("memory", "duck", "duck in memory", pytest.param("client", marks=pytest.mark.ray))


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    found = _made(request, tmp_path)
    yield found
    found.close()


def _made(request: pytest.FixtureRequest, tmp_path: Path) -> Ledger:
    if request.param == "memory":
        return MemoryLedger()
    if request.param.startswith("duck"):
        return DuckLedger(":memory:" if request.param.endswith("memory") else tmp_path / "ledger.duckdb")
    from actors.ledger import LedgerClient, Reach

    owner = request.getfixturevalue("owner_of")(tmp_path)
    return LedgerClient(Reach(lambda: owner))


def event(seq: int, run: str = "r", payload: str = "{}") -> EventRow:
    return EventRow(run=run, seq=seq, made=1_700_000_000_000 + seq, stage="write", kind="said", payload=payload)


def lease(item: str, state: str = "queued", attempt: int = 0) -> LeaseRow:
    return LeaseRow.model_validate({"run": "r", "stage": "write", "item": item, "state": state, "attempt": attempt})


def sample(kind: type[Row], number: int) -> Row:
    """A row of any kind, with something in every field."""
    values = {
        name: number if field.annotation is int else f"{name} {number}" for name, field in kind.model_fields.items()
    }
    if kind is RunRow:
        values["status"] = "completed"
    if kind is LeaseRow:
        values["state"] = "open"
    return kind.model_validate(values)


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.table)
def test_every_kind_of_row_comes_back_as_it_was(ledger: Ledger, kind: type[Row]) -> None:
    rows = [sample(kind, number) for number in (1, 2, 3)]
    ledger.put(rows)
    assert ledger.rows(kind) == tuple(rows)


def test_rows_come_in_the_order_of_their_keys(ledger: Ledger) -> None:
    ledger.put([event(10), event(9), event(1, run="a"), event(2)])
    assert [(row.run, row.seq) for row in ledger.rows(EventRow)] == [("a", 1), ("r", 2), ("r", 9), ("r", 10)]


def test_a_fact_keeps_the_first_row_under_its_key(ledger: Ledger) -> None:
    ledger.put([event(1, payload="first"), event(1, payload="in the same put")])
    ledger.put([event(1, payload="later"), event(2)])
    assert [row.payload for row in ledger.rows(EventRow)] == ["first", "{}"]


def test_a_state_keeps_the_last_row_under_its_key(ledger: Ledger) -> None:
    ledger.put([lease("a"), lease("a", "open", 1), lease("b")])
    ledger.put([lease("a", "dead", 3), lease("a", "done", 2)])
    assert [(row.item, row.state, row.attempt) for row in ledger.rows(LeaseRow)] == [
        ("a", "done", 2),
        ("b", "queued", 0),
    ]


def test_only_rows_whose_fields_equal_what_is_given(ledger: Ledger) -> None:
    ledger.put([lease("a", "open", 1), lease("b", "open", 2), lease("c", "done", 1)])
    assert [row.item for row in ledger.rows(LeaseRow, state="open", attempt=1)] == ["a"]
    assert ledger.rows(LeaseRow, state="open", item="c") == ()


def test_a_field_that_does_not_exist_is_said(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="colour"):
        ledger.rows(LeaseRow, colour="red")


def test_events_after_a_number_in_order(ledger: Ledger) -> None:
    ledger.put([event(3), event(1), event(2), event(4, run="other")])
    assert [row.seq for row in ledger.since("r", 1)] == [2, 3]
    assert ledger.since("r", 3) == ledger.since("nobody", 0) == ()


def test_nothing_to_put_is_no_error(ledger: Ledger) -> None:
    ledger.put([])
    assert ledger.rows(RunRow) == ()


def test_rows_of_several_tables_go_together(ledger: Ledger) -> None:
    ledger.put([event(1), lease("a"), sample(RunRow, 1), sample(TestRow, 1), sample(VerdictRow, 1)])
    assert [len(ledger.rows(kind)) for kind in (EventRow, LeaseRow, RunRow, TestRow, VerdictRow)] == [1] * 5


@pytest.mark.parametrize(
    "text", ["", "\0", "a\r\n\t", "é\U0001f600", "\ud800", "\ufdd0d800", "\ufdd0", "'; --", "\\x00"]
)
def test_any_text_comes_back(ledger: Ledger, text: str) -> None:
    ledger.put([RepositoryRow(url=text, languages=text, analysed=-(2**63))])
    assert ledger.rows(RepositoryRow, url=text) == (RepositoryRow(url=text, languages=text, analysed=-(2**63)),)


@pytest.mark.parametrize("ledger", ["duck in memory"], indirect=True)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=20))
def test_drawn_text_comes_back(ledger: Ledger, text: str) -> None:
    ledger.put([RepositoryRow(url=text, languages=text, analysed=0)])
    assert [row.languages for row in ledger.rows(RepositoryRow, url=text)] == [text]


def test_threads_write_beside_each_other(ledger: Ledger) -> None:
    def write(thread: int) -> None:
        for number in range(10):
            ledger.put([event(number + 1, run=f"r{thread}"), lease("shared", "open", number)])
            assert len(ledger.since(f"r{thread}", 0)) == number + 1

    _together([lambda thread=thread: write(thread) for thread in range(4)])
    assert len(ledger.rows(EventRow)) == 40
    assert len(ledger.rows(LeaseRow)) == 1


def _together(works: list[Callable[[], None]]) -> None:
    failed: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
