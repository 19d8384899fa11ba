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
    "__getnewargs__": "copy:copy",
    "__getstate__": "copy:copy",
    "__reduce__": "copy:copy",
    "__reduce_ex__": "copy:copy",
    "__round__": "builtins:round",
    "__setstate__": "copy:copy",
    "__trunc__": "math:trunc",
}
_ALONE = frozenset(("copy:copy", "copy:deepcopy"))
_ENTERED = frozenset(("__enter__", "__exit__", "__aenter__", "__aexit__"))


def as_used(
    name: str, receiver: Ref, plain: Callable[[], Sequence[Expression]], other: Callable[[], Expression]
) -> Expression | None:
    """None for a method that is called by its name. `plain` makes its arguments, `other` the other side of an operator."""
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
    return _given(name, receiver, plain()) if name in _GIVEN else None


_GIVEN = {
    "__contains__": 1,
    "__delattr__": 1,
    "__delitem__": 1,
    "__getattr__": 1,
    "__getattribute__": 1,
    "__getitem__": 1,
    "__missing__": 1,
    "__setattr__": 2,
    "__setitem__": 2,
}


def _given(name: str, receiver: Ref, given: Sequence[Expression]) -> Expression | None:
    if len(given) < _GIVEN[name]:
        return None
    match name, given[0]:
        case "__contains__", key:
            return Operate("in", (key, receiver))
        case "__setitem__", key:
            return Operate("[]=", (receiver, key, given[1]))
        case "__delitem__", key:
            return Operate("del []", (receiver, key))
        case (("__getitem__" | "__missing__"), key):
            return Operate("[]", (receiver, key))
        case (("__getattr__" | "__getattribute__"), Text(value=attribute)) if attribute.isidentifier():
            return Get(receiver, attribute)
        case "__setattr__", Text(value=attribute) if attribute.isidentifier():
            return SetAttribute(receiver, attribute, given[1])
        case "__delattr__", Text():
            return Call("builtins:delattr", (Argument(receiver), Argument(given[0])))
    return None
