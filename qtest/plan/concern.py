"""The code that a concern in plain words is about: `amounts must never be rounded twice`, or the text of an issue."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qtest.errors import UsageError
from qtest.plan.privates import public_callers
from qtest.records.plan import LeftOut, TestPlan
from qtest.records.system import Module, Symbol, SystemModel

LEFT_OUT = "it is not what the concern is about"
MOST = 20  # functions: a concern that is about more is about everything
_LEAST_SHARE = 0.5  # of the best score
_NAME, _SAID, _TEXT = 3.0, 2.0, 1.0  # what a word weighs by where it stands
_SHORTEST = 4  # letters that two words must share from the first on
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ENDINGS = ("ations", "ation", "ings", "ing", "ers", "er", "ies", "ed", "es", "ly", "s", "e", "y")
_SAYING_NOTHING = """
about after all also always and any are before but can cannot could does every expected for from has have how instead
into issue just like more most must never not now off once one only other our out over should than that the their them
then there they this too very was well were what when where which while who will with without would you your function
method test tests code bug wrong value values error
"""
_STOP = frozenset(_SAYING_NOTHING.split())
_SIGNS: Mapping[str, str] = {
    "+": "add plus sum",
    "-": "subtract minus difference",
    "*": "multiply times product",
    "/": "divide ratio quotient",
    "%": "modulo remainder",
    "<": "less below under limit bound boundary",
    ">": "greater above exceed limit bound boundary",
    "==": "equal same",
}
_SIGN = re.compile(r" (\+|-|\*|/|%|<|>|==|<=|>=|//) ")


@dataclass(frozen=True)
class Scored:
    symbol: Symbol
    score: float


def concerned(words: str, system: SystemModel, text_of: Callable[[str], str]) -> tuple[Symbol, ...]:
    """The functions that are most about it, best first. Raises UsageError where none is."""
    found = ranked(words, system, text_of)
    if not found:
        asked = ", ".join(dict.fromkeys(_words(words))) or "no word of more than two letters"
        raise UsageError(
            f"--concern: no function says anything of: {asked}; expected words that names, documentation or comments of the code use"
        )
    best = found[0].score
    return tuple(one.symbol for one in found if one.score >= _LEAST_SHARE * best)[:MOST]


def ranked(words: str, system: SystemModel, text_of: Callable[[str], str]) -> list[Scored]:
    """All functions with a word of it, by how rare their words are and where they stand."""
    asked = {_stem(word) for word in _words(words)}
    told = {
        symbol.id: (symbol, _weights(symbol, lines))
        for module in system.modules
        if module.language == "python"
        for lines in (_lines(module, text_of),)
        for symbol in module.symbols
        if symbol.kind != "class"
    }
    hits = {name: _hits(asked, weights) for name, (_, weights) in told.items()}
    common = Counter(word for found in hits.values() for word in found)
    scored = [
        Scored(told[name][0], sum(weight * math.log(1 + len(told) / common[word]) for word, weight in found.items()))
        for name, found in hits.items()
        if found
    ]
    return sorted(scored, key=lambda one: (-one.score, one.symbol.id))


def narrowed(plan: TestPlan, system: SystemModel, about: Sequence[Symbol]) -> TestPlan:
    """Only the targets that it is about, and those through which a private function is reached."""
    symbols = {symbol.id: symbol for module in system.modules for symbol in module.symbols}
    through = public_callers(system, symbols)
    wanted = {symbol.id for symbol in about} | {through[symbol.id] for symbol in about if symbol.id in through}
    wanted |= {name.rpartition(".")[0] for name in wanted}  # a class stands for its methods
    kept = tuple(target for target in plan.targets if target.symbol in wanted)
    gone = tuple(LeftOut(symbol=one.symbol, reason=LEFT_OUT) for one in plan.targets if one.symbol not in wanted)
    return plan.model_copy(
        update={
            "targets": kept,
            "left_out": (*plan.left_out, *dict.fromkeys(gone)),
            "about": tuple(symbol.id for symbol in about),
        }
    )


def is_about(symbol: str, about: Iterable[str]) -> bool:
    """Whether a mutant's symbol is one of those, or stands inside of one."""
    return any(symbol == one or symbol.startswith(f"{one}.") for one in about)


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if len(word) > 2 and word.lower() not in _STOP:
            yield word.lower()


def _stem(word: str) -> str:
    for end in _ENDINGS:
        if word.endswith(end) and len(word) - len(end) >= _SHORTEST - 1:
            return word[: -len(end)]
    return word


def _hits(asked: Iterable[str], weights: Mapping[str, float]) -> dict[str, float]:
    """Of each word that is asked for what it weighs here."""
    found = {word: max((weights[other] for other in weights if _same(word, other)), default=0.0) for word in asked}
    return {word: weight for word, weight in found.items() if weight}


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    return min(len(one), len(other)) >= _SHORTEST and (one.startswith(other) or other.startswith(one))


def _weights(symbol: Symbol, lines: Sequence[str]) -> dict[str, float]:
    text = "\n".join(lines[symbol.line - 1 : symbol.end_line])
    signs = " ".join(_SIGNS.get(sign[0] if sign != "==" else sign, "") for sign in _SIGN.findall(text))
    found: dict[str, float] = {}
    for weight, said in ((_TEXT, f"{text} {signs}"), (_SAID, symbol.docstring), (_NAME, symbol.qualname)):
        found |= dict.fromkeys(map(_stem, _words(said)), weight)
    return found


def _lines(module: Module, text_of: Callable[[str], str]) -> list[str]:
    try:
        return text_of(module.path).splitlines()
    except (KeyError, UnicodeDecodeError, SyntaxError, LookupError):
        return []
