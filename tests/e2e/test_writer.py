"""A language model beside the search: right answers kill what the search could not, and wrong ones change nothing."""

import itertools
import json
import random
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import pytest

from qtest.config import Config
from qtest.errors import CompletionError
from qtest.fakes import MemoryLedger, ScriptedCompleter
from qtest.generate.writer import Writer
from qtest.line import Inline
from qtest.memory import Memory
from qtest.meter import Meter
from qtest.pipeline import run as pipeline
from qtest.ports import Sandbox
from qtest.records.case import CallCase
from qtest.records.completion import Prompt
from qtest.records.mutant import Killed, Mutant
from qtest.records.outcome import ModuleOutcome, Rejection, ValidatedTest
from qtest.records.plan import Budget
from qtest.stages import Stages
from qtest.wiring import House, open_house

pytestmark = pytest.mark.sandbox

# Each opens to one word that no search comes upon: what is behind it survives the search.
SOURCE = '''import zlib


def seal(word):
    """Which seal stands on a word."""
    if zlib.crc32(word.encode()) in (2105025085,):
        return "lion"
    return "none"


def toll(word):
    return 40 if zlib.crc32(word.encode()) in (1769475999,) else 7


def guard(word):
    """Whether a word opens the gate. Every word but one is refused."""
    return zlib.crc32(word.encode()) in (731267566,)
'''
WORDS = {"seal": ("parchment", "lion"), "toll": ("bridge", 40), "guard": ("postern", True)}


def case(function: str, word: str, value: object) -> dict[str, object]:
    call = {"kind": "call", "symbol": f"doors:{function}", "arguments": [{"value": word}]}
    return {"target": f"doors:{function}", "input": call, "expect": [{"kind": "equals", "value": value}]}


def asked_for(prompt: Prompt) -> str:
    """The function that a prompt is about."""
    return prompt.messages[-1].content.rpartition("Targets: doors:")[2].partition(".")[0]


def cassette(prompt: Prompt) -> str:
    """Written by hand: the right answer for each function, and nothing for those who read."""
    if prompt.task != "unit_test":
        return "{}"
    function = asked_for(prompt)
    return json.dumps({"cases": [case(function, *WORDS[function])]})


@dataclass(frozen=True)
class Written:
    module: ModuleOutcome
    text: str

    @property
    def cases(self) -> list[CallCase]:
        return [one for test in self.module.outcomes if isinstance(test, ValidatedTest) for one in test.cases]

    def mutants(self, names: Collection[str]) -> list[Mutant]:
        return [verdict.mutant for verdict in self.module.before if verdict.mutant.id in names]

    @property
    def living(self) -> set[str]:
        last = {verdict.mutant.id: verdict for verdict in (*self.module.before, *self.module.after)}
        return {name for name, verdict in last.items() if not isinstance(verdict.result, Killed)}


@pytest.fixture(scope="module")
def house(sandboxed: Sandbox) -> Iterator[House]:
    with open_house() as opened:
        yield opened


@pytest.fixture(scope="module")
def write(house: House, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Written]:
    folder = tmp_path_factory.mktemp("doors")
    (folder / "doors.py").write_text(SOURCE)
    config = Config(budget=Budget(evaluations=150))

    def run(answer: Callable[[Prompt], str | CompletionError] | None) -> Written:
        writer = Writer(ScriptedCompleter(answer), "scripted") if answer else None
        memory = Memory(MemoryLedger(), house.store, "run", lambda: 0)
        line = Inline(Stages(house, config, memory, writer), Meter(time.monotonic, lambda _: None, config.budget))
        (module,) = pipeline(line.line(), house.fetcher.fetch(str(folder)))
        return Written(module, module.file.text if module.file else "")

    return run


@pytest.fixture(scope="module")
def alone(write: Callable[..., Written]) -> Written:
    """By the search alone."""
    return write(None)


def test_three_right_answers_kill_exactly_what_they_are_about_and_ship(
    write: Callable[..., Written], alone: Written
) -> None:
    found = write(cassette)
    dead = alone.living - found.living
    assert sorted({mutant.symbol for mutant in found.mutants(dead)}) == ["doors:guard", "doors:seal", "doors:toll"]
    assert not found.living - alone.living
    by_model = [case for case in found.cases if case.provenance.origin == "model"]
    assert sorted(case.target for case in by_model) == ["doors:guard", "doors:seal", "doors:toll"]
    assert {case.id for case in alone.cases} <= {case.id for case in found.cases}
    assert all(word in found.text for word, _ in WORDS.values())
    assert [(one.tier, one.answers >= len(WORDS)) for one in found.module.effort.spent] == [("TIER1", True)]


def test_whatever_a_model_answers_the_run_ends_with_the_tests_of_the_search_and_says_what_came(
    write: Callable[..., Written], alone: Written
) -> None:
    chance = random.Random(7)
    wrong = {"target": "doors:seal", "input": {"kind": "call", "symbol": "doors:seal", "arguments": [{"value": "a"}]}}
    harmful = {"kind": "call", "symbol": "os:system", "arguments": [{"value": "true"}]}
    answers = [
        chance.randbytes(300).decode("latin-1"),
        json.dumps({"cases": [case("seal", "parchment", "lion")]})[:-9],
        json.dumps({"cases": [wrong | {"expect": [{"kind": "equals", "value": "lion"}]}]}),
        json.dumps({"cases": [case("seal", "b", "none") | {"input": harmful}]}),
        json.dumps({"cases": [wrong | {"expect": [{"kind": "equals", "value": "none"}], "description": "x"}]}),
        CompletionError("nobody is there"),
    ]
    turn = itertools.count()

    def garbage(prompt: Prompt) -> str | CompletionError:
        return answers[next(turn) % len(answers)] if asked_for(prompt) == "seal" else "{}"

    found = write(garbage)
    assert next(turn) >= 3, "each round asks again"
    assert found.text == alone.text
    assert found.living == alone.living
    said = {one.reason.partition(":")[0] for one in found.module.outcomes if isinstance(one, Rejection)}
    assert {"the answer is not JSON", "fails on the code as it is"} <= said
    assert all(one.unusable for one in found.module.effort.spent)
