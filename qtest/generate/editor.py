"""A model as a reader of tests: a critic that may refuse them or ask for more, and a hand that names and orders them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationError

from qtest.config import WriterSettings
from qtest.errors import CompletionError
from qtest.generate.llm import spent
from qtest.generate.phrasing import Name, Section, messages, template
from qtest.generate.prompt import shown, source_of
from qtest.generate.reply import unfenced
from qtest.generate.titles import Vocabulary
from qtest.ports import Completer
from qtest.records.case import CallCase
from qtest.records.case.wire import schema_text
from qtest.records.case.wire.forms import Form
from qtest.records.case.wire.limits import TEXT, TITLE
from qtest.records.completion import Difficulty, Payer, Prompt, TaskType
from qtest.records.outcome import Effort, Opinion
from qtest.records.plan import Brief

MOST_TESTS = 40  # of one module, in one prompt
NUMBER = Annotated[int, Field(ge=1, le=MOST_TESTS, strict=True)]
_SOURCE, _TESTS = 50, 60


class SaidOpinion(Form):
    number: NUMBER
    verdict: Literal["keep", "reject", "ask"]
    reason: TEXT = ""


class Opinions(Form):
    opinions: Annotated[tuple[SaidOpinion, ...], Field(max_length=MOST_TESTS)]


class SaidName(Form):
    number: NUMBER
    description: TITLE


class SaidNames(Form):
    names: Annotated[tuple[SaidName, ...], Field(max_length=MOST_TESTS)]


Answer = TypeVar("Answer", bound=Form)


@dataclass(frozen=True)
class ModelEditor:
    """Answers the port `Editor`. Where no answer is to be had, or none that can be used, nothing is said and nothing is changed."""

    completer: Completer
    settings: WriterSettings
    payer: Payer

    def review(self, brief: Brief, cases: Sequence[CallCase]) -> tuple[tuple[Opinion, ...], Effort]:
        if not self.settings.critic:
            return (), Effort()
        asked = list(cases)[:MOST_TESTS]
        answer, effort = self._ask("critic", "critic", brief, asked, Opinions)
        said = {one.number: one for one in answer.opinions} if answer else {}
        return tuple(_opinion(case, said.get(number)) for number, case in enumerate(asked, 1) if said), effort

    def title(self, brief: Brief, cases: Sequence[CallCase]) -> tuple[tuple[CallCase, ...], Effort]:
        if not self.settings.naming:
            return tuple(cases), Effort()
        asked = list(cases)[:MOST_TESTS]
        answer, effort = self._ask("name", "naming", brief, asked, SaidNames)
        named = answer.names if answer else ()
        vocabulary = Vocabulary.of(brief, cases)
        good = {one.number: one.description for one in named if vocabulary.allows(one.description)}
        good = {number: words for number, words in good.items() if number <= len(asked)}
        first = [asked[number - 1].model_copy(update={"description": words}) for number, words in good.items()]
        rest = [case for number, case in enumerate(cases, 1) if number not in good]
        return (*first, *rest), effort + Effort(renamed=len(first))

    def _ask(
        self, name: Name, task: TaskType, brief: Brief, cases: Sequence[CallCase], form: type[Answer]
    ) -> tuple[Answer | None, Effort]:
        try:
            completion = self.completer.complete(self._prompt(name, task, brief, cases, form))
        except CompletionError:
            return None, Effort(unanswered=1)
        answer = None
        if completion.finish == "stop":
            try:
                answer = form.model_validate(json.loads(unfenced(completion.content)))
            except (ValueError, ValidationError, RecursionError):
                answer = None
        return answer, Effort(spent=(spent(completion, usable=answer is not None),))

    def _prompt(self, name: Name, task: TaskType, brief: Brief, cases: Sequence[CallCase], form: type[Form]) -> Prompt:
        targets = {case.target for case in cases}
        about = [symbol for symbol in brief.module.symbols if symbol.id in targets]
        sections = [
            *(Section(f"From the module {brief.module.name}:", source_of(brief, one), _SOURCE) for one in about),
            *(Section(f"Test {number}:", _told(brief, case), _TESTS) for number, case in enumerate(cases, 1)),
            Section("Answer with the JSON object."),
        ]
        return Prompt(
            task=task,
            messages=messages(name, sections, self.settings.prompt_tokens),
            template=template(name),
            answer=schema_text(model=form),
            difficulty=Difficulty(),
            max_tokens=self.settings.answer_tokens,
            temperature=0.0,
            payer=self.payer,
        )


def _told(brief: Brief, case: CallCase) -> str:
    return f"{case.description}\n{shown(brief, case)}" if case.description else shown(brief, case)


def _opinion(case: CallCase, said: SaidOpinion | None) -> Opinion:
    return Opinion(case=case.id, verdict=said.verdict, reason=said.reason) if said else Opinion(case=case.id)
