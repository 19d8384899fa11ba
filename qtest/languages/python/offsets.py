"""From Python's positions (line, column in UTF-8 bytes) to offsets in the text."""

import ast
import bisect
import re

_LINE = re.compile(
    r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z"
)  # as the parser splits: not at form feeds or Unicode separators


class Offsets:
    """`at`, `start`, `end` and `source` speak of the whole text, also when what was parsed is `part` of it, `shift` characters in."""

    def __init__(self, text: str, part: str | None = None, shift: int = 0) -> None:
        self.text = text
        text = text if part is None else part
        self._lines = _LINE.findall(text)
        self._starts = [shift]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        self.newline = "\r\n" if "\r\n" in text else "\r" if "\r" in text and "\n" not in text else "\n"

    def at(self, line: int, column: int) -> int:
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        if text.isascii():
            return self._starts[line - 1] + column
        return self._starts[line - 1] + len(
            text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "surrogatepass")
        )

    def start(self, node: ast.expr | ast.stmt | ast.pattern) -> int:
        return self.at(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.pattern) -> int:
        return self.at(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def source(self, node: ast.expr | ast.stmt | ast.pattern) -> str:
        return self.text[self.start(node) : self.end(node)]

    def line(self, number: int) -> int:
        """Where the line begins."""
        return self._starts[number - 1]

    def line_of(self, offset: int) -> int:
        return bisect.bisect_right(self._starts, offset)
