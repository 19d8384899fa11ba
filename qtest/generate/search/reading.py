"""Looking at an object after something was done to it, by what it offers for that: change, then read."""

from collections.abc import Iterator
from dataclasses import replace

from qtest.generate.search.code import Code, owner_of
from qtest.generate.search.fit import placed
from qtest.generate.search.making import last_name, parameters_of
from qtest.generate.search.trial import Trial
from qtest.languages.python.naming import snake
from qtest.records.case import (
    Argument,
    Call,
    Construct,
    Expression,
    Get,
    List,
    Map,
    Operate,
    Ref,
    SetAttribute,
    Step,
    Tuple,
)
from qtest.records.system import Symbol

_WHOLE = {"__len__": "len", "__iter__": "list", "__str__": "str"}
_OF_KEY = {"__getitem__": "[]", "__contains__": "in"}
_MOST_KEPT = 6
_CHANGES = ("[]=", "del []")
_LOOKED = frozenset((*_WHOLE, *_OF_KEY))


class Reading:
    """Of objects of the module's classes."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._readers: dict[str, list[Symbol]] = {}

    def after(self, trial: Trial) -> Iterator[Trial]:
        """What the trial does becomes the last step of the set-up; each way of looking at its receiver is an input."""
        if isinstance(trial.input, Construct):
            yield from self._made(trial, trial.input)
            return
        receiver, owner = self._receiver(trial)
        if receiver is None:
            return
        setup = (*trial.setup, Step(trial.input))
        given = dict(self._given(trial.input))
        for reader in self._of(owner):
            if reader.id == trial.target:
                continue
            look = _look(reader, receiver, given)
            if look is not None:
                yield replace(trial, setup=setup, input=look, origin="search", source="", expected="")

    def _made(self, trial: Trial, made: Construct) -> Iterator[Trial]:
        """What an exception carries beside its text, and what a container made of items gives for the first of them."""
        name = snake(last_name(made.symbol)) or "made"
        receiver, looks = Ref(name), list[Expression]()
        if self._code.is_exception(made.symbol):
            looks += [Get(receiver, attribute) for attribute in self._code.kept(made.symbol)[:_MOST_KEPT]]
        key = next(_first_items(made), None)
        if key is not None and any(last_name(reader.id) in _LOOKED for reader in self._of(made.symbol)):
            given = {"key": key, "item": key}
            looks += [look for reader in self._of(made.symbol) if (look := _look(reader, receiver, given)) is not None]
        setup = (*trial.setup, Step(made, name))
        for look in looks:
            yield replace(trial, setup=setup, input=look, origin="search", source="", expected="")

    def _receiver(self, trial: Trial) -> tuple[Ref | None, str]:
        match trial.input:
            case Call(receiver=Ref() as receiver, awaited=False) | SetAttribute(receiver=Ref() as receiver):
                found = receiver
            case Operate(operator, (Ref() as receiver, *_)) if operator in _CHANGES:
                found = receiver
            case _:
                return None, ""
        for step in trial.setup:
            if step.name == found.name and isinstance(step.does, Construct):
                return found, step.does.symbol
        return None, ""

    def _given(self, done: Expression) -> Iterator[tuple[str, Expression]]:
        """By parameter's name; the key of a subscript is a `key`."""
        match done:
            case Call(symbol, arguments) if symbol in self._code.symbols:
                for value, parameter in placed(arguments, parameters_of(self._code.symbols[symbol])):
                    if parameter is not None:
                        yield parameter.name, value
            case Operate(operands=(_, key, *_)):
                yield "key", key

    def _of(self, owner: str) -> list[Symbol]:
        if owner not in self._readers:
            line = tuple(self._code.line(owner))
            found: dict[str, Symbol] = {}
            for cls in line:
                for symbol in self._code.symbols.values():
                    if symbol.kind in ("method", "property") and owner_of(symbol.id) == cls and not symbol.is_async:
                        found.setdefault(last_name(symbol.id), symbol)
            self._readers[owner] = [
                symbol for name, symbol in found.items() if name in _LOOKED or not name.startswith("_")
            ]
        return self._readers[owner]


def _first_items(made: Construct) -> Iterator[Expression]:
    for argument in made.arguments:
        match argument.value:
            case List((first, *_)) | Tuple((first, *_)):
                yield first
            case Map((first, *_)):
                yield first.key


def _look(reader: Symbol, receiver: Ref, given: dict[str, Expression]) -> Expression | None:
    """None where it wants something that is not known."""
    name = last_name(reader.id)
    parameters = [item for item in parameters_of(reader) if not item.default and "variadic" not in item.kind]
    if reader.kind == "property":
        return None if parameters else Get(receiver, name, reader.id)
    if name in _WHOLE:
        return Operate(_WHOLE[name], (receiver,))
    if name in _OF_KEY:
        key = given.get(parameters[0].name, given.get("key")) if parameters else None
        if key is None:
            return None
        return Operate(_OF_KEY[name], (receiver, key) if name == "__getitem__" else (key, receiver))
    if any(item.name not in given for item in parameters):
        return None
    return Call(reader.id, tuple(Argument(given[item.name]) for item in parameters), receiver)
