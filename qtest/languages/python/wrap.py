"""Breaking a long line of Python at its brackets, as the common formatters do."""

import re
from collections.abc import Iterator

_STRING = re.compile(
    r"""\b[rRbBfFuU]{0,2}(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
)
_OPEN, _CLOSE = "([{", ")]}"


def wrapped(line: str, width: int) -> Iterator[str]:
    """The line, or the lines that it becomes; what has no bracket to break at stays long."""
    if len(line) <= width:
        yield line
        return
    if re.match(r"\s*from \S+ import [^(]", line):
        head, _, names = line.partition(" import ")
        line = f"{head} import ({names})"
    pair = _last_pair(line)
    if pair is None:
        yield line
        return
    opened, closed = pair
    indent = " " * (len(line) - len(line.lstrip()))
    inner, tail = line[opened + 1 : closed], line[closed:]
    yield line[: opened + 1]
    yield from _inside(inner, f"{indent}    ", width)
    yield f"{indent}{tail}"


def _inside(inner: str, indent: str, width: int) -> Iterator[str]:
    items = list(_items(inner))
    whole = indent + inner.rstrip(", ")
    if len(whole) <= width and not (len(items) == 1 and inner.endswith(",")):
        yield whole
        return
    if len(items) == 1 and (" for " in inner or not inner.endswith(",")):
        yield from wrapped(whole, width)
        return
    for item in items:
        *lines, last = wrapped(f"{indent}{item}", width - 1)
        yield from lines
        yield f"{last},"


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
    depth, begin = 0, 0
    for at, char in _code(text):
        depth += (char in _OPEN) - (char in _CLOSE)
        if char == "," and not depth:
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
