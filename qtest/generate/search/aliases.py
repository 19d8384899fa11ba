"""Further names of functions and methods: `append = add` in a class, `encode = _shared.encode` in a module. Callers rely on each."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from qtest.generate.search.code import Code
from qtest.generate.search.sources import Sources
from qtest.generate.search.trial import Trial
from qtest.records.case import Call, Consume, Expression

_TRIED = 3  # calls of each


@dataclass(frozen=True)
class Alias:
    """`symbol` is another name of what `original` names; it is bound on that line."""

    symbol: str
    original: str
    line: int


def aliases_of(source: str, code: Code) -> tuple[Alias, ...]:
    tree = ast.parse(source)
    made = {
        target.id: value.func.id
        for statement in tree.body
        if isinstance(statement, ast.Assign) and isinstance(value := statement.value, ast.Call)
        if isinstance(value.func, ast.Name)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    bodies = [("", tree.body), *((f"{node.name}.", node.body) for node in tree.body if isinstance(node, ast.ClassDef))]
    found = [
        Alias(f"{code.module}:{within}{target.id}", original, statement.lineno)
        for within, body in bodies
        for statement in body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and not target.id.startswith("_")
        if (original := _original(statement.value, within, made, code))
    ]
    return tuple(alias for alias in found if alias.symbol not in code.symbols)


def calls_of(alias: Alias, sources: Sources) -> Iterator[Trial]:
    """As the original is called, by the other name."""
    for _ in range(_TRIED):
        for trial in sources.fresh(alias.original, options=0.0):
            called = _called(trial.input, alias)
            if called is not None:
                bound = "." in alias.symbol.partition(":")[2]
                yield replace(trial, input=called, setup=trial.setup if bound else ())


def told(given: Expression, code: Code) -> str:
    """That the call is by another name than the symbol's own; empty where it is not."""
    call = given.source if isinstance(given, Consume) else given
    if not isinstance(call, Call) or call.symbol in code.symbols or not call.symbol.startswith(f"{code.module}:"):
        return ""
    return f"under the name {call.symbol.partition(':')[2].rpartition('.')[2]}"


def _original(value: ast.expr, within: str, made: dict[str, str], code: Code) -> str:
    match value:
        case ast.Name(id=name):
            symbol = f"{code.module}:{within}{name}"
        case ast.Attribute(value=ast.Name(id=holder), attr=name) if not within:
            symbol = f"{code.module}:{made.get(holder, '')}.{name}"
        case _:
            return ""
    return symbol if symbol in code.functions and symbol in code.symbols else ""


def _called(given: Expression, alias: Alias) -> Expression | None:
    match given:
        case Consume(source):
            inner = _called(source, alias)
            return None if inner is None else replace(given, source=inner)
        case Call(symbol) if symbol == alias.original:
            bound = "." in alias.symbol.partition(":")[2]
            return replace(given, symbol=alias.symbol, receiver=given.receiver if bound else None)
    return None
