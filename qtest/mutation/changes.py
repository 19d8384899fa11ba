"""Which lines of a text are not those of an earlier one."""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from operator import eq

_END = re.compile(r"\r\n|\r|\n")  # lines as the parser counts them, and the same whatever ends them


@dataclass(frozen=True)
class Changes:
    """`lines` are new or changed; after each of the lines in `gaps` something is gone."""

    lines: frozenset[int] = frozenset()
    gaps: frozenset[int] = frozenset()

    def touch(self, first: int, last: int) -> bool:
        """A statement from `first` to `last`: one of its lines has changed, or something inside it is gone."""
        return any(line in self.lines for line in range(first, last + 1)) or any(
            line in self.gaps for line in range(first, last)
        )

    def __bool__(self) -> bool:
        return bool(self.lines or self.gaps)


def changes(old: str | None, new: str) -> Changes:
    """All of a text that was not there before."""
    now = _END.split(new)
    if old is None:
        return Changes(frozenset(range(1, len(now) + 1)))
    lines: set[int] = set()
    gaps: set[int] = set()
    for how, start, end in _differences(_END.split(old), now):
        if how == "delete":
            gaps.add(start)
        else:
            lines.update(range(start + 1, end + 1))
    return Changes(frozenset(lines), frozenset(gaps))


def _differences(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int]]:
    """Where in the new lines, counted from 0. Equal ends are cut off first: the comparison is quadratic."""
    first = _alike(old, new)
    last = _alike(reversed(old[first:]), reversed(new[first:]))
    matcher = difflib.SequenceMatcher(None, old[first : len(old) - last], new[first : len(new) - last], autojunk=False)
    for how, _, _, start, end in matcher.get_opcodes():
        if how != "equal":
            yield how, start + first, end + first


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    """How many they have in common at the beginning."""
    return sum(takewhile(bool, map(eq, one, other)))
