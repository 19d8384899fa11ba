"""Files of tests: what a language renders and the gates judge."""

from typing import Literal

from qtest.records.case import CallCase
from qtest.records.record import Record


class WrittenFile(Record):
    """Text laid over a tree; `path` is relative to its top."""

    path: str
    text: str


class TestStyle(Record):
    """How the project writes tests: learned from its own, else the field's defaults."""

    quote: Literal['"', "'"] = '"'
    line_length: int = 88
    folder: str = "tests"
    name_pattern: Literal["test_{module}.py", "{module}_test.py"] = "test_{module}.py"
    classes: bool = False


class RenderedTest(Record):
    """One test function in a file: its pytest name, and the cases in it, in the order of its parameters (`node` of each)."""

    name: str
    nodes: tuple[str, ...]
    cases: tuple[CallCase, ...]
    line: int
    end_line: int


class TestFile(Record):
    """`path` is relative to the project's tree. `tests` in the order of the text."""

    path: str
    text: str
    language: str
    module: str
    tests: tuple[RenderedTest, ...]

    def written(self) -> WrittenFile:
        return WrittenFile(path=self.path, text=self.text)

    def case_of(self, node: str) -> CallCase | None:
        return next(
            (case for test in self.tests for name, case in zip(test.nodes, test.cases, strict=True) if name == node),
            None,
        )
