"""The generator that asks a language model: only for functions whose mutants the search left alive."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from qtest.config import WriterSettings
from qtest.errors import BudgetSpent, CompletionError
from qtest.generate.phrasing import tokens
from qtest.generate.prompt import Asking, prompt_of
from qtest.generate.questions import Question, questions
from qtest.generate.reply import Reader
from qtest.ports import Completer
from qtest.records.case import CallCase
from qtest.records.completion import Completion, Payer, Prompt
from qtest.records.outcome import Effort, Feedback, Rejection, Spent
from qtest.records.plan import Brief

Proposal = CallCase | Rejection | Effort
UNANSWERED = "unanswered"
_MOST_UNANSWERED = 2  # prompts in a row: then nobody is there


@dataclass(frozen=True)
class ModelGenerator:
    """Answers the port `Generator`. `payer` is on whose account tokens are spent."""

    completer: Completer
    settings: WriterSettings
    clock: Callable[[], float]
    payer: Payer
    name: str = "model"

    @property
    def rounds(self) -> int:
        return self.settings.rounds

    def propose(self, brief: Brief, feedback: Feedback) -> Iterator[Proposal]:
        """Never raises for a model's sake: an answer that is none is a rejection with its reason."""
        wall_s = min(self.settings.wall_s, brief.share.wall_s or self.settings.wall_s)
        yield from _Round(self, brief, feedback, self.clock() + wall_s).proposals()


@dataclass
class _Round:
    """One round over a module's functions."""

    generator: ModelGenerator
    brief: Brief
    feedback: Feedback
    until: float
    effort: Effort = field(default_factory=Effort)

    def proposals(self) -> Iterator[Proposal]:
        started = self.generator.clock()
        known = {one.case.id for one in self.feedback.rejected if one.case}
        reader = Reader(self.brief)
        silent = 0
        for question in questions(self.brief):
            prompt = self._prompt(question)
            if stopped := self._stopped(prompt):
                self.effort += Effort(stopped=stopped)
                break
            try:
                completion = self.generator.completer.complete(prompt)
            except CompletionError as error:
                silent += 1
                self.effort += Effort(unanswered=1)
                yield Rejection(target=question.of.id, stage=UNANSWERED, reason=str(error))
                if isinstance(error, BudgetSpent) or silent >= _MOST_UNANSWERED:
                    break
                continue
            silent = 0
            reply = reader.read(completion, question.asked, known)
            known |= {case.id for case in reply.cases}
            self.effort += Effort(spent=(spent(completion, usable=reply.usable),))
            yield from reply.cases
            yield from reply.refused
        yield self.effort + Effort(wall_s=self.generator.clock() - started)

    def _prompt(self, question: Question) -> Prompt:
        settings = self.generator.settings
        asking = Asking(settings.prompt_tokens, settings.answer_tokens, settings.temperature, self.generator.payer)
        return prompt_of(self.brief, question, self._told(question), asking)

    def _told(self, question: Question) -> Sequence[Rejection]:
        about = {question.of.id, *question.asked}
        return [one for one in self.feedback.rejected if one.target in about]

    def _stopped(self, prompt: Prompt) -> str:
        """Why no more may be asked; empty when it may."""
        if self.generator.clock() >= self.until:
            return "the time for asking a model was spent"
        used = self.feedback.tokens + self.effort.tokens
        next_one = sum(tokens(message.content) for message in prompt.messages)
        return "the tokens for this module were spent" if used + next_one > self.generator.settings.tokens else ""


def spent(completion: Completion, *, usable: bool) -> Spent:
    return Spent(
        tier=completion.tier,
        answers=1,
        unusable=int(not usable),
        cached=int(completion.cached),
        input_tokens=completion.input_tokens,
        output_tokens=completion.output_tokens,
        cost_usd=completion.cost_usd,
        gpu_s=completion.gpu_s,
    )
