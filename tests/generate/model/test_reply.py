"""What a model answered becomes cases, or counted reasons why not: never an exception, and never an empty test."""

import json
import random
from collections.abc import Callable

import pytest

from qtest.generate.reply import Reader, Reply
from qtest.records.case import Call, Equals, Raises
from qtest.records.completion import Completion
from qtest.records.plan import Brief

Read = Callable[..., Reply]
BASKET = {"kind": "construct", "symbol": "shop:Basket"}
ADD = {"kind": "call", "symbol": "shop:Basket.add", "receiver": BASKET, "arguments": [{"value": 0}]}
TOTAL = {"kind": "call", "symbol": "shop:total", "arguments": [{"value": BASKET}]}


def case(input: object = None, **more: object) -> dict[str, object]:
    expect = [{"kind": "equals", "value": 0}]
    return {"target": "shop:total", "input": input or TOTAL, "expect": expect} | more


@pytest.fixture
def read(brief: Brief, answered: Callable[..., Completion]) -> Read:
    """Of an answer with these cases, or of that text."""

    def of(said: object, **more: object) -> Reply:
        content = said if isinstance(said, str) else json.dumps({"cases": said})
        return Reader(brief).read(answered(content, **more), ("shop:total", "shop:Basket.add"))

    return of


def test_a_good_answer_is_a_case_that_says_who_made_it(read: Read) -> None:
    expect = [{"kind": "raises", "symbol": "builtins:ValueError", "message": "above 0", "exact": False}]
    contract = "Every price must be above zero or it is refused."
    said = case(ADD, target="shop:Basket.add", expect=expect, description="Refuses  ZERO!", contract=contract)
    (found,) = read([said]).cases
    assert isinstance(found.input, Call)
    assert found.expect == (Raises("builtins:ValueError", "above 0", False),)
    assert (found.description, found.parameters) == ("refuses zero", ("price",))
    assert (found.provenance.origin, found.provenance.generator) == ("model", "model TIER2")
    assert found.provenance.source == contract


def test_a_case_has_the_id_that_the_search_gives_to_the_same_claim(read: Read) -> None:
    one, other = read([case(), case(description="other words")]), read([case()])
    assert [found.id for found in one.cases] == [found.id for found in other.cases]
    assert one.cases[0].expect == (Equals(one.cases[0].expect[0].value),)  # type: ignore[union-attr]


def test_a_name_that_is_not_in_words_of_the_code_is_none(read: Read) -> None:
    (found,) = read([case(description="zxq vrb flub")]).cases
    assert found.description == ""


def test_marks_of_a_code_block_are_no_part_of_the_answer(read: Read) -> None:
    assert len(read("```json\n" + json.dumps({"cases": [case()]}) + "\n```").cases) == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "the answer is not JSON"),
        ("Sure! Here are the tests.", "the answer is not JSON"),
        ('{"cases":[]}', "the answer holds no case that was not proposed before"),
        ([case(target="shop:_rounded")], "its target is shop:_rounded; expected shop:total or shop:Basket.add"),
        ([case({"kind": "call", "symbol": "os:system"})], "it names os:system, which is not among the listed symbols"),
        ([case({"kind": "call", "symbol": "shop:system"})], "it names shop:system, which"),
        ([case({"kind": "call", "symbol": "builtins:eval"})], "it names builtins:eval, which"),
        ([case({"kind": "call", "symbol": "shop:_rounded"})], "it names shop:_rounded, which"),
        ([case({"kind": "get", "receiver": BASKET, "attribute": "__class__"})], "it reaches for __class__, which is"),
        ([case({"kind": "call", "symbol": "x:y.__reduce__", "receiver": BASKET})], "it reaches for __reduce__"),
        ([case({"kind": "ref", "name": "basket"})], "it refers to basket, which no step makes"),
        ([case({"kind": "date", "iso": "2024-99-99"})], "it cannot be written as Python: ValueError"),
        ([case({"kind": "operate", "operator": "[]", "operands": []})], "it cannot be written as Python: "),
        ([case({"kind": "function", "parameters": ["class"], "body": 1})], "it cannot be written as Python: Syntax"),
        ([case({"kind": "regex", "pattern": "("})], ""),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_a_test_is_counted_with_its_reason(read: Read, said: object, reason: str) -> None:
    reply = read(said)
    assert not reply.cases or not reason
    assert all(one.stage == "model" and one.reason.startswith(reason) for one in reply.refused)
    assert reply.refused or not reason


def test_an_answer_that_was_cut_off_is_none_however_good_it_looks(read: Read) -> None:
    reply = read([case()], finish="length")
    assert not reply.usable
    assert reply.refused[0].reason == "the answer was cut off after 9 tokens"


def test_a_good_case_stands_beside_a_bad_one(read: Read) -> None:
    reply = read([case(input={"kind": "no such"}), case()])
    assert (len(reply.cases), len(reply.refused)) == (1, 1)


def test_what_was_proposed_before_is_nothing_new(brief: Brief, answered: Callable[..., Completion]) -> None:
    answer = answered(json.dumps({"cases": [case()]}))
    (first,) = Reader(brief).read(answer, ("shop:total",)).cases
    assert not Reader(brief).read(answer, ("shop:total",), {first.id}).cases


@pytest.mark.parametrize("seed", range(40))
def test_noise_is_no_case_and_no_exception(read: Read, seed: int) -> None:
    chance = random.Random(seed)
    whole = json.dumps({"cases": [case(), case(ADD, target="shop:Basket.add")]})
    at = chance.randrange(len(whole))
    torn = whole[:at] + chance.choice(('"', "}", "null", "\x00", "9" * 400, "")) + whole[at + chance.randrange(9) :]
    for text in (torn, chance.randbytes(60).decode("latin-1"), whole[:at]):
        reply = read(text)
        assert reply.cases or reply.refused
