"""Which trials become tests: few, cheap to read, each with kills of its own; then each as small as it can be."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

from qtest.generate.search.evolve import spots, with_node
from qtest.generate.search.oracle import Said
from qtest.generate.search.trial import Trial
from qtest.languages.python.walk import walk
from qtest.records.case import (
    Argument,
    Bytes,
    Call,
    Construct,
    Expectation,
    Float,
    Int,
    Is,
    IsInstance,
    List,
    Map,
    Null,
    Ref,
    Set,
    Text,
    Tuple,
)

_NATURAL = ("hello", "a", "Ada", "foo bar")
_PLAIN_NAMES = ("a", "b", "c")
_MOST_SMALLER = 32
_MOST_NEAR = 4
_EASILY_READ = 40  # characters of a text that nobody wrote
_TELLS_LITTLE = 2.0
_NAMED_STEP, _LOOSE_STEP = 8.0, 20.0  # a call for its effect is one more thing that the test is about
_ORIGIN = {"doctest": 0.5, "call site": 0.6, "existing test": 0.6, "search": 1.0}


@dataclass(frozen=True, slots=True)
class Proven:
    """A trial with what a test says of it and the mutants it was seen to kill. `seen` is what the observation saw."""

    trial: Trial
    said: Said
    kills: frozenset[str]
    seen: str = ""
    spoken: Collection[str] = ()

    @property
    def cost(self) -> float:
        return cost(self.trial, self.said, self.spoken)


def cost(trial: Trial, said: Said, spoken: Collection[str] = ()) -> float:
    """How hard the test is to read, and how far to trust it; lower is better. A text that people have `spoken` reads well."""
    weigh = _Scales(spoken).weight
    size = 12.0 + weigh(trial.input)
    size += sum((_NAMED_STEP if step.name else _LOOSE_STEP) + weigh(step.does) for step in trial.setup)
    size += sum(6.0 + 0.3 * weigh(expectation) for expectation in said.expect)
    size *= _ORIGIN[trial.origin]
    if said.expect == (Is(Null()),) or any(_is_private(expectation) for expectation in said.expect):
        size *= _TELLS_LITTLE
    return size * (4.0 if said.implicit else 1.0)


def _is_private(expectation: Expectation) -> bool:
    """That the result is of a class of which no caller knows."""
    return isinstance(expectation, IsInstance) and expectation.symbol.partition(":")[2].startswith("_")


def merged(found: Sequence[Proven]) -> list[Proven]:
    """Each trial once, with all that it was seen to kill."""
    by_trial: dict[tuple[object, ...], Proven] = {}
    for item in found:
        known = by_trial.get(item.trial.identity)
        by_trial[item.trial.identity] = item if known is None else replace(known, kills=known.kills | item.kills)
    return list(by_trial.values())


def cover(found: Sequence[Proven], cap: Callable[[str], int]) -> list[Proven]:
    """Greedy: most new kills for the cost, at most `cap` of a target; then those whose kills all the others have are dropped."""
    left = {mutant for item in found for mutant in item.kills}
    chosen: list[Proven] = []
    counts: dict[str, int] = {}
    waiting = sorted(found, key=lambda item: (item.cost, repr(item.trial.identity)))
    costs = {id(item): item.cost for item in waiting}
    while left:
        best, score = None, 0.0
        for item in waiting:
            gain = len(item.kills & left)
            if gain and counts.get(item.trial.target, 0) < cap(item.trial.target) and gain / costs[id(item)] > score:
                best, score = item, gain / costs[id(item)]
        if best is None:
            break
        chosen.append(best)
        counts[best.trial.target] = counts.get(best.trial.target, 0) + 1
        left -= best.kills
        waiting = [item for item in waiting if item is not best and item.kills & left]
    return _needed(chosen)


def _needed(chosen: list[Proven]) -> list[Proven]:
    for item in sorted(chosen, key=lambda item: (-item.cost, repr(item.trial.identity))):
        if item.kills <= {mutant for other in chosen if other is not item for mutant in other.kills}:
            chosen = [other for other in chosen if other is not item]
    return chosen


def unique_kills(chosen: Sequence[Proven]) -> Mapping[int, frozenset[str]]:
    """By position: what no other one kills."""
    counts: dict[str, int] = {}
    for item in chosen:
        for mutant in item.kills:
            counts[mutant] = counts.get(mutant, 0) + 1
    return {at: frozenset(mutant for mutant in item.kills if counts[mutant] == 1) for at, item in enumerate(chosen)}


def smaller(trial: Trial, spoken: Sequence[str] = ()) -> list[Trial]:
    """The same trial with something left out or made plainer, or with a text that people have `spoken`; the boldest first."""
    found: dict[tuple[object, ...], Trial] = {}
    for changed in _smaller(trial, spoken):
        if changed.identity != trial.identity:
            found.setdefault(changed.identity, replace(changed, origin="search", source="", expected=""))
        if len(found) == _MOST_SMALLER:
            break
    return list(found.values())


def _smaller(trial: Trial, spoken: Sequence[str]) -> Iterator[Trial]:
    for at, step in enumerate(trial.setup):
        rest = trial.setup[:at] + trial.setup[at + 1 :]
        used = {part.name for part in walk((tuple(other.does for other in rest), trial.input)) if isinstance(part, Ref)}
        if not step.name or step.name not in used:
            yield replace(trial, setup=rest)
    yield from _renamed(trial)
    for path, node, put in spots(trial):
        for plain in _plainer(node, spoken):
            yield put(path, plain)


def split(trial: Trial) -> tuple[Trial, Trial] | None:
    """The trial without its last act for an effect, and that act by itself; None where it has none."""
    loose = [at for at, step in enumerate(trial.setup) if not step.name]
    if not loose or trial.origin != "search":
        return None
    at = loose[-1]
    done = trial.setup[at].does
    rest = replace(trial, setup=trial.setup[:at] + trial.setup[at + 1 :])
    target = done.symbol if isinstance(done, Call) else trial.target
    return rest, replace(trial, target=target, setup=trial.setup[:at], input=done)


def _renamed(trial: Trial) -> Iterator[Trial]:
    """The same with a text that stands in several places made a plain one in all of them."""
    texts = Counter(
        part.value for part in walk((tuple(step.does for step in trial.setup), trial.input)) if isinstance(part, Text)
    )
    free = [name for name in _PLAIN_NAMES if name not in texts]
    for text, count in texts.items():
        if count > 1 and text not in _PLAIN_NAMES and free:
            changed = trial
            for path, node, _ in spots(trial):
                if node == Text(text):
                    changed = with_node(changed, path, Text(free[0]))
            yield changed


def _plainer(node: Any, spoken: Sequence[str]) -> Iterator[Any]:
    match node:
        case Call("asyncio:gather", together):
            calls = (argument.value for argument in together)
            yield from (replace(call, awaited=True) for call in calls if isinstance(call, Call))
        case Call() | Construct():
            for at, argument in enumerate(node.arguments):
                if argument.name or argument.spread or at == len(node.arguments) - 1:
                    yield replace(node, arguments=node.arguments[:at] + node.arguments[at + 1 :])
        case Text(text):
            if text not in spoken:
                yield from (Text(word) for word in _near(text, spoken))
                yield from (Text(shorter) for shorter in _shorter(text))
        case Bytes(octets) if len(octets) > 2:
            yield Bytes(octets[: len(octets) // 4 * 2])
        case Int(value) if abs(value) > 2:
            yield from (Int(plain) for plain in (0, 1, 2, 10, value // 10) if abs(plain) < abs(value))
        case Float() if len(node.text) > 3:
            yield from (Float(plain) for plain in ("0.5", "1.5", "2.0"))
        case List(items) | Tuple(items) if items:
            kind = type(node)
            if len(items) > 2:
                yield kind(items[: len(items) // 2])
            yield from (kind(items[:at] + items[at + 1 :]) for at in range(min(len(items), 6)))
        case Set(items) if items:
            yield Set(items[1:], node.frozen)
        case Map(entries) if entries:
            yield from (Map(entries[:at] + entries[at + 1 :]) for at in range(min(len(entries), 4)))


def _near(text: str, spoken: Sequence[str]) -> list[str]:
    """Those that start like it, or else are made of the same sorts of characters; shortest first."""
    ordered = sorted(spoken, key=lambda word: (len(word), word))
    alike = [word for word in ordered if word[:2] == text[:2] or _sorts(word) == _sorts(text)]
    return [word for word in alike if word][:_MOST_NEAR]


def _sorts(text: str) -> frozenset[str]:
    return frozenset("a" if char.isalpha() else "0" if char.isdigit() else char for char in text)


def _shorter(text: str) -> Iterator[str]:
    if len(text) > 12:
        yield text[: len(text) // 2]
        yield text[len(text) // 2 :]
    if _oddity(text) > 0 or len(text) > 12:
        yield from (word for word in _NATURAL if len(word) < max(4, len(text)))
    plain = "".join(char for char in text if char.isalnum() or char == " ")
    if plain != text:
        yield plain
    if 1 < len(text) <= 40:
        yield from (text[:at] + text[at + 1 :] for at in range(min(len(text), 8)))


class _Scales:
    def __init__(self, spoken: Collection[str]) -> None:
        self._spoken = spoken

    def weight(self, node: Any) -> float:
        if isinstance(node, tuple):
            return sum(self.weight(item) for item in node)
        match node:
            case Text(text):
                return self._text(text)
            case Bytes(octets):
                return 4.0 + len(octets)
            case Int(value):
                return 1.0 + len(str(value)) if abs(value) < 10**30 else 60.0
            case Float(text):
                return 2.0 + len(text) + (6.0 if text in ("nan", "inf", "-inf") else 0.0)
            case Null():
                return 2.0
            case Argument(value, name):
                return self.weight(value) + (2.0 + len(name) / 3 if name else 0.0)
            case str():
                return len(node) / 6
        if is_dataclass(node):
            return 3.0 + sum(self.weight(getattr(node, field.name)) for field in fields(node) if field.name != "kind")
        return 0.0

    def _text(self, text: str) -> float:
        if text in self._spoken:
            return 2.0 + len(text) / 4
        return 2.0 + len(text) + 3.0 * _oddity(text) + 2.0 * max(0, len(text) - _EASILY_READ)


def _oddity(text: str) -> float:
    """Characters nobody types, and words nobody says."""
    odd = sum(1 for char in text if not (char.isalnum() or char in " _-.,:/") or ord(char) > 127)
    changes = sum(1 for left, right in pairwise(text) if left.islower() and right.isupper())
    letters = [char for char in text.lower() if char.isalpha()]
    vowels = sum(1 for char in letters if char in "aeiouy")
    clumsy = 2.0 if len(letters) > 4 and vowels * 6 < len(letters) else 0.0
    return odd + 0.5 * changes + clumsy + (math.log2(len(text)) if len(text) > 40 else 0.0)
