"""Generators that are talked to: what is sent or thrown into one whose body listens at its `yield`."""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import replace

from qtest.generate.search.kinds import FunctionNode
from qtest.generate.search.trial import Trial
from qtest.languages.python.signature import own
from qtest.records.case import Argument, Call, Construct, Consume, Expression, Int, List, Null, Operate, Ref, Step, Text

_NAME = Ref("generator")
_SENT: tuple[Expression, ...] = (Int(3), Int(10), Text("word"), List((Int(1), Int(2))), Null())


def talks(trial: Trial, body: FunctionNode) -> Iterator[Trial]:
    """What follows when it is run to its first `yield`: something sent, another thing after it, an error thrown. Nothing for a body that
    does not listen."""
    if not isinstance(trial.input, Consume):
        return
    made = Step(trial.input.source, _NAME.name)
    begun = (*trial.setup, made, Step(Operate("next", (_NAME,))))
    if _listens(body):
        for value in _SENT:
            yield replace(trial, setup=begun, input=_said("send", value))
            yield replace(trial, setup=(*begun, Step(_said("send", _SENT[0]))), input=_said("send", value))
    for error in _caught(body):
        yield replace(trial, setup=begun, input=_said("throw", Construct(f"builtins:{error}")))


def _said(how: str, value: Expression) -> Call:
    return Call(f"builtins:generator.{how}", (Argument(value),), _NAME)


def _listens(body: FunctionNode) -> bool:
    """Whether the value of some `yield` is used."""
    nodes = list(own(body.body))
    alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return any(isinstance(node, ast.Yield) and id(node) not in alone for node in nodes)


def _caught(body: FunctionNode) -> list[str]:
    """Built-in errors that a `try` around a `yield` catches."""
    names = [
        name.id
        for node in own(body.body)
        if isinstance(node, ast.Try) and any(isinstance(part, ast.Yield) for part in own(node.body))
        for handler in node.handlers
        for name in ast.walk(handler.type or ast.Name("ValueError"))
        if isinstance(name, ast.Name)
    ]
    return list(dict.fromkeys(name for name in names if _is_error(getattr(builtins, name, None))))


def _is_error(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, Exception)
