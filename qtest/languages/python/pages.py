"""Blocks of Python in pages of documentation: between Markdown's fences, and under reStructuredText's directives."""

import re
import textwrap
from collections.abc import Iterator

_BLOCKS = 40  # of a page
_LINES = 30  # of a block: a longer one is a program
_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*\{?\.?(?P<language>[\w+-]*)[^`]*$")
_DIRECTIVE = re.compile(r"^(?P<indent>[ \t]*)\.\.[ \t]+(?:code-block|code|sourcecode)::[ \t]*(?P<language>[\w+-]*)")
_PYTHON = frozenset(("python", "python3", "py", "py3"))


def python_blocks(text: str) -> Iterator[tuple[int, str]]:
    """The line each begins at, and its text without indentation. Interactive examples are none of these."""
    found = 0
    for at, block in _blocks(text.splitlines()):
        code = textwrap.dedent("\n".join(block))
        if code.strip() and len(block) <= _LINES and ">>>" not in code:
            yield at, code
            found += 1
        if found == _BLOCKS:
            return


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    at = 0
    while at < len(lines):
        fence, directive = _FENCE.match(lines[at]), _DIRECTIVE.match(lines[at])
        at += 1
        if fence:
            end = _closing(lines, at, fence["fence"])
        elif directive:
            while at < len(lines) and lines[at].strip().startswith(":"):
                at += 1
            end = _dedented(lines, at, len(directive["indent"].expandtabs()))
        else:
            continue
        opened = fence or directive
        if opened and opened["language"].lower() in _PYTHON:
            yield at + 1, lines[at:end]
        at = end + 1 if fence else end


def _closing(lines: list[str], at: int, fence: str) -> int:
    return next((number for number in range(at, len(lines)) if lines[number].strip().startswith(fence)), len(lines))


def _dedented(lines: list[str], at: int, indent: int) -> int:
    for number in range(at, len(lines)):
        line = lines[number].expandtabs()
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return number
    return len(lines)
