"""A mutant as a person reads it."""

import bisect
import functools
import re
from itertools import accumulate

from qtest.records.mutant import Mutant

CONTEXT = 1  # lines around the change
HEADER = 3  # lines before those of the file
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")  # as the parser splits: not at form feeds


def diff(text: str, mutant: Mutant, context: int = CONTEXT) -> str:
    """Unified; paths as in the project."""
    lines, starts = split_lines(text)
    if not lines:
        lines, starts = ("",), (0,)
    first = bisect.bisect_right(starts, mutant.start) - 1
    last = bisect.bisect_right(starts, mutant.end) - 1
    old = lines[first : last + 1]
    end = starts[last] + len(lines[last])
    new = _LINE.findall(text[starts[first] : mutant.start] + mutant.replacement + text[mutant.end : end])
    while old and new and old[-1] == new[-1]:
        old, new, last = old[:-1], new[:-1], last - 1
    before, after = lines[max(0, first - context) : first], lines[last + 1 : last + 1 + context]
    around = len(before) + len(after)
    at = first - len(before) + 1
    return "\n".join(
        (
            f"--- {mutant.path}",
            f"+++ {mutant.path}",
            f"@@ -{at},{around + len(old)} +{at},{around + len(new)} @@",
            *_marked(" ", before),
            *_marked("-", old),
            *_marked("+", new),
            *_marked(" ", after),
        )
    )


def changed_lines(text: str) -> list[str]:
    """Of a diff: only what goes and what comes."""
    return [line for line in text.split("\n")[HEADER:] if not line.startswith(" ")]


def applied(text: str, mutant: Mutant) -> str:
    return text[: mutant.start] + mutant.replacement + text[mutant.end :]


def _marked(sign: str, lines: tuple[str, ...] | list[str]) -> list[str]:
    return [sign + line.rstrip("\r\n") for line in lines]


@functools.lru_cache(maxsize=4)  # thousands of mutants of one text come one after the other
def split_lines(text: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """With their ends, cut where the parser cuts, and where each begins."""
    lines = tuple(_LINE.findall(text))
    return lines, tuple(accumulate((len(line) for line in lines[:-1]), initial=0))
