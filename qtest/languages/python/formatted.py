"""Where the expressions of an f-string lie. Before Python 3.12 the syntax tree has other positions for them than the text."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPENING = re.compile(r"""([A-Za-z]*)("{3}|'{3}|"|')""")
_BETWEEN = re.compile(r"(?:\s|\\\r?\n|#[^\r\n]*)*")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Hole:
    """An expression from `start` to `end`, and its format from `colon` to `format_end`; `quote` is what the text stands in."""

    start: int
    end: int
    colon: int
    format_end: int
    quote: str


def holes(source: str) -> tuple[Hole, ...]:
    """Of one or several literals side by side, in order of the text; nothing where the text cannot be followed."""
    try:
        return tuple(_of_literals(source))
    except (IndexError, ValueError):
        return ()


def expected_holes(node: ast.expr) -> int:
    """In its own text and in the formats; what stands in an expression is another text."""
    if isinstance(node, ast.JoinedStr):
        return sum(map(expected_holes, node.values))
    if isinstance(node, ast.FormattedValue):
        return 1 + (expected_holes(node.format_spec) if node.format_spec else 0)
    return 0


def _of_literals(source: str) -> Iterator[Hole]:
    position = 0
    while position < len(source):
        opening = _OPENING.match(source, position)
        if opening is None:
            raise IndexError(position)
        prefix, quote = opening.group(1).lower(), opening.group(2)
        found: list[Hole] = []
        position = _Reader(source, quote, "r" in prefix, found).literal(opening.end(), "f" in prefix)
        yield from found
        between = _BETWEEN.match(source, position)
        position = between.end() if between else position


@dataclass(slots=True)
class _Reader:
    source: str
    quote: str
    raw: bool
    found: list[Hole]

    def literal(self, position: int, formatted: bool) -> int:
        """To behind the closing quote."""
        while not self.source.startswith(self.quote, position):
            if formatted and self.source[position] == "{" and self.source[position + 1] != "{":
                position = self.hole(position + 1)
            else:
                position = self._text(position, formatted)
        return position + len(self.quote)

    def hole(self, position: int) -> int:
        """From behind its brace to behind the one that ends it."""
        start, open_brackets = position, []
        while True:
            character = self.source[position]
            if character in "\"'":
                position = self._string(position)
                continue
            if character in _CLOSERS:
                open_brackets.append(_CLOSERS[character])
            elif open_brackets and character == open_brackets[-1]:
                open_brackets.pop()
            elif not open_brackets and self._ends(position):
                break
            position += 1
        end = position
        number = len(self.found)
        while self.source[position] not in ":}":
            position += 1
        colon, position = position, self._format(position)
        shown = re.search(r"(?<![=!<>])=\s*\Z", self.source[start:end])
        self.found.insert(number, Hole(start, end - len(shown.group()) if shown else end, colon, position, self.quote))
        return position + 1

    def _ends(self, position: int) -> bool:
        character = self.source[position]
        return character in ":}" or (character == "!" and self.source[position + 1] != "=")

    def _format(self, position: int) -> int:
        """To the closing brace."""
        while self.source[position] != "}":
            if self.source[position] == "{":
                position = self.hole(position + 1)
            else:
                position += 1
        return position

    def _string(self, position: int) -> int:
        """Behind a literal that stands in the expression."""
        opening = _OPENING.match(self.source, position)
        quote = opening.group(2) if opening else self.source[position]
        position += len(quote)
        while not self.source.startswith(quote, position):
            position += 2 if self.source[position] == "\\" else 1
        return position + len(quote)

    def _text(self, position: int, formatted: bool) -> int:
        source = self.source
        if source[position] == "\\":
            if formatted and not self.raw and source.startswith("\\N{", position):
                return source.index("}", position) + 1
            return position + (1 if formatted and source[position + 1] in "{}" else 2)
        return position + (2 if formatted and source.startswith(("{{", "}}"), position) else 1)
