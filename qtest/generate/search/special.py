"""Special methods the way people use them: operators, brackets, `len`, `with`, copying and pickling."""

import random
from collections.abc import Iterator
from dataclasses import replace

from qtest.generate.search.code import Code, owner_of
from qtest.generate.search.making import Maker, last_name
from qtest.languages.python.walk import walk
from qtest.records.case import (
    Argument,
    Bool,
    Bytes,
    Call,
    Construct,
    Consume,
    Enter,
    Entry,
    Expression,
    Float,
    Get,
    Int,
    List,
    Map,
    Null,
    Operate,
    Ref,
    Set,
    SetAttribute,
    Text,
    Tuple,
    expression_to_json,
)
from qtest.records.system import Symbol

_BINARY = {
    "__eq__": "==",
    "__ne__": "!=",
    "__lt__": "<",
    "__le__": "<=",
    "__gt__": ">",
    "__ge__": ">=",
    "__add__": "+",
    "__sub__": "-",
    "__mul__": "*",
    "__matmul__": "@",
    "__truediv__": "/",
    "__floordiv__": "//",
    "__mod__": "%",
    "__pow__": "**",
    "__and__": "&",
    "__or__": "|",
    "__xor__": "^",
    "__lshift__": "<<",
    "__rshift__": ">>",
}
OPERATORS = {sign: name for name, sign in _BINARY.items()}
_REFLECTED = {f"__r{name[2:]}": sign for name, sign in _BINARY.items() if sign[0] not in "=!<>" or sign in ("<<", ">>")}
_IN_PLACE = {f"__i{name[2:]}": sign for name, sign in _BINARY.items() if sign[0] not in "=!<>" or sign in ("<<", ">>")}
_APPLIED = {
    "__len__": "len",
    "__iter__": "list",
    "__next__": "next",
    "__str__": "str",
    "__repr__": "repr",
    "__bool__": "bool",
    "__int__": "int",
    "__float__": "float",
    "__abs__": "abs",
    "__reversed__": "reversed",
    "__neg__": "neg",
    "__pos__": "pos",
    "__invert__": "~",
    "__bytes__": "bytes",
    "__index__": "int",
}
CHANGING = frozenset(("__setitem__", "__delitem__"))
_PICKLING = frozenset(
    f"__{name}__" for name in ("getstate", "setstate", "reduce", "reduce_ex", "getnewargs", "getnewargs_ex")
)
_COPYING = {"__copy__": "copy:copy", "__deepcopy__": "copy:deepcopy"}
_FUNCTIONS = {
    "__ceil__": "math:ceil",
    "__complex__": "builtins:complex",
    "__dir__": "builtins:dir",
    "__divmod__": "builtins:divmod",
    "__floor__": "math:floor",
    "__format__": "builtins:format",
    "__fspath__": "os:fspath",
    "__round__": "builtins:round",
    "__trunc__": "math:trunc",
}
_ATTRIBUTES = frozenset(("__getattr__", "__getattribute__", "__setattr__", "__delattr__"))
_FOREIGN = (Int(1), Text("other"), Null(), List(), Tuple((Int(1),)))
_PLAIN = (Bool, Bytes, Float, Int, Null, Text)


class Special:
    """Draws from one random stream."""

    def __init__(self, code: Code, maker: Maker, rng: random.Random) -> None:
        self._code, self._maker, self._rng = code, maker, rng

    def use(self, symbol: Symbol, receiver: Ref, made: Expression | None = None) -> Expression | None:
        """None for a method that people call by its name. `made` says how the receiver came to be, where nothing was done to it since."""
        name = last_name(symbol.id)
        if name in _APPLIED:
            return Operate(_APPLIED[name], (receiver,))
        if name == "__hash__":
            return Operate("==", (Operate("hash", (receiver,)), Operate("hash", (made or receiver,))))
        if name in ("__enter__", "__exit__", "__aenter__", "__aexit__"):
            return Enter(receiver, awaited=name.startswith("__a"))
        if name in ("__aiter__", "__anext__"):
            return Call(f"builtins:{name.strip('_')}", (Argument(receiver),), awaited=name == "__anext__")
        if name in _COPYING:
            return Call(_COPYING[name], (Argument(receiver),))
        if name in _FUNCTIONS:
            return Call(_FUNCTIONS[name], (Argument(receiver), *self._maker.arguments(symbol, 0, 0.0)))
        if name in _ATTRIBUTES:
            return self._attribute(symbol, name, receiver, self._rng.choice(_known(made)))
        if name in _PICKLING and self._rng.random() < 0.7:
            return Call("pickle:loads", (Argument(Call("pickle:dumps", (Argument(receiver),))),))
        sign = _BINARY.get(name) or _IN_PLACE.get(name)
        if sign is not None:
            return Operate(sign, (receiver, self._other(symbol, made)))
        if name in _REFLECTED:
            return Operate(_REFLECTED[name], (self._other(symbol, made), receiver))
        return self._in_brackets(symbol, name, receiver)

    def _attribute(self, symbol: Symbol, name: str, receiver: Ref, attribute: str) -> Expression | None:
        if name == "__delattr__":
            return Call("builtins:delattr", (Argument(receiver), Argument(Text(attribute))))
        if name == "__setattr__":
            given = self._maker.arguments(symbol, 0, 0.0)
            return SetAttribute(receiver, attribute, given[1].value) if len(given) > 1 else None
        return Get(receiver, attribute)

    def _in_brackets(self, symbol: Symbol, name: str, receiver: Ref) -> Expression | None:
        given = [argument.value for argument in self._maker.arguments(symbol, 0, 0.0)]
        if name in ("__getitem__", "__missing__") and given:
            return _item(receiver, given[0])
        if name == "__contains__" and given:
            return Operate("in", (given[0], receiver))
        if name == "__setitem__" and len(given) > 1:
            return Operate("[]=", (receiver, given[0], given[1]))
        if name == "__delitem__" and given:
            return Operate("del []", (receiver, given[0]))
        return None

    def _other(self, symbol: Symbol, made: Expression | None) -> Expression:
        """The other side of an operator: its like, a plain holder of the same items, what is declared, or something foreign."""
        dice = self._rng.random()
        if dice < 0.45:
            return self._maker.instance(owner_of(symbol.id))
        alike = list(_holders(made))
        if alike and dice < 0.65:
            return self._rng.choice(alike)
        given = self._maker.arguments(symbol, 0, 0.0)
        if given and dice < 0.85:
            return given[0].value
        return self._rng.choice(_FOREIGN)


def _known(made: Expression | None) -> list[str]:
    """Names that an object may go by for what it was made of, and one that it has not heard of."""
    parts = list(walk(made)) if made is not None else []
    names = [part.name for part in parts if isinstance(part, Argument) and part.name]
    names += [part.key.value for part in parts if isinstance(part, Entry) and isinstance(part.key, Text)]
    return [*(name for name in dict.fromkeys(names) if name.isidentifier()), "name"]


def _item(receiver: Ref, key: Expression) -> Expression:
    match key:
        case Construct("builtins:slice", (Argument(stop),)):
            return Operate("[:]", (receiver, Null(), stop))
        case Construct("builtins:slice", bounds):
            return Operate("[:]", (receiver, *(bound.value for bound in bounds)))
    return Operate("[]", (receiver, key))


def _holders(made: Expression | None) -> Iterator[Expression]:
    """Of the items that an object is made of."""
    for argument in made.arguments if isinstance(made, Call | Construct) else ():
        match argument.value:
            case List(items) | Tuple(items):
                yield from (List(items), Tuple(items))
                if all(isinstance(item, _PLAIN) for item in items):
                    yield Set(tuple(sorted(dict.fromkeys(items), key=expression_to_json)))
            case Map() | Set() as value:
                yield value


def key_of(given: Expression) -> Expression | None:
    """What a call or an operation on an object is first given."""
    match given:
        case Consume(source):
            return key_of(source)
        case Call(receiver=Ref(), arguments=(Argument(value, ""), *_)):
            return value
        case Operate("[]" | "[]=" | "del []", (Ref(), value, *_)) | Operate("in", (value, Ref())):
            return value
    return None


def with_key(given: Expression, key: Expression) -> Expression:
    """The same, first given that."""
    match given:
        case Consume(source):
            return replace(given, source=with_key(source, key))
        case Call(arguments=(first, *rest)):
            return replace(given, arguments=(replace(first, value=key), *rest))
        case Operate("in", (_, receiver)):
            return replace(given, operands=(key, receiver))
        case Operate(_, (receiver, _, *rest)):
            return replace(given, operands=(receiver, key, *rest))
    return given
