"""Texts that a regular expression matches: the shortest, the longest that is sensible, and some between."""

import random
import re
import string
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

_MOST = 3  # repeats beyond the least, so that texts stay short
_CATEGORIES = {
    "CATEGORY_DIGIT": "123456789",
    "CATEGORY_SPACE": " ",
    "CATEGORY_WORD": "abcdexyz",
    "CATEGORY_NOT_DIGIT": "abc-",
    "CATEGORY_NOT_SPACE": "abc1",
    "CATEGORY_NOT_WORD": "- .!",
}
_LONGEST = 120
_FAVOURED = "abcdeghmnrstxyzABCT0123456789 -_.:/"


def samples(pattern: str, flags: str, rng: random.Random, count: int) -> list[str]:
    """Without repeats; each was seen to match. Empty for what cannot be sampled."""
    try:
        options = 0
        for letter in flags:
            options |= {"i": re.I, "m": re.M, "s": re.S, "x": re.X, "a": re.A, "u": re.U}[letter]
        tree = sre_parser.parse(pattern, options)
        compiled = re.compile(pattern, options)
    except (re.error, RecursionError, OverflowError, KeyError, ValueError, TypeError):
        return []
    found: dict[str, None] = {}
    for turn in range(count):
        sampler = _Sampler(rng, ("least", "most")[turn] if turn < 2 else "any")
        try:
            text = sampler.write(tree)
        except (RecursionError, KeyError, ValueError):
            continue
        if len(text) <= _LONGEST and compiled.search(text):
            found[text] = None
    return list(found)


class _Sampler:
    def __init__(self, rng: random.Random, style: str) -> None:
        self._rng, self._style = rng, style
        self._groups: dict[int, str] = {}

    def write(self, tree: Any) -> str:
        return "".join(self._one(op, value) for op, value in tree)

    def _one(self, op: Any, value: Any) -> str:
        if op is sre.LITERAL:
            return chr(value)
        if op is sre.NOT_LITERAL:
            return self._pick([char for char in _FAVOURED if char != chr(value)])
        if op is sre.ANY:
            return self._pick(list("abc1"))
        if op is sre.IN:
            return self._pick(self._members(value))
        if op is sre.BRANCH:
            return self.write(self._rng.choice(value[1]) if self._style != "least" else value[1][0])
        if op is sre.SUBPATTERN:
            text = self.write(value[3])
            if value[0] is not None:
                self._groups[value[0]] = text
            return text
        if op is sre.GROUPREF:
            return self._groups.get(value, "")
        if op is sre.GROUPREF_EXISTS:
            group, yes, no = value
            return self.write(yes) if group in self._groups else self.write(no or [])
        if str(op) in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            return self._repeat(*value)
        if str(op) == "ATOMIC_GROUP":
            return self.write(value)
        return ""

    def _repeat(self, least: int, most: int, inner: Any) -> str:
        top = min(int(most), int(least) + _MOST)
        if self._style == "least":
            times = int(least)
        elif self._style == "most":
            times = top
        else:
            times = self._rng.randint(int(least), top)
        return "".join(self.write(inner) for _ in range(min(times, _LONGEST)))

    def _members(self, items: Any) -> list[str]:
        negated = bool(items) and items[0][0] is sre.NEGATE
        found: list[str] = []
        for op, value in items:
            if op is sre.LITERAL:
                found.append(chr(value))
            elif op is sre.RANGE:
                low, high = value
                found += [chr(code) for code in range(low, min(high, low + 25) + 1)]
            elif op is sre.CATEGORY:
                found += _CATEGORIES.get(str(value), "a")
        if negated:
            return [char for char in _FAVOURED if char not in found] or [
                char for char in string.printable if char not in found
            ]
        return found

    def _pick(self, choices: list[str]) -> str:
        if not choices:
            return ""
        return choices[0] if self._style == "least" else self._rng.choice(choices)
