"""Guesses stay on their side of the truth, and a provider's word is taken only where it can be true."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtest.records.completion import Completion, Message, Prompt
from serve.tokens import at_least, at_most, believable, guessed, likely

Ask = Callable[..., Prompt]


@given(st.lists(st.text(), max_size=5))
def test_the_guesses_are_in_order(texts: list[str]) -> None:
    prompt = Prompt(task="naming", messages=tuple(Message(role="user", content=text) for text in texts))
    assert at_least(prompt) <= likely(prompt) <= at_most(prompt)


def test_a_lone_surrogate_can_be_counted() -> None:
    assert guessed("\ud800") == 1


def answer(input_tokens: int, output_tokens: int) -> Completion:
    return Completion(
        content="x" * 3_000,
        provider="p",
        model="m",
        tier="TIER1",
        input_tokens=input_tokens,
        output_tokens=output_tokens,
    )


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ((900, 800), (900, 800)),
        ((0, 0), (1_000, 1_000)),
        ((-5, 800), (1_000, 800)),
        ((900, 10**9), (900, 1_000)),
        ((900, 3_500), (900, 3_500)),
    ],
)
def test_a_count_that_cannot_be_is_replaced(said: tuple[int, int], taken: tuple[int, int], prompt_of: Ask) -> None:
    found = believable(prompt_of("y" * 3_000, max_tokens=1_000), answer(*said))
    assert (found.input_tokens, found.output_tokens) == taken
