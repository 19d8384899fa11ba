"""A mutant as a person reads it."""

import difflib

from qtest.records.mutant import Mutant


def diff(text: str, mutant: Mutant) -> str:
    """Unified, with one line around it; paths as in the project."""
    before = text.splitlines()
    after = applied(text, mutant).splitlines()
    first = max(0, text.count("\n", 0, mutant.start) - 3)  # a window: the whole file is slow to compare
    last_old = text.count("\n", 0, mutant.end) + 4
    last_new = last_old + len(after) - len(before)
    lines = difflib.unified_diff(
        before[first:last_old], after[first:last_new], mutant.path, mutant.path, lineterm="", n=1
    )
    shown = list(lines)
    return "\n".join(_moved(line, first) if line.startswith("@@") else line for line in shown)


def applied(text: str, mutant: Mutant) -> str:
    return text[: mutant.start] + mutant.replacement + text[mutant.end :]


def _moved(header: str, lines: int) -> str:
    """`@@ -3,2 +3,2 @@` counted from the top of the file instead of the window."""
    old, new = header.split()[1:3]
    return f"@@ {_shift(old, lines)} {_shift(new, lines)} @@"


def _shift(span: str, lines: int) -> str:
    start, comma, length = span[1:].partition(",")
    return f"{span[0]}{int(start) + lines}{comma}{length}"
