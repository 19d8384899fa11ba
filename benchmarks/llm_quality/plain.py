"""The plain way to have a model write tests: it writes a whole file, is told what fails and what survives, and writes it again."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qtest.errors import CompletionError
from qtest.ports import Completer
from qtest.records.completion import Message, Payer, Prompt

TASK = (
    "You write pytest tests. Answer with one complete Python file in one code block and nothing else. It may import pytest, the standard "
    "library and the module under test. Every test must pass on the module as it is, and the tests together must notice as many small "
    "changes of the module's behaviour as possible."
)
MOST_ROUNDS = 8
_BLOCK = re.compile(r"```(?:python)?\n(.*?)```", re.DOTALL)
_MOST_SOURCE, _MOST_SAID, _MOST_ANSWER = 40_000, 4_000, 4_000  # characters, characters, tokens


@dataclass(frozen=True)
class Judged:
    """A file of tests as `qtest mutate` judged it. `said` is what its writer should hear of it."""

    tests: int = 0
    killed: int = 0
    mutants: int = 0
    said: str = ""

    @property
    def worth(self) -> tuple[int, int]:
        return self.killed, self.tests


@dataclass(frozen=True)
class Plain:
    """The best of all files that were written within the budget."""

    text: str
    judged: Judged
    tokens: int
    rounds: int
    note: str = ""


def written(
    source: str, module: str, completer: Completer, budget_tokens: int, judge: Callable[[str], Judged], payer: Payer
) -> Plain:
    """Ends when the tokens are spent, everything is killed, or nobody answers."""
    asked = [Message(role="system", content=TASK), Message(role="user", content=_task(source, module))]
    best = Plain("", Judged(), 0, 0)
    tokens = rounds = 0
    while tokens < budget_tokens and rounds < MOST_ROUNDS:
        prompt = Prompt(
            task="unit_test", messages=tuple(asked[:2] + asked[-2:] if len(asked) > 2 else asked), template="plain-1",
            max_tokens=min(_MOST_ANSWER, budget_tokens - tokens), temperature=0.3, payer=payer,
        )  # fmt: skip
        try:
            completion = completer.complete(prompt)
        except CompletionError as error:
            return _ended(best, tokens, rounds, str(error))
        tokens += completion.input_tokens + completion.output_tokens
        rounds += 1
        text = code_of(completion.content)
        judged = judge(text) if text else Judged(said="The answer holds no code block.")
        if text and judged.worth > best.judged.worth:
            best = Plain(text, judged, tokens, rounds)
        if judged.mutants and judged.killed == judged.mutants:
            break
        asked += [
            Message(role="assistant", content=completion.content[-_MOST_SOURCE:]),
            Message(role="user", content=f"{judged.said[:_MOST_SAID]}\nWrite the whole file again, better."),
        ]
    return _ended(best, tokens, rounds, "" if best.text else "no file of it could be judged")


def code_of(answer: str) -> str:
    """The longest code block; all of it, where there is none and it looks like tests."""
    blocks: Sequence[str] = _BLOCK.findall(answer)
    if blocks:
        return max(blocks, key=len)
    return answer if "def test_" in answer and "```" not in answer else ""


def _ended(best: Plain, tokens: int, rounds: int, note: str) -> Plain:
    return Plain(best.text, best.judged, tokens, rounds, note)


def _task(source: str, module: str) -> str:
    return f"The module {module}:\n```python\n{source[:_MOST_SOURCE]}\n```"
