"""What a run may spend, whatever happens on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qtest.errors import BudgetSpent, CompletionError
from qtest.records.completion import Completion, Message, Payer, Prompt
from serve.allowance import Allowance, read
from serve.capped import Capped
from serve.fallback import NobodyAnswers, PromptRefused
from serve.prices import Price
from serve.spending import Spend

PRICE = Price(input_usd_per_million=1e6, output_usd_per_million=2e6)  # a dollar, and two, a token
PROMPT = Prompt(task="naming", messages=(Message(role="user", content="x" * 66),), max_tokens=100, payer=Payer(run="r"))
SENT = 30  # at most: 22, and 8 for the role
ANSWER = Completion(
    content="fine", provider="p", model="m", tier="TIER1", input_tokens=20, output_tokens=5, cost_usd=30.0
)


class Says:
    """An answer, or what it raises."""

    def __init__(self) -> None:
        self.next: Completion | BaseException = ANSWER
        self.asked = 0

    def complete(self, prompt: Prompt) -> Completion:
        self.asked += 1
        if isinstance(self.next, BaseException):
            raise self.next
        return self.next


@pytest.fixture
def says() -> Says:
    return Says()


@pytest.fixture
def capped(says: Says, tmp_path: Path) -> Iterator[Capped]:
    made = Capped(says, Allowance(tokens=160), tmp_path, PRICE)
    yield made
    made.close()


def test_what_an_answer_took_is_what_is_spent(capped: Capped) -> None:
    capped.complete(PROMPT)
    assert capped.spent("r") == Spend(25, 30.0)


def test_an_answer_that_could_take_more_than_is_left_is_not_asked_for(capped: Capped, says: Says) -> None:
    capped.complete(PROMPT)
    capped.complete(PROMPT)
    with pytest.raises(
        BudgetSpent, match="may use 160 tokens, has used or set aside 50, and the next answer may take 130"
    ):
        capped.complete(PROMPT)
    assert says.asked == 2
    assert capped.spent("r") == Spend(50, 60.0)


def test_money_is_counted_as_tokens_are(says: Says, tmp_path: Path) -> None:
    capped = Capped(says, Allowance(usd=259.0), tmp_path, PRICE)
    capped.complete(PROMPT)
    with pytest.raises(
        BudgetSpent, match=r"may spend \$259.00 on models, has spent or set aside \$30.0000, and the next"
    ):
        capped.complete(PROMPT)
    capped.close()


def test_an_answer_from_a_cache_costs_nothing(capped: Capped, says: Says) -> None:
    says.next = ANSWER.model_copy(update={"cached": True})
    capped.complete(PROMPT)
    assert capped.spent("r") == Spend()


@pytest.mark.parametrize(
    ("error", "spent"),
    [
        (PromptRefused("no"), Spend()),
        (BudgetSpent("elsewhere"), Spend()),
        (NobodyAnswers("late", trouble="late"), Spend(SENT, SENT * 1.0)),
        (CompletionError("?"), Spend(SENT, SENT * 1.0)),
        (KeyboardInterrupt(), Spend(SENT + 100, SENT + 200.0)),
    ],
)
def test_what_went_wrong_costs_what_it_may_have_taken(
    capped: Capped, says: Says, error: BaseException, spent: Spend
) -> None:
    says.next = error
    with pytest.raises(type(error)):
        capped.complete(PROMPT)
    assert capped.spent("r") == spent


def test_another_process_of_the_run_sees_what_is_spent(capped: Capped, says: Says, tmp_path: Path) -> None:
    other = Capped(says, Allowance(tokens=160), tmp_path, PRICE)
    capped.complete(PROMPT)
    other.complete(PROMPT)
    with pytest.raises(BudgetSpent):
        capped.complete(PROMPT)
    other.close()


def test_a_prompt_of_no_run_is_one_of_this_process_alone(capped: Capped, says: Says, tmp_path: Path) -> None:
    nobodys = PROMPT.model_copy(update={"payer": Payer()})
    other = Capped(says, Allowance(tokens=160), tmp_path, PRICE)
    for one in (capped, other):
        one.complete(nobodys)
        one.complete(nobodys)
    other.close()


def test_where_nothing_can_be_counted_nothing_is_asked(says: Says, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CompletionError, match="what is spent on models cannot be written down"):
        Capped(says, Allowance(tokens=1), tmp_path / "file")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("250", Allowance(tokens=250)),
        ("200k", Allowance(tokens=200_000)),
        ("1.5M", Allowance(tokens=1_500_000)),
        ("$0.5", Allowance(usd=0.5)),
    ],
)
def test_a_budget_is_tokens_or_money(text: str, expected: Allowance) -> None:
    assert read(text) == expected
