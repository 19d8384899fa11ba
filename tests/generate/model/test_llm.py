"""A model is asked until its tokens, its time or its patience end; whatever happens is told, and nothing is raised."""

from collections.abc import Callable

import pytest

from qtest.config import Config, WriterSettings
from qtest.errors import BudgetSpent, CompletionError
from qtest.fakes import ScriptedCompleter
from qtest.generate import phrasing
from qtest.generate.llm import ModelGenerator
from qtest.generate.writer import Writer
from qtest.keys import of_draft
from qtest.records.baseline import ProjectBaseline, Suite
from qtest.records.case import CallCase
from qtest.records.completion import Payer, Prompt
from qtest.records.outcome import Effort, Feedback, Rejection
from qtest.records.plan import Brief, Budget

Answer = Callable[[Prompt], str | CompletionError]
GROUND = ProjectBaseline(setting=None, suite=Suite(project="", command=()))


def proposed(
    brief: Brief, answer: Answer, feedback: Feedback | None = None, **settings: float
) -> tuple[list[Prompt], list[Rejection], Effort]:
    completer = ScriptedCompleter(answer)
    clock = iter(range(1000))
    generator = ModelGenerator(completer, WriterSettings.model_validate(settings), lambda: next(clock), Payer())
    found = list(generator.propose(brief, feedback or Feedback()))
    assert not [one for one in found if isinstance(one, CallCase)]
    (effort,) = (one for one in found if isinstance(one, Effort))
    return completer.asked, [one for one in found if isinstance(one, Rejection)], effort


def test_each_function_is_asked_about_once_in_a_round_and_each_answer_is_counted(brief: Brief) -> None:
    asked, rejected, effort = proposed(brief, lambda _: "no")
    assert len(asked) == len(rejected) == 5
    (spent,) = effort.spent
    assert (spent.answers, spent.unusable, spent.tier) == (5, 5, "TIER1")
    assert spent.input_tokens > 0


def test_nothing_is_asked_beyond_the_tokens_of_a_module(brief: Brief) -> None:
    asked, _, effort = proposed(brief, lambda _: "no", tokens=5000)
    assert 0 < len(asked) < 5
    assert effort.stopped == "the tokens for this module were spent"
    assert effort.tokens <= 5000


def test_what_earlier_rounds_spent_counts(brief: Brief) -> None:
    asked, _, effort = proposed(brief, lambda _: "no", Feedback(tokens=59_000))
    assert asked == []
    assert effort.stopped == "the tokens for this module were spent"


def test_nothing_is_asked_when_the_time_is_over(brief: Brief) -> None:
    asked, _, effort = proposed(brief, lambda _: "no", wall_s=4)
    assert 0 < len(asked) < 5
    assert effort.stopped == "the time for asking a model was spent"


def test_the_time_is_at_most_that_of_the_modules_search(brief: Brief) -> None:
    asked, _, _ = proposed(brief.model_copy(update={"share": Budget(wall_s=2.0)}), lambda _: "no")
    assert len(asked) < 3


@pytest.mark.parametrize(
    ("error", "asked_times"), [(BudgetSpent("run r: 5 of 5 tokens"), 1), (CompletionError("all tiers are down"), 2)]
)
def test_where_no_answer_is_to_be_had_it_is_said_and_soon_no_more_is_asked(
    brief: Brief, error: CompletionError, asked_times: int
) -> None:
    asked, rejected, effort = proposed(brief, lambda _: error)
    assert (len(asked), effort.unanswered) == (asked_times, asked_times)
    assert {(one.stage, one.reason) for one in rejected} == {("unanswered", str(error))}


def test_a_single_silence_does_not_end_the_asking(brief: Brief) -> None:
    turns = iter((CompletionError("busy"), "no", CompletionError("busy"), "no", "no"))
    asked, _, effort = proposed(brief, lambda _: next(turns))
    assert (len(asked), effort.unanswered) == (5, 2)


def test_what_became_of_a_functions_cases_is_told_when_it_is_asked_about_again(brief: Brief) -> None:
    told = Feedback(rejected=(Rejection(target="shop:Basket.add", stage="runtime", reason="assert 1 == 2"),))
    asked, _, _ = proposed(brief, lambda _: "no", told)
    hearing = [prompt for prompt in asked if "assert 1 == 2" in prompt.messages[-1].content]
    assert [prompt.difficulty.refusals for prompt in hearing] == [1]
    assert "Targets: shop:Basket.add." in hearing[0].messages[-1].content


def test_a_draft_with_a_model_is_remembered_apart_from_others(brief: Brief, monkeypatch: pytest.MonkeyPatch) -> None:
    def name(named: str, **settings: float) -> str:
        writer = Writer(ScriptedCompleter(lambda _: ""), named)
        return of_draft(brief, GROUND, "", Config(), writer.key(WriterSettings.model_validate(settings)))

    names = [of_draft(brief, GROUND, "", Config()), name("ollama:a"), name("ollama:b"), name("ollama:a", rounds=2)]
    monkeypatch.setitem(phrasing.VERSIONS, "write", 1)
    monkeypatch.setattr(phrasing, "instructions", lambda name: "others")
    phrasing.version.cache_clear()
    names.append(name("ollama:a"))
    monkeypatch.undo()
    phrasing.version.cache_clear()
    assert len(set(names)) == len(names)
    assert name("ollama:a") == names[1]
