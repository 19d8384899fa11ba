"""Special methods the way people use them: by operators, built-in functions and attributes."""

from collections.abc import Callable, Sequence

from qtest.records.case import Argument, Call, Enter, Expression, Get, Operate, Ref, SetAttribute, Text

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
_FUNCTIONS = {
    "__ceil__": "math:ceil",
    "__complex__": "builtins:complex",
    "__copy__": "copy:copy",
    "__deepcopy__": "copy:deepcopy",
    "__dir__": "builtins:dir",
    "__divmod__": "builtins:divmod",
    "__floor__": "math:floor",
    "__format__": "builtins:format",
    "__fspath__": "os:fspath",
    "__round__": "builtins:round",
    "__trunc__": "math:trunc",
}
_ALONE = frozenset(("copy:copy", "copy:deepcopy"))
_ENTERED = frozenset(("__enter__", "__exit__", "__aenter__", "__aexit__"))


def as_used(
    name: str,
    receiver: Ref,
    plain: Callable[[], Sequence[Expression]],
    other: Callable[[], Expression],
    attribute: Callable[[], str],
) -> Expression | None:
    """None for a method that is called by its name. `plain` makes its arguments, `other` the other side of an operator, `attribute` a name."""
    if name in _APPLIED:
        return Operate(_APPLIED[name], (receiver,))
    if name == "__hash__":
        return Operate("==", (Operate("hash", (receiver,)), Operate("hash", (receiver,))))
    if name in _ENTERED:
        return Enter(receiver, awaited=name.startswith("__a"))
    if name in ("__aiter__", "__anext__"):
        return Call(f"builtins:{name.strip('_')}", (Argument(receiver),), awaited=name == "__anext__")
    if name in _FUNCTIONS:
        function = _FUNCTIONS[name]
        given = () if function in _ALONE else plain()
        return Call(function, (Argument(receiver), *map(Argument, given)))
    sign = _BINARY.get(name) or _IN_PLACE.get(name)
    if sign is not None:
        return Operate(sign, (receiver, other()))
    if name in _REFLECTED:
        return Operate(_REFLECTED[name], (other(), receiver))
    if name in _ATTRIBUTES:
        return _attribute(name, receiver, attribute(), plain())
    return _item(name, receiver, plain()) if name in _GIVEN else None


_ATTRIBUTES = frozenset(("__getattr__", "__getattribute__", "__setattr__", "__delattr__"))
_GIVEN = {"__contains__": 1, "__delitem__": 1, "__getitem__": 1, "__missing__": 1, "__setitem__": 2}


def _attribute(name: str, receiver: Ref, attribute: str, given: Sequence[Expression]) -> Expression | None:
    if name == "__delattr__":
        return Call("builtins:delattr", (Argument(receiver), Argument(Text(attribute))))
    if name == "__setattr__":
        return SetAttribute(receiver, attribute, given[1]) if len(given) > 1 else None
    return Get(receiver, attribute)


def _item(name: str, receiver: Ref, given: Sequence[Expression]) -> Expression | None:
    if len(given) < _GIVEN[name]:
        return None
    match name:
        case "__contains__":
            return Operate("in", (given[0], receiver))
        case "__setitem__":
            return Operate("[]=", (receiver, given[0], given[1]))
        case "__delitem__":
            return Operate("del []", (receiver, given[0]))
    return Operate("[]", (receiver, given[0]))
