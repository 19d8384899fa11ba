"""A model picks the functions that a concern is about from a numbered list; what it says besides changes nothing."""

import pytest

from qtest.config import WriterSettings
from qtest.errors import CompletionError
from qtest.fakes import ScriptedCompleter
from qtest.generate.concern import picked
from qtest.records.completion import Payer
from qtest.records.plan import Brief


def pick(brief: Brief, answer: str | CompletionError) -> tuple[list[str], str]:
    completer = ScriptedCompleter(lambda _: answer)
    found = picked("no price is negative", brief.module.symbols, completer, WriterSettings(), Payer())
    return [symbol.qualname for symbol in found], completer.asked[0].messages[-1].content


def test_the_functions_are_listed_with_their_documentation_and_picked_by_number(brief: Brief) -> None:
    names = [symbol.qualname for symbol in brief.module.symbols]
    number = names.index("Basket.add") + 1
    found, asked = pick(brief, f'{{"numbers":[{number},{number}]}}')
    assert found == ["Basket.add"]
    assert f"{number}. shop:Basket.add(self, price)  # Every price must be above zero" in asked
    assert "no price is negative" in asked


@pytest.mark.parametrize(
    "answer", ["", "1", '{"numbers":[0]}', '{"numbers":["1"]}', '{"numbers":[119]}', CompletionError("nobody")], ids=str
)
def test_an_answer_that_picks_nothing_adds_nothing(brief: Brief, answer: str | CompletionError) -> None:
    assert pick(brief, answer)[0] == []
