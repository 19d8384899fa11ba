"""Python, as a language of the house."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from qtest.languages.python import phrase as phrasing
from qtest.languages.python import render as rendering
from qtest.languages.python.mutate import mutate
from qtest.languages.python.parse import parse
from qtest.records.case import CallCase, Expression
from qtest.records.file import TestFile, TestStyle
from qtest.records.mutant import Mutant
from qtest.records.source import Project
from qtest.records.system import Module


@dataclass(frozen=True)
class Python:
    """Answers the port `Language`."""

    name: str = "python"
    suffixes: tuple[str, ...] = (".py",)
    speaks: frozenset[str] = rendering.SPEAKS

    def parse(self, text: str, path: str, project: Project) -> Module:
        return parse(text, path, project)

    def mutate(self, text: str, path: str, module: str, arid: tuple[str, ...] = ()) -> tuple[Mutant, ...]:
        return mutate(text, path, module, arid)

    def phrase(self, expression: Expression, module: str) -> str:
        return phrasing.phrase(expression, module)

    def render(
        self, cases: Sequence[CallCase], module: str, path: str, style: TestStyle, worn: Collection[str] = ()
    ) -> TestFile:
        return rendering.render(cases, module, path, style, worn)


PYTHON = Python()
