"""Tests that people do not want."""

import pytest

from qtest.declined import noticed, told, unwanted
from qtest.fakes import plain_proof
from qtest.languages.python.testfile import text_digest
from qtest.records.case import CallCase, Equals, Null
from qtest.records.proof import Declined, ProofFile, ProvenTest

PATH = "tests/test_m.py"
ONE = "def test_one():\n    assert f() == 1"
ROWS = '@pytest.mark.parametrize("x", [pytest.param(1, id="a"), pytest.param(2, id="b")])\ndef test_rows(x):\n    assert f(x)'


def proof(*declined: Declined) -> ProofFile:
    one = ("test_one", ("test_one",), ("c1",), ONE)
    rows = ("test_rows", ("test_rows[a]", "test_rows[b]"), ("ca", "cb"), ROWS)
    tests = tuple(
        ProvenTest(
            name=name,
            target="m:f",
            function="",
            nodes=nodes,
            claims=claims,
            text_digest=text_digest(text, name),
            kills=(),
        )
        for name, nodes, claims, text in (one, rows)
    )
    return ProofFile(files=(plain_proof(path=PATH, tests=tests),), declined=declined)


def test_nothing_is_gone_while_all_stands() -> None:
    assert noticed(proof(), {PATH: f"{ONE}\n\n\n{ROWS}\n"}) == ()


def test_a_function_that_was_deleted_is_noticed_with_its_claims() -> None:
    (gone,) = noticed(proof(), {PATH: ROWS}, "2025-01-31")
    assert gone == Declined(file=PATH, test="test_one", target="m:f", claims=("c1",), date="2025-01-31")


def test_a_row_that_was_deleted_is_noticed_alone() -> None:
    (gone,) = noticed(proof(), {PATH: ONE + "\n" + ROWS.replace('pytest.param(1, id="a"), ', "")})
    assert gone.claims == ("ca",)


@pytest.mark.parametrize(
    "texts",
    [
        {PATH: f"{ONE.replace('test_one', 'test_first')}\n{ROWS}"},
        {PATH: ROWS, "tests/unit/test_m.py": ONE},
        {PATH: f"def test_one():\n    assert f() == 2\n{ROWS}"},
        {PATH: ONE + "\n" + ROWS.replace('id="a"', 'id="small"')},
        {PATH: "def broken("},
    ],
    ids=["renamed", "moved", "edited", "a row named otherwise", "unreadable"],
)
def test_a_test_that_people_work_on_is_not_gone(texts: dict[str, str]) -> None:
    assert noticed(proof(), texts) == ()


def test_a_file_that_is_gone_was_deleted_unless_it_may_have_been_carried_off() -> None:
    assert [item.claims for item in noticed(proof(), {})] == [("c1",), ("ca", "cb")]
    assert noticed(proof(), {}, may_have_moved=True) == ()


def test_what_is_on_record_is_not_noticed_again() -> None:
    (gone,) = noticed(proof(), {PATH: ROWS})
    assert noticed(proof(gone), {PATH: ROWS}) == ()


def test_only_the_same_claim_on_the_same_target_is_unwanted() -> None:
    item = Declined(file=PATH, test="test_one", target="m:f", claims=("c1",), reason="slow", author="Ann")
    case = CallCase(id="c1", target="m:f", input=Null(), expect=(Equals(Null()),))
    refused = unwanted(case, (item,))
    assert refused is not None
    assert (refused.stage, refused.reason) == ("declined", "test_one was declined by Ann: slow")
    assert unwanted(case.model_copy(update={"id": "c2"}), (item,)) is None
    assert unwanted(case.model_copy(update={"target": "m:g"}), (item,)) is None


def test_a_test_that_was_only_found_to_be_gone_is_said_to_be_deleted() -> None:
    assert (
        told(Declined(file=PATH, test="test_one", target="m:f", claims=()))
        == "test_one was deleted, no reason was given"
    )
