"""A name for a mutant that stays while its statement does, whatever else changes in the file."""

import re
from collections import Counter
from collections.abc import Sequence

from qtest.mutation.diff import split_lines
from qtest.records.mutant import Mutant
from qtest.records.record import digest_of

DIGITS = 12
_INDENT = re.compile(r"[ \t]*")


def stable_ids(mutants: Sequence[Mutant], text: str) -> dict[str, str]:
    """From id to stable id, for all mutants of one text: equal edits of equal statements in one symbol are told apart by their order,
    so none may be missing."""
    seen: Counter[str] = Counter()
    names = {}
    for mutant in sorted(mutants, key=lambda one: (one.start, one.end)):
        described = _described(mutant, text)
        names[mutant.id] = digest_of(f"{described}\0{seen[described]}")[:DIGITS]
        seen[described] += 1
    return names


def _described(mutant: Mutant, text: str) -> str:
    """Where it is and what it does, without line numbers and indentation."""
    _, starts = split_lines(text)
    begin = min(starts[mutant.line - 1], mutant.start)
    end = max(starts[mutant.end_line] if mutant.end_line < len(starts) else len(text), mutant.end)
    indent = _INDENT.match(text, begin).group()  # type: ignore[union-attr]
    before = text[begin : mutant.start].removeprefix(indent)
    edit = (before, mutant.original, text[mutant.end : end], mutant.replacement)
    where = (mutant.path, mutant.symbol, mutant.operator, mutant.control)
    return "\0".join((*where, *(_outdented(part, indent) for part in edit)))


def _outdented(text: str, indent: str) -> str:
    """Line ends do not count either: a checkout may change them."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines.replace(f"\n{indent}", "\n").removesuffix("\n")
