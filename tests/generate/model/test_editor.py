"""A model may name and order tests, and refuse what a model wrote; it changes nothing that is asserted."""

import json

import pytest

from qtest.config import WriterSettings
from qtest.errors import CompletionError
from qtest.fakes import ScriptedCompleter
from qtest.generate.editor import ModelEditor
from qtest.generate.titles import Vocabulary
from qtest.records.case import Call, CallCase, Equals, Int
from qtest.records.completion import Payer, Prompt
from qtest.records.plan import Brief

CASES = tuple(
    CallCase(id=f"c{number}", target="shop:total", input=Call("shop:total"), expect=(Equals(Int(number)),))
    for number in range(1, 4)
)


def editor(answer: object) -> ModelEditor:
    said = answer if isinstance(answer, str | CompletionError) else json.dumps(answer)
    return ModelEditor(ScriptedCompleter(lambda _: said), WriterSettings(), Payer())


def test_tests_get_the_names_and_the_order_that_a_model_gives_them(brief: Brief) -> None:
    names = [
        {"number": 3, "description": "refuses a price of zero"},
        {"number": 1, "description": "adds the percent"},
    ]
    found, effort = editor({"names": names}).title(brief, CASES)
    assert [(case.id, case.description) for case in found] == [
        ("c3", "refuses a price of zero"),
        ("c1", "adds the percent"),
        ("c2", ""),
    ]
    assert effort.renamed == 2


def test_whatever_a_model_says_of_names_the_cases_claim_what_they_did(brief: Brief) -> None:
    names = [{"number": number, "description": "refuses zero"} for number in (2, 2, 9, 1)]
    found, _ = editor({"names": names}).title(brief, CASES)
    plain = [case.model_copy(update={"description": ""}) for case in found]
    assert sorted(plain, key=lambda case: case.id) == list(CASES)


@pytest.mark.parametrize(
    "answer",
    ["", "no", "[]", '{"names":[{"number":1}]}', '{"names":1}', '{"names":[{"number":"1","description":"refuses zero"}]}',
     CompletionError("nobody")],
    ids=str,
)  # fmt: skip
def test_an_answer_that_is_none_changes_no_name(brief: Brief, answer: str | CompletionError) -> None:
    found, effort = editor(answer).title(brief, CASES)
    assert found == CASES
    assert effort.unanswered or effort.spent[0].unusable


@pytest.mark.parametrize(
    ("title", "good"),
    [
        ("refuses a price of zero", True),
        ("rounded when percent is negative", True),
        ("gоes up", False),  # a Cyrillic letter
        ("goes\u200bup now", False),
        ("Refuses zero", False),
        ("zero", False),
        ("proves the absence of bugs", False),
        ("refuses zero; import os", False),
        ("a a a a a a a a", False),
        ("", False),
    ],
)
def test_a_name_is_a_few_plain_words_of_the_code_or_of_the_trade(brief: Brief, title: str, good: bool) -> None:
    assert Vocabulary.of(brief, CASES).allows(title) is good


def test_a_critic_refuses_asks_or_says_nothing(brief: Brief) -> None:
    said = [
        {"number": 1, "verdict": "reject", "reason": "an accident"},
        {"number": 2, "verdict": "ask", "reason": "the message"},
        {"number": 40, "verdict": "reject"},
    ]
    found, _ = editor({"opinions": said}).review(brief, CASES)
    assert [(one.case, one.verdict) for one in found] == [("c1", "reject"), ("c2", "ask"), ("c3", "keep")]


def test_a_critic_that_cannot_be_understood_has_no_opinion(brief: Brief) -> None:
    found, effort = editor("I like them all.").review(brief, CASES)
    assert found == ()
    assert effort.spent[0].unusable == 1


def test_what_is_switched_off_costs_nothing(brief: Brief) -> None:
    asked: list[Prompt] = []

    def never(prompt: Prompt) -> str:
        asked.append(prompt)
        return ""

    off = ModelEditor(ScriptedCompleter(never), WriterSettings(critic=False, naming=False), Payer())
    assert off.review(brief, CASES) == ((), off.review(brief, CASES)[1])
    assert off.title(brief, CASES)[0] == CASES
    assert asked == []


def test_the_answer_of_a_reader_is_held_to_a_grammar(brief: Brief) -> None:
    completer = ScriptedCompleter(lambda _: "{}")
    ModelEditor(completer, WriterSettings(), Payer()).title(brief, CASES)
    (prompt,) = completer.asked
    assert json.loads(prompt.answer)["properties"]["names"]["maxItems"] == 40
    assert (prompt.task, prompt.template) == ("naming", "name-1")
