"""Files of tests: what a language renders and the gates judge."""

from typing import Literal

from qtest.records.case import CallCase, Expression
from qtest.records.record import Record


class WrittenFile(Record):
    """Text laid over a tree; `path` is relative to its top."""

    path: str
    text: str


class Fixture(Record):
    """What a test gets under that name, in files below the folder of `path`: a new object for each."""

    name: str
    path: str
    makes: Expression


class TestStyle(Record):
    """How the project writes tests: learned from its own, else the field's defaults."""

    quote: Literal['"', "'"] = '"'
    line_length: int = 88
    folder: str = "tests"
    name_pattern: Literal["test_{module}.py", "{module}_test.py"] = "test_{module}.py"
    classes: bool = False
    fixtures: tuple[Fixture, ...] = ()


class RenderedTest(Record):
    """One test function in a file: its pytest name, and the cases in it, in the order of its parameters (`node` of each)."""

    name: str
    nodes: tuple[str, ...]
    cases: tuple[CallCase, ...]
    line: int
    end_line: int


class TestFile(Record):
    """`path` is relative to the project's tree. `tests` in the order of the text. `host` is what stood in the file before them, which
    stands in the text still; empty for a file of their own. `apart` says why the module of tests that is there did not take them."""

    path: str
    text: str
    language: str
    module: str
    tests: tuple[RenderedTest, ...]
    host: str = ""
    apart: str = ""

    @property
    def added(self) -> int:
        """Lines that it adds to the project."""
        return len(self.text.splitlines()) - len(self.host.splitlines())

    @property
    def nodes(self) -> frozenset[str]:
        """Of its own tests, in full."""
        return frozenset(f"{self.path}::{node}" for test in self.tests for node in test.nodes)

    def owns(self, line: int) -> bool:
        """Whether that line is none of the host's; line 0 is the file as a whole."""
        if not self.host or line == 0:
            return True
        rows, host = self.text.splitlines(), set(self.host.splitlines())
        inside = any(test.line <= line <= test.end_line for test in self.tests)
        return inside or (line <= len(rows) and rows[line - 1] not in host)

    def written(self) -> WrittenFile:
        return WrittenFile(path=self.path, text=self.text)

    def case_of(self, node: str) -> CallCase | None:
        return next(
            (case for test in self.tests for name, case in zip(test.nodes, test.cases, strict=True) if name == node),
            None,
        )
