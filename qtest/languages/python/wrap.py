"""Lines and quotes of Python text, as the common formatters leave them."""

import re
from collections.abc import Iterable, Iterator

_STRING = re.compile(
    r"""\b[rRbBfFuU]{0,2}(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
)
_LITERAL = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_ENDING = re.compile(rf"(\s*(?:assert .* == |\w+ = )){_LITERAL.pattern}")
_OPEN, _CLOSE = "([{", ")]}"


def wrapped(line: str, width: int) -> Iterator[str]:
    """The line, or the lines that it becomes; what has no bracket to break at stays long."""
    if len(line) <= width:
        yield line
    elif re.match(r"from \S+ import [^(]", line):
        yield from _import(line)
    elif ending := _ENDING.fullmatch(line):
        yield from _text_at_end(line, ending[1], ending[2], width)
    elif pair := _last_pair(line):
        yield from _broken(line, *pair, width)
    else:
        yield line


def quoted(text: str, quote: str) -> str:
    """Literals in double quotes put in the other kind, where that needs no escape."""
    if quote == '"':
        return text
    return "\n".join(_STRING.sub(_requoted, line) if '"""' not in line else line for line in text.split("\n"))


def _requoted(literal: re.Match[str]) -> str:
    said = literal[0]
    start = said.find('"')
    body = said[start + 1 : -1]
    simple = said.endswith('"') and "'" not in body and '"' not in body
    return f"{said[:start]}'{body}'" if simple else said


def _import(line: str) -> Iterator[str]:
    head, _, names = line.partition(" import ")
    yield from _around(f"{head} import (", (f"{name}," for name in names.split(", ")))


def _text_at_end(line: str, head: str, literal: str, width: int) -> Iterator[str]:
    parts = list(_lines_of(literal))
    if len(parts) > 1:
        yield from _around(f"{head}(", parts)
    elif head.lstrip().startswith("assert "):
        start, _, claim = line.partition("assert ")
        fits = len(start) + 4 + len(claim) <= width
        left = head.removesuffix(" == ").partition("assert ")[2]
        yield from _around(f"{start}assert (", [claim] if fits else [left, f"== {literal}"])
    else:
        yield line


def _around(head: str, lines: Iterable[str]) -> Iterator[str]:
    indent = " " * (len(head) - len(head.lstrip()))
    yield head
    yield from (f"{indent}    {line}" for line in lines)
    yield f"{indent})"


def _broken(line: str, opened: int, closed: int, width: int) -> Iterator[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    yield line[: opened + 1]
    called = line[opened] == "(" and line[:opened][-1:].isidentifier()
    yield from _inside(line[opened + 1 : closed], f"{indent}    ", width, called)
    yield f"{indent}{line[closed:]}"


def _inside(inner: str, indent: str, width: int, called: bool) -> Iterator[str]:
    """Arguments may share one line; items of a literal never do."""
    items = list(_items(inner))
    alone = len(items) == 1 and not inner.endswith(",")
    if (called or alone) and len(indent) + len(inner) <= width:
        yield indent + inner
        return
    if alone:
        yield from _item(items[0], indent, width)
        return
    for item in items:
        *lines, last = _item(item, indent, width - 1)
        yield from lines
        yield f"{last},"


def _item(item: str, indent: str, width: int) -> Iterator[str]:
    """One of several things in brackets; text of several lines stands as such."""
    text = _LITERAL.fullmatch(item)
    if text and len(indent) + len(item) > width:
        yield from (f"{indent}{part}" for part in _lines_of(item))
    else:
        yield from wrapped(f"{indent}{item}", width)


def _lines_of(literal: str) -> Iterator[str]:
    """The literal as one for each line of its text."""
    quote, inner = literal[0], literal[1:-1]
    for line in re.findall(r"(?:\\n)+|(?:(?!\\n)(?:\\.|[^\\]))+(?:\\n)*", inner):
        yield f"{quote}{line}{quote}"


def _last_pair(line: str) -> tuple[int, int] | None:
    """The last outermost brackets that hold something."""
    found, depth, start = None, 0, 0
    for at, char in _code(line):
        if char in _OPEN:
            start = start if depth else at
            depth += 1
        elif char in _CLOSE:
            depth -= 1
            if not depth and at > start + 1:
                found = (start, at)
    return found


def _items(text: str) -> Iterator[str]:
    """What commas part; those between the parameters of a lambda do not."""
    depth, begin, named = 0, 0, False
    for at, char in _code(text):
        depth += (char in _OPEN) - (char in _CLOSE)
        if not depth and text.startswith("lambda ", at):
            named = True
        elif not depth and char == ":":
            named = False
        elif char == "," and not depth and not named:
            yield text[begin:at].strip()
            begin = at + 1
    if text[begin:].strip():
        yield text[begin:].strip()


def _code(text: str) -> Iterator[tuple[int, str]]:
    """Characters with their places, string literals left out."""
    at = 0
    for literal in (*_STRING.finditer(text), None):
        end = literal.start() if literal else len(text)
        yield from zip(range(at, end), text[at:end], strict=True)
        at = literal.end() if literal else end
