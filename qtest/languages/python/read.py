"""Python expressions as DSL expressions: the way back from rendering."""

import ast
import builtins
import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeGuard, get_args

from qtest.records import case as dsl
from qtest.records.case import Argument, Call, Construct, Entry, Expression, Get, Operate, Ref, SymbolRef, Value


@dataclass(frozen=True)
class Local:
    """A name bound by an earlier step, and the class of its value when that is known."""

    name: str
    type: str = ""


@dataclass(frozen=True)
class Inline:
    """A name that stands for an expression, as a parameter of a table of examples does."""

    expression: Expression
    text: str


Meaning = str | Ref | Local | Inline | None


class Known(Protocol):
    """What the system model can say about names."""

    def canonical(self, symbol: str) -> str: ...
    def is_module(self, name: str) -> bool: ...
    def is_class(self, symbol: str) -> bool: ...
    def is_enum(self, symbol: str) -> bool: ...
    def method(self, owner: str, name: str) -> str: ...


class Nothing:
    """The answer of somebody who has read no model."""

    def canonical(self, symbol: str) -> str:
        return symbol

    def is_module(self, name: str) -> bool:
        return False

    def is_class(self, symbol: str) -> bool:
        return False

    def is_enum(self, symbol: str) -> bool:
        return False

    def method(self, owner: str, name: str) -> str:
        return ""


def read(expr: ast.expr, scope: Mapping[str, Meaning], known: Known | None = None) -> Expression | None:
    """None for what the DSL, or we, cannot say. `scope` maps names to `module`, `module:qualname`, or a local."""
    try:
        return _Eye(scope, known or Nothing()).see(expr)
    except (_Unsaid, RecursionError):
        return None


def type_of(expression: Expression) -> str:
    """The class of the value, where it is plain."""
    return expression.symbol if isinstance(expression, Construct) else ""


class _Unsaid(Exception):
    """There is no way to say it."""


_VALUES: tuple[type, ...] = tuple(get_args(get_args(Value.__value__)[0]))
_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
_UNARY: dict[type[ast.unaryop], str] = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "~", ast.Not: "not"}
_APPLIED = frozenset(
    [
        "len",
        "iter",
        "next",
        "list",
        "sorted",
        "str",
        "repr",
        "bool",
        "int",
        "float",
        "hash",
        "abs",
        "reversed",
        "sum",
        "tuple",
        "set",
        "dict",
        "bytes",
    ]
)
_BUILTINS = frozenset(dir(builtins))
_LOWER_CLASSES = frozenset(
    (
        *("datetime:datetime", "datetime:date", "datetime:time", "datetime:timedelta", "datetime:timezone"),
        *("collections:deque", "collections:defaultdict", "functools:partial", "array:array", "types:SimpleNamespace"),
        *(
            f"builtins:{name}"
            for name in ("complex", "bytearray", "frozenset", "object", "range", "slice", "memoryview")
        ),
    )
)
_FLAGS = {"IGNORECASE": "i", "I": "i", "MULTILINE": "m", "M": "m", "DOTALL": "s", "S": "s", "VERBOSE": "x", "X": "x"}
_FLAGS |= {"ASCII": "a", "A": "a", "UNICODE": "u", "U": "u"}


class _Eye:
    def __init__(self, scope: Mapping[str, Meaning], known: Known) -> None:
        self._scope, self._known = scope, known

    def see(self, node: ast.expr) -> Expression:
        match node:
            case ast.Constant(value=value):
                return _literal(value)
            case ast.List(elts=items):
                return dsl.List(self._values(items))
            case ast.Tuple(elts=items):
                return dsl.Tuple(self._values(items))
            case ast.Set(elts=items):
                return _set(self._values(items), frozen=False)
            case ast.Dict(keys=keys, values=values):
                return self._map(keys, values)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.Await(value=ast.Call() as inner):
                called = self._call(inner)
                if isinstance(called, Call):
                    return Call(called.symbol, called.arguments, called.receiver, awaited=True)
            case ast.UnaryOp(op=op, operand=operand):
                return _signed(_UNARY[type(op)], self.see(operand))
            case ast.BinOp(left=left, op=op, right=right):
                return Operate(_BINARY[type(op)], (self.see(left), self.see(right)))
            case ast.BoolOp(op=op, values=values) if len(values) <= 3:
                return Operate("and" if isinstance(op, ast.And) else "or", tuple(self.see(item) for item in values))
            case ast.Compare(left=left, ops=ops, comparators=others) if len({type(op) for op in ops}) == 1:
                if len(others) <= 2:
                    return Operate(_COMPARE[type(ops[0])], tuple(self.see(item) for item in (left, *others)))
            case ast.Subscript(value=owner, slice=key):
                return self._subscript(owner, key)
            case ast.Lambda():
                return self._function(node)
        raise _Unsaid

    def _values(self, items: Iterable[ast.expr]) -> tuple[dsl.Value, ...]:
        return tuple(self._value(item) for item in items)

    def _value(self, node: ast.expr) -> dsl.Value:
        seen = self.see(node)
        if not _is_value(seen):
            raise _Unsaid
        return seen

    def _map(self, keys: list[ast.expr | None], values: list[ast.expr]) -> dsl.Map:
        pairs = zip(keys, values, strict=True)
        entries = [(self._value(key), self._value(value)) for key, value in pairs if key is not None]
        if len(entries) != len(keys):
            raise _Unsaid
        return dsl.Map(tuple(Entry(key, value) for key, value in entries))

    # --- names -------------------------------------------------------------------------------------------------------

    def _name(self, node: ast.Name) -> Expression:
        if node.id not in self._scope:
            if node.id in _BUILTINS:
                return SymbolRef(f"builtins:{node.id}")
            raise _Unsaid
        meaning = self._scope[node.id]
        if isinstance(meaning, Ref):
            return meaning
        if isinstance(meaning, Local):
            return Ref(meaning.name)
        if isinstance(meaning, Inline):
            return meaning.expression
        if meaning is None or ":" not in meaning:
            raise _Unsaid
        return SymbolRef(self._known.canonical(meaning))

    def symbol(self, node: ast.expr) -> str:
        """What a dotted name means when it leads to a symbol through modules and classes only; else empty."""
        if isinstance(node, ast.Name):
            meaning = self._scope.get(node.id, f"builtins:{node.id}" if node.id in _BUILTINS else None)
            return self._known.canonical(meaning) if isinstance(meaning, str) else ""
        if not isinstance(node, ast.Attribute):
            return ""
        owner = self.symbol(node.value)
        if not owner:
            return ""
        if ":" in owner:
            return self._member(owner, node.attr)
        found = self._known.canonical(f"{owner}:{node.attr}")
        inner = f"{owner}.{node.attr}"
        return inner if found == f"{owner}:{node.attr}" and self._known.is_module(inner) else found

    def _member(self, owner: str, name: str) -> str:
        """A class's own method called on the class; a constant's attribute is no symbol."""
        if self._known.is_class(owner):
            return self._known.method(owner, name) or (f"{owner}.{name}" if not self._known.is_enum(owner) else "")
        foreign = owner.partition(":")[0]
        if not self._known.is_module(foreign) and (owner in _LOWER_CLASSES or owner.startswith("builtins:")):
            return f"{owner}.{name}"
        return (
            f"{owner}.{name}" if owner.rpartition(":")[2][:1].isupper() and "." not in owner.partition(":")[2] else ""
        )

    def _attribute(self, node: ast.Attribute) -> Expression:
        owner = self.symbol(node.value)
        if owner and ":" in owner and self._known.is_enum(owner) and not node.attr.startswith("_"):
            return dsl.EnumMember(owner, node.attr)
        if owner and ":" not in owner:
            found = self.symbol(node)
            if ":" in found:
                return SymbolRef(found)
            raise _Unsaid
        receiver = self.see(node.value)
        kind = self._type(node.value, receiver)
        return Get(receiver, node.attr, self._known.method(kind, node.attr) if kind else "")

    def _type(self, node: ast.expr, seen: Expression) -> str:
        meaning = self._scope.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(meaning, Local):
            return meaning.type
        return type_of(seen)

    # --- calls -------------------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Expression:
        arguments = tuple(self._arguments(node))
        name = self.symbol(node.func)
        if name and ":" in name:
            return self._called(name, arguments)
        if not isinstance(node.func, ast.Attribute):
            raise _Unsaid
        receiver = self.see(node.func.value)
        kind = self._type(node.func.value, receiver)
        found = self._known.method(kind, node.func.attr) if kind else ""
        return Call(found or f"{kind or 'builtins:object'}.{node.func.attr}", arguments, receiver)

    def _arguments(self, node: ast.Call) -> Iterable[Argument]:
        for given in node.args:
            if isinstance(given, ast.Starred):
                yield Argument(self.see(given.value), spread="sequence")
            else:
                yield Argument(self.see(given))
        for keyword in node.keywords:
            if keyword.arg is None:
                yield Argument(self.see(keyword.value), spread="map")
            else:
                yield Argument(self.see(keyword.value), name=keyword.arg)

    def _called(self, symbol: str, arguments: tuple[Argument, ...]) -> Expression:
        home, _, name = symbol.partition(":")
        plain = all(not argument.name and not argument.spread for argument in arguments)
        special = _special(symbol, arguments) if plain or home == "datetime" else None
        if special is not None:
            return special
        if home == "builtins" and name in _APPLIED and plain and 1 <= len(arguments) <= 3:
            return Operate(name, tuple(argument.value for argument in arguments))
        return Construct(symbol, arguments) if self._makes(symbol) else Call(symbol, arguments)

    def _makes(self, symbol: str) -> bool:
        home, _, name = symbol.partition(":")
        if self._known.is_module(home):
            return self._known.is_class(symbol)
        last = name.rpartition(".")[2]
        return symbol in _LOWER_CLASSES or ("." not in name and last[:1].isupper() and not last.isupper())

    def _subscript(self, owner: ast.expr, key: ast.expr) -> Operate:
        receiver = self.see(owner)
        if isinstance(key, ast.Slice):
            bounds = [key.lower, key.upper, *([key.step] if key.step else [])]
            return Operate("[:]", (receiver, *(self.see(bound) if bound else dsl.Null() for bound in bounds)))
        return Operate("[]", (receiver, self.see(key)))

    def _function(self, node: ast.Lambda) -> dsl.Function:
        given = node.args
        if given.vararg or given.kwarg or given.kwonlyargs or given.defaults or given.posonlyargs:
            raise _Unsaid
        names = tuple(arg.arg for arg in given.args)
        inner = _Eye({**self._scope, **{name: Ref(name) for name in names}}, self._known)
        return dsl.Function(names, inner.see(node.body))


def _is_value(expression: Expression) -> TypeGuard[dsl.Value]:
    return isinstance(expression, _VALUES)


def _literal(value: object) -> Expression:
    match value:
        case None:
            return dsl.Null()
        case bool():
            return dsl.Bool(value)
        case int():
            return dsl.Int(value)
        case float():
            return dsl.Float(repr(value))
        case str():
            return dsl.Text(value)
        case bytes():
            return dsl.Bytes(value.hex())
        case complex():
            parts = (Argument(dsl.Float(repr(value.real))), Argument(dsl.Float(repr(value.imag))))
            return Construct("builtins:complex", parts)
    raise _Unsaid


def _signed(sign: str, operand: Expression) -> Expression:
    """A number with a sign is a number, not an operation."""
    match sign, operand:
        case "neg", dsl.Int(value=value):
            return dsl.Int(-value)
        case "neg", dsl.Float():
            return dsl.Float(repr(-operand.value))
        case "pos", dsl.Int() | dsl.Float():
            return operand
    return Operate(sign, (operand,))


def _set(items: tuple[dsl.Value, ...], *, frozen: bool) -> dsl.Set:
    return dsl.Set(tuple(sorted(items, key=dsl.expression_to_json)), frozen)


def _special(symbol: str, arguments: tuple[Argument, ...]) -> Expression | None:
    """Calls that are values of a kind of their own."""
    values = [argument.value for argument in arguments]
    match symbol, values:
        case "builtins:float", [dsl.Text(value=text)] if text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
            return dsl.Float(repr(float(text)))
        case "builtins:set", []:
            return dsl.Set()
        case "builtins:list", []:
            return dsl.List()
        case "builtins:tuple", []:
            return dsl.Tuple()
        case "builtins:dict", []:
            return dsl.Map()
        case "builtins:set" | "builtins:frozenset", [
            dsl.List(items=items) | dsl.Tuple(items=items) | dsl.Set(items=items)
        ]:
            return _set(tuple(dict.fromkeys(items)), frozen=symbol.endswith("frozenset"))
        case "builtins:frozenset", []:
            return dsl.Set(frozen=True)
        case "decimal:Decimal", [dsl.Text(value=text)] if _NUMBER.fullmatch(text):
            return dsl.Decimal(text)
        case "decimal:Decimal", [dsl.Int(value=whole)]:
            return dsl.Decimal(str(whole))
        case "re:compile", [dsl.Text(value=pattern)]:
            return dsl.Regex(pattern)
        case "re:compile", [dsl.Text(value=pattern), flags]:
            return dsl.Regex(pattern, "".join(sorted(set(_flags(flags)))))
    return _dated(symbol, arguments)


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|NaN|[+-]?Infinity")


def _flags(expression: Expression) -> str:
    match expression:
        case SymbolRef(symbol=symbol) if symbol.startswith("re:") and symbol[3:] in _FLAGS:
            return _FLAGS[symbol[3:]]
        case Operate(operator="|", operands=(left, right)):
            return _flags(left) + _flags(right)
    raise _Unsaid


def _dated(symbol: str, arguments: tuple[Argument, ...]) -> Expression | None:
    """Dates and times from plain numbers; None when there is more to it."""
    if not symbol.startswith("datetime:") or any(argument.spread for argument in arguments):
        return None
    given = [(argument.name, _plain(argument.value)) for argument in arguments]
    if any(value is None for _, value in given):
        return None
    positional = [value for name, value in given if not name]
    named = {name: value for name, value in given if name}
    kinds = {
        "date": datetime.date,
        "time": datetime.time,
        "datetime": datetime.datetime,
        "timedelta": datetime.timedelta,
    }
    kind = kinds.get(symbol.partition(":")[2])
    if kind is None:
        return None
    try:
        made = kind(*positional, **named)
    except (TypeError, ValueError, OverflowError):
        return None
    match made:
        case datetime.datetime():
            return dsl.DateTime(made.isoformat(timespec="microseconds"))
        case datetime.date():
            return dsl.Date(made.isoformat())
        case datetime.time():
            return dsl.Time(made.isoformat(timespec="microseconds"))
    return dsl.Duration(made // datetime.timedelta(microseconds=1))


def _plain(expression: Expression) -> int | float | datetime.tzinfo | None:
    match expression:
        case dsl.Int(value=whole):
            return whole
        case dsl.Float():
            return expression.value
        case (
            SymbolRef(symbol="datetime:timezone.utc" | "datetime:UTC")
            | Get(receiver=SymbolRef(symbol="datetime:timezone"), attribute="utc")
        ):
            return datetime.UTC
        case Construct(symbol="datetime:timezone", arguments=(Argument(value=dsl.Duration(microseconds=offset)),)):
            return datetime.timezone(datetime.timedelta(microseconds=offset))
    return None
