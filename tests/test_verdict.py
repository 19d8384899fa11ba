"""The rules of a kill, one by one."""

from dataclasses import FrozenInstanceError, replace

import pytest

from qtest.verdict import Facts, Ruling, rule

ALIVE = Facts(
    applied=True,
    executed=True,
    planned=("t::a", "t::b"),
    finished=("t::a", "t::b"),
    failing=(),
    completed=True,
    tripwire=True,
    ended="exit",
)
DEAD = replace(ALIVE, failing=(("t::b", "assertion"),))


def test_a_whole_run_in_which_no_test_fails_is_survival() -> None:
    assert rule(ALIVE).status == "survived"


@pytest.mark.parametrize("kind", ["assertion", "exception", "import"])
def test_a_planned_test_that_fails_of_itself_kills(kind: str) -> None:
    ruling = rule(replace(ALIVE, failing=(("t::a", kind),)))
    assert (ruling.status, ruling.by) == ("killed", ("t::a",))


def test_every_failing_test_of_a_matrix_is_named_once() -> None:
    failing = (("t::b", "assertion"), ("t::a", "exception"), ("t::b", "exception"))
    assert rule(replace(ALIVE, failing=failing)).by == ("t::b", "t::a")


def test_a_first_failure_kills_though_later_tests_were_not_run() -> None:
    assert rule(replace(DEAD, finished=("t::b",))).status == "killed"


def test_an_import_that_fails_kills_whatever_node_it_is_told_for() -> None:
    assert rule(replace(ALIVE, failing=(("t.py", "import"),), finished=())).status == "killed"


@pytest.mark.parametrize("kind", ["memory", "limit", "ours"])
def test_what_our_machinery_or_a_limit_raises_never_kills(kind: str) -> None:
    assert rule(replace(ALIVE, failing=(("t::a", kind),))).status == "inconclusive"


def test_a_test_that_was_not_planned_never_kills() -> None:
    assert rule(replace(ALIVE, failing=(("t::other", "assertion"),))).status == "inconclusive"


def test_a_failure_without_the_mutated_statement_being_entered_never_kills() -> None:
    assert rule(replace(DEAD, executed=False)).status == "inconclusive"


def test_a_failure_where_execution_could_not_be_observed_kills() -> None:
    assert rule(replace(DEAD, executed=None)).status == "killed"


@pytest.mark.parametrize("facts", [ALIVE, DEAD], ids=["no failure", "a failure"])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"applied": False}, "the mutant was not applied"),
        ({"tripwire": False}, "the test that must fail did not: pytest's word cannot be believed"),
        ({"completed": False}, "there is no record that its tests were run to the end"),
        ({"code": 3}, "the process ended with exit code 3 before its tests had"),
        ({"code": 9, "ended": "signal"}, "ended by signal 9"),
        ({"ended": "lost"}, "its worker was lost"),
        ({"ended": "lost", "note": "killed by the host"}, "its worker was lost: killed by the host"),
        ({"limit": "memory"}, "hit its memory limit"),
        ({"limit": "memory", "alone": True}, "hit its memory limit"),
        ({"limit": "output"}, "hit its output limit"),
        ({"limit": "cpu"}, "hit its cpu limit, and was not run again alone"),
        ({"limit": "blocked"}, "hit its blocked limit, and was not run again alone"),
    ],
    ids=str,
)
def test_a_record_that_cannot_be_believed_is_inconclusive_either_way(
    facts: Facts, change: dict[str, object], reason: str
) -> None:
    ruling = rule(replace(facts, **change))  # type: ignore[arg-type]
    assert (ruling.status, ruling.by, ruling.reason) == ("inconclusive", (), reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"planned": (), "finished": ()}, "no test was planned"),
        ({"finished": ("t::a",)}, "some of its tests did not finish"),
        ({"failing": (("t::a", "memory"),)}, "failed by memory"),
        ({"failing": (("t::other", "assertion"),)}, "failed by assertion"),
        (
            {"failing": (("t::a", "assertion"),), "executed": False},
            "a test failed, but the mutated statement was not executed",
        ),
        ({"ended": "not run"}, "it was not run"),
        ({"ended": "not run", "note": "no time"}, "no time"),
    ],
    ids=str,
)
def test_what_is_not_clear_says_why(change: dict[str, object], reason: str) -> None:
    assert rule(replace(ALIVE, **change)).reason == reason  # type: ignore[arg-type]


def test_what_was_never_a_mutant_says_why_too() -> None:
    assert rule(replace(ALIVE, ended="not run", note="same code as another")).reason == "same code as another"


def test_facts_and_rulings_cannot_be_changed_afterwards() -> None:
    for thing in (ALIVE, rule(ALIVE)):
        with pytest.raises(FrozenInstanceError):
            thing.reason = "none"  # type: ignore[misc, union-attr]


def test_a_run_says_nothing_unless_it_is_told_to() -> None:
    assert (ALIVE.code, ALIVE.limit, ALIVE.alone, ALIVE.note) == (0, "", False, "")
    assert rule(ALIVE) == Ruling("survived", by=(), reason="")


@pytest.mark.parametrize("facts", [ALIVE, DEAD], ids=["no failure", "a failure"])
@pytest.mark.parametrize("limit", ["cpu", "blocked"])
def test_a_time_limit_hit_again_alone_is_timed_out_and_never_a_kill(facts: Facts, limit: str) -> None:
    ruling = rule(replace(facts, limit=limit, alone=True))
    assert (ruling.status, ruling.by, ruling.reason) == ("timed out", (), limit)


def test_a_planned_test_that_did_not_finish_forbids_survival() -> None:
    assert rule(replace(ALIVE, finished=("t::a",))).status == "inconclusive"


def test_nothing_executed_is_never_green() -> None:
    assert rule(replace(ALIVE, planned=(), finished=())).status == "inconclusive"


@pytest.mark.parametrize("note", ["same code", "invalid: '(' was never closed"])
def test_what_is_no_change_or_no_program_is_not_a_mutant(note: str) -> None:
    assert rule(replace(ALIVE, ended="not run", note=note)).status == "not a mutant"


def test_a_mutant_that_was_not_run_is_inconclusive_with_the_reason() -> None:
    ruling = rule(replace(DEAD, ended="not run", note="none of its tests passes without the change"))
    assert (ruling.status, ruling.reason) == ("inconclusive", "none of its tests passes without the change")
