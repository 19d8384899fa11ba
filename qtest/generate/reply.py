"""What a model answered, as cases; whatever cannot be one is counted with its reason."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qtest.generate.permitted import objection, symbols
from qtest.generate.search.cases import completed
from qtest.generate.search.code import Code
from qtest.generate.titles import Vocabulary
from qtest.languages.python.render import refusal
from qtest.records.case import CallCase, Provenance
from qtest.records.case.wire import WireCase, each
from qtest.records.case.wire.coding import prose, recorded, setup_of
from qtest.records.completion import Completion
from qtest.records.outcome import Rejection
from qtest.records.plan import Brief

_FENCE = re.compile(r"\A\s*```[a-z]*\n(.*)\n```\s*\Z", re.DOTALL)
_WORD = re.compile(r"[a-z0-9]+")
STAGE = "model"


@dataclass(frozen=True)
class Reply:
    cases: tuple[CallCase, ...] = ()
    refused: tuple[Rejection, ...] = ()

    @property
    def usable(self) -> bool:
        return bool(self.cases)


class Reader:
    """Reads answers about one module."""

    def __init__(self, brief: Brief) -> None:
        self._brief, self._code = brief, Code(brief)
        self._permitted = frozenset(symbols(brief))
        self._vocabulary = Vocabulary.of(brief, ())

    def read(self, completion: Completion, asked: Sequence[str], known: Iterable[str] = ()) -> Reply:
        """`asked` are the targets that the prompt was about; cases with one of the ids that are `known` are nothing new."""
        cases: dict[str, CallCase] = {}
        refused: list[Rejection] = []
        for found in self._found(completion, asked):
            if isinstance(found, Rejection):
                refused.append(found)
            elif found.id not in known:
                cases.setdefault(found.id, found)
        if not cases and not refused:
            refused.append(_rejected(asked[0], "the answer holds no case that was not proposed before"))
        return Reply(tuple(cases.values()), tuple(refused))

    def _found(self, completion: Completion, asked: Sequence[str]) -> Iterator[CallCase | Rejection]:
        if completion.finish == "length":
            yield _rejected(asked[0], f"the answer was cut off after {completion.output_tokens} tokens")
            return
        try:
            said = list(each(unfenced(completion.content)))
        except ValueError as error:
            yield _rejected(asked[0], str(error))
            return
        for one in said:
            yield _rejected(asked[0], one) if isinstance(one, str) else self._case(one, completion, asked)

    def _case(self, said: WireCase, completion: Completion, asked: Sequence[str]) -> CallCase | Rejection:
        if said.target not in asked:
            return _rejected(asked[0], f"its target is {said.target}; expected {' or '.join(asked)}")
        case = CallCase(
            id="",
            target=said.target,
            description=self._titled(said.description),
            setup=setup_of(said),
            input=recorded(said.input),
            expect=tuple(recorded(one) for one in said.expect),
            provenance=Provenance(
                generator=f"model {completion.tier}",
                origin="model",
                source=" ".join(prose(said.contract).split()),
                seed=self._brief.seed,
            ),
        )
        why = objection(case, self._permitted) or self._unwritable(case)
        return _rejected(case.target, why) if why else completed(case, self._code, self._brief)

    def _titled(self, said: str) -> str:
        """Empty where the words are not plain ones of the code: then the test is named for what it shows."""
        words = " ".join(_WORD.findall(said.lower()))
        return words if self._vocabulary.allows(words) else ""

    def _unwritable(self, case: CallCase) -> str:
        """A date that is none, a keyword as a name: what only shows when it is written."""
        try:
            return refusal(case, self._brief.module.name)
        except (SyntaxError, ValueError, TypeError, IndexError, KeyError, AttributeError, RecursionError) as error:
            return f"it cannot be written as Python: {type(error).__name__}: {str(error)[:120]}"


def unfenced(text: str) -> str:
    """Without the marks of a code block around all of it."""
    found = _FENCE.match(text)
    return found.group(1) if found else text


def _rejected(target: str, reason: str) -> Rejection:
    return Rejection(target=target, stage=STAGE, reason=reason)
