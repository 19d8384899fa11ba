"""What a call gives back is used, as people do: a function is called, and so is what a decorator makes of one."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from qtest.generate.search.code import Code
from qtest.generate.search.inferring import wanted
from qtest.generate.search.kinds import ANY, INT, LIST, TEXT, FunctionNode, Kind, Wanted
from qtest.generate.search.making import Maker
from qtest.generate.search.trial import CALLED, Trial
from qtest.languages.python.naming import snake
from qtest.languages.python.walk import walk
from qtest.records.case import (
    Argument,
    Call,
    Construct,
    Expression,
    Function,
    Get,
    List,
    Map,
    Operate,
    Ref,
    Step,
    SymbolRef,
)
from qtest.records.system import Parameter
from qtest.records.workbench import Observation

_MOST_OF_TARGET = 120
_DEEPEST = 3  # a factory of decorators, the decorator, and what it decorates
_SAW, _KEPT = "calls", "cache"


class Uses:
    """Trials that follow from one that gave back something to call; no more than a fair number for each target."""

    def __init__(self, code: Code, maker: Maker) -> None:
        self._code, self._maker = code, maker
        self._count: dict[str, int] = {}

    def of(self, trial: Trial, observation: Observation) -> Iterator[Trial]:
        if (
            observation.takes is None
            or _depth(trial.input) >= _DEEPEST
            or not isinstance(trial.input, Call | Construct)
        ):
            return
        for used in self._used(replace(trial, origin="search", source="", expected=""), observation):
            count = self._count.get(trial.target, 0)
            if count >= _MOST_OF_TARGET:
                return
            self._count[trial.target] = count + 1
            yield used

    def _used(self, trial: Trial, observation: Observation) -> Iterator[Trial]:
        symbol, parameters = f"{observation.returned}{CALLED}", observation.takes or ()
        yield replace(trial, input=Call(symbol, self._given(trial, parameters), trial.input))
        for told in dict.fromkeys((_told(trial, listening=False), _told(trial, listening=True))):
            name = _name(told, observation.returned)
            once = Call(symbol, self._given(told, parameters), Ref(name))
            then = replace(once, arguments=self._given(told, parameters))
            setup = (*told.setup, Step(told.input, name), Step(once))
            yield from (replace(told, setup=setup, input=last) for last in dict.fromkeys((once, then)))

    def _given(self, trial: Trial, parameters: tuple[Parameter, ...]) -> tuple[Argument, ...]:
        """For what the trial gives back: of a wrapper that takes anything, what the wrapped one takes."""
        handed = _handed(trial.input)
        inner = _parameters(handed)
        if inner and all(item.kind.startswith("variadic") for item in parameters):
            parameters = inner
        body = self._body(trial.target, parameters)
        kind = _kind(handed) if [item.name for item in parameters] == [item.name for item in inner] else ANY

        def kinds(parameter: Parameter) -> Wanted:
            if kind != ANY:
                return Wanted((kind,))
            return wanted(parameter, body, self._code.scope)

        return self._maker.given(parameters, kinds)

    def _body(self, target: str, parameters: tuple[Parameter, ...]) -> FunctionNode | None:
        """The function inside the target that has these parameters."""
        names = [item.name for item in parameters]
        whole = self._code.functions.get(target)
        for node in ast.walk(whole) if whole is not None else ():
            if isinstance(node, ast.FunctionDef) and node is not whole and _names(node.args) == names:
                return node
        return None


def _depth(given: Expression) -> int:
    count = 0
    while isinstance(given, Call) and given.symbol.endswith(CALLED) and given.receiver is not None:
        count, given = count + 1, given.receiver
    return count


def _names(arguments: ast.arguments) -> list[str]:
    return [
        *(item.arg for item in (*arguments.posonlyargs, *arguments.args)),
        *([arguments.vararg.arg] if arguments.vararg else ()),
        *(item.arg for item in arguments.kwonlyargs),
        *([arguments.kwarg.arg] if arguments.kwarg else ()),
    ]


def _name(trial: Trial, returned: str) -> str:
    if _handed(trial.input) is not None:
        return "decorated"
    home, _, kind = returned.partition(":")
    return "function" if home in ("builtins", "functools") else snake(kind.rpartition(".")[2]) or "function"


# --- what was handed over ---------------------------------------------------------------------------------------------


def _handed(given: Expression) -> Expression | None:
    """The function that the call was given; of several the last, which is called first where they are composed."""
    if not isinstance(given, Call | Construct):
        return None
    found = [argument.value for argument in given.arguments if _is_callable(argument.value)]
    return found[-1] if found else None


def _is_callable(value: Expression) -> bool:
    return isinstance(value, Function | SymbolRef) or (isinstance(value, Get) and value.receiver == Ref(_SAW))


def _parameters(handed: Expression | None) -> tuple[Parameter, ...]:
    if isinstance(handed, Function):
        return tuple(Parameter(name=name, kind="positional only") for name in handed.parameters)
    return (Parameter(name="value", kind="positional only"),) if handed is not None else ()


def _kind(handed: Expression | None) -> Kind:
    """What the small function works on."""
    match handed:
        case SymbolRef(symbol) if symbol.startswith("builtins:str") or symbol == "builtins:len":
            return TEXT
        case SymbolRef(symbol) if symbol.startswith("operator:"):
            return INT
        case Function(body=Operate(operator="[]")):
            return LIST
        case Function(body=body) if any(isinstance(part, Operate) for part in walk(body)):
            return INT
        case None:
            return ANY
    return TEXT if isinstance(handed, SymbolRef) else INT


def _told(trial: Trial, *, listening: bool) -> Trial:
    """The same with a name for what is handed in and may be left changed; when `listening`, a list takes the place of what the
    small function gives back."""
    steps: dict[str, Expression] = {}

    def named(given: Expression) -> Expression:
        if not isinstance(given, Call):
            return replace(given, arguments=held(given.arguments)) if isinstance(given, Construct) else given
        receiver = named(given.receiver) if given.receiver is not None else None
        return replace(given, receiver=receiver, arguments=held(given.arguments))

    def held(arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
        return tuple(replace(argument, value=kept(argument.value)) for argument in arguments)

    def kept(given: Expression) -> Expression:
        if isinstance(given, Map | Construct):
            name = _KEPT if isinstance(given, Map) else snake(given.symbol.partition(":")[2]) or _KEPT
            if name not in steps:
                steps[name] = given
                return Ref(name)
        if listening and isinstance(given, Function) and len(given.parameters) == 1 and _SAW not in steps:
            steps[_SAW] = List()
            return Get(Ref(_SAW), "append")
        return given

    given = named(trial.input)
    if {step.name for step in trial.setup} & set(steps):
        return trial
    return replace(trial, input=given, setup=(*trial.setup, *(Step(does, name) for name, does in steps.items())))
