"""Expressions of the DSL as Python source, and the imports they need."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from qtest.languages.python.naming import Names
from qtest.languages.python.pen import Pen
from qtest.languages.python.walk import symbols_in, walk
from qtest.records.case import Expression, Function, Ref, Step


@dataclass(frozen=True)
class Sketch:
    """A whole set-up and what is looked at, spelled consistently: statements, then one expression."""

    imports: tuple[str, ...]
    setup: tuple[str, ...]
    expr: str


def phrase(expression: Expression, module: str) -> str:
    """As it stands in a rendered test of that module; a statement for those that are one. Raises UnspokenError."""
    return Pen(names_for(module, (expression,))).write(expression).text


def imports_of(expression: Expression, module: str) -> tuple[str, ...]:
    """Statements to run before what `phrase` says, sorted."""
    pen = Pen(names_for(module, (expression,)))
    pen.write(expression)
    return pen.imports()


def sketch(setup: Iterable[Step], expression: Expression, module: str) -> Sketch:
    """Steps and an expression that share one set of names; what is a statement in a test is said as an expression, and what is
    awaited stands outside of any function."""
    steps = tuple(setup)
    names = names_for(module, (*(step.does for step in steps), expression), [step.name for step in steps if step.name])
    pen = Pen(names)
    pen.in_loop = True
    lines = tuple(pen.step(step) for step in steps)
    expr = pen.valued(expression)
    return Sketch(pen.imports(), lines, expr)


def names_for(module: str, expressions: Iterable[Expression], taken: Collection[str] = ()) -> Names:
    parts = [part for expression in expressions for part in walk(expression)]
    symbols = [symbol for part in parts for symbol in symbols_in(part)]
    local = {part.name for part in parts if isinstance(part, Ref)}
    local |= {name for part in parts if isinstance(part, Function) for name in part.parameters}
    return Names(module, symbols, local | set(taken))
