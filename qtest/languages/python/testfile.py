"""A file of tests as it stands: its test functions, and what it imports."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qtest.languages.python.source import tree_of
from qtest.records.record import digest_of

DIGITS = 16


@dataclass(frozen=True)
class WrittenTest:
    """`name` as pytest says it, without parameters: `TestBasket::test_total`. `ids` are those its parameters are given, from `line` on."""

    name: str
    text: str
    line: int
    end_line: int
    ids: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        return text_digest(self.text, self.name)

    def has(self, node: str) -> bool:
        """Whether a node of this function, `test_x[id]`, is still among its parameters."""
        name, _, given = node.partition("[")
        return name == self.name and (not given or given.removesuffix("]") in self.ids)


def text_digest(text: str, name: str) -> str:
    """Of a test's text without its own name, which a person may change."""
    own = name.rpartition("::")[2]
    return digest_of(re.sub(rf"\b{re.escape(own)}\b", "_", text))[:DIGITS]


def written_tests(text: str) -> dict[str, WrittenTest]:
    """By name, in order. Raises SyntaxError."""
    return {test.name: test for test in _tests(tree_of(text, "tests").body, text.splitlines(), "")}


def taken_names(text: str) -> tuple[tuple[str, str], ...]:
    """(module, name) of every `from module import name` at the top. Raises SyntaxError."""
    imports = (node for node in tree_of(text, "tests").body if isinstance(node, ast.ImportFrom) and not node.level)
    return tuple((node.module or "", alias.name) for node in imports for alias in node.names)


def _tests(nodes: Iterable[ast.stmt], lines: list[str], within: str) -> Iterator[WrittenTest]:
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            yield from _tests(node.body, lines, f"{within}{node.name}::")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            end = node.end_lineno or node.lineno
            text = "\n".join(lines[first - 1 : end])
            yield WrittenTest(within + node.name, text, first, end, tuple(_ids(node.decorator_list)))


def _ids(decorators: Iterable[ast.expr]) -> Iterator[str]:
    """What stands as `id="…"` in them."""
    for decorator in decorators:
        for node in ast.walk(decorator):
            if isinstance(node, ast.keyword) and node.arg == "id" and isinstance(node.value, ast.Constant):
                yield str(node.value.value)
