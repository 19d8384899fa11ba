"""Python expressions as DSL expressions: the way back from rendering."""

import ast
from collections.abc import Iterable, Mapping
from typing import TypeGuard, get_args

from qtest.languages.python.meaning import BUILTINS, Inline, Known, Local, Meaning, Names, Nothing
from qtest.languages.python.recognise import Unsaid, literal, signed, special, unordered
from qtest.records import case as dsl
from qtest.records.case import Argument, Call, Construct, Entry, Expression, Get, Operate, Ref, SymbolRef, Value


def read(expr: ast.expr, scope: Mapping[str, Meaning], known: Known | None = None) -> Expression | None:
    """None for what the DSL, or we, cannot say. `scope` maps names to `module`, `module:qualname`, or a local."""
    try:
        return _Eye(scope, known or Nothing()).see(expr)
    except (Unsaid, RecursionError):
        return None


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


class _Eye:
    def __init__(self, scope: Mapping[str, Meaning], known: Known) -> None:
        self._scope, self._known = scope, known
        self._names = Names(scope, known)

    def see(self, node: ast.expr) -> Expression:
        match node:
            case ast.Constant(value=value):
                return literal(value)
            case ast.List(elts=items):
                return dsl.List(self._values(items))
            case ast.Tuple(elts=items):
                return dsl.Tuple(self._values(items))
            case ast.Set(elts=items):
                return unordered(self._values(items), frozen=False)
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
                return signed(_UNARY[type(op)], self.see(operand))
            case ast.BinOp(left=left, op=op, right=right):
                return _joined(Operate(_BINARY[type(op)], (self.see(left), self.see(right))))
            case ast.BoolOp(op=op, values=values) if len(values) <= 3:
                return Operate("and" if isinstance(op, ast.And) else "or", tuple(self.see(item) for item in values))
            case ast.Compare(left=left, ops=ops, comparators=others) if len({type(op) for op in ops}) == 1:
                if len(others) <= 2:
                    return Operate(_COMPARE[type(ops[0])], tuple(self.see(item) for item in (left, *others)))
            case ast.Subscript(value=owner, slice=key):
                return self._subscript(owner, key)
            case ast.Lambda():
                return self._function(node)
        raise Unsaid

    def _values(self, items: Iterable[ast.expr]) -> tuple[dsl.Value, ...]:
        return tuple(self._value(item) for item in items)

    def _value(self, node: ast.expr) -> dsl.Value:
        seen = self.see(node)
        if not _is_value(seen):
            raise Unsaid
        return seen

    def _map(self, keys: list[ast.expr | None], values: list[ast.expr]) -> dsl.Map:
        pairs = zip(keys, values, strict=True)
        entries = [(self._value(key), self._value(value)) for key, value in pairs if key is not None]
        if len(entries) != len(keys):
            raise Unsaid
        return dsl.Map(tuple(Entry(key, value) for key, value in entries))

    def _name(self, node: ast.Name) -> Expression:
        if node.id not in self._scope:
            if node.id in BUILTINS:
                return SymbolRef(f"builtins:{node.id}")
            raise Unsaid
        meaning = self._scope[node.id]
        if isinstance(meaning, Ref):
            return meaning
        if isinstance(meaning, Local):
            return Ref(meaning.name)
        if isinstance(meaning, Inline):
            return meaning.expression
        if meaning is None or ":" not in meaning:
            raise Unsaid
        return SymbolRef(self._known.canonical(meaning))

    def _attribute(self, node: ast.Attribute) -> Expression:
        owner = self._names.symbol(node.value)
        if owner and ":" in owner and self._known.is_enum(owner) and not node.attr.startswith("_"):
            return dsl.EnumMember(owner, node.attr)
        if owner and ":" not in owner:
            found = self._names.symbol(node)
            if ":" in found:
                return SymbolRef(found)
            raise Unsaid
        receiver = self.see(node.value)
        kind = self._names.type(node.value, receiver)
        return Get(receiver, node.attr, self._known.method(kind, node.attr) if kind else "")

    def _call(self, node: ast.Call) -> Expression:
        arguments = tuple(self._arguments(node))
        name = self._names.symbol(node.func)
        if name and ":" in name:
            return self._called(name, arguments)
        if not isinstance(node.func, ast.Attribute):
            raise Unsaid
        receiver = self.see(node.func.value)
        kind = self._names.type(node.func.value, receiver)
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
        value = special(symbol, arguments) if plain or home == "datetime" else None
        if value is not None:
            return value
        if home == "builtins" and name in _APPLIED and plain and 1 <= len(arguments) <= 3:
            return Operate(name, tuple(argument.value for argument in arguments))
        return Construct(symbol, arguments) if self._names.makes(symbol) else Call(symbol, arguments)

    def _subscript(self, owner: ast.expr, key: ast.expr) -> Operate:
        receiver = self.see(owner)
        if isinstance(key, ast.Slice):
            bounds = [key.lower, key.upper, *([key.step] if key.step else [])]
            return Operate("[:]", (receiver, *(self.see(bound) if bound else dsl.Null() for bound in bounds)))
        return Operate("[]", (receiver, self.see(key)))

    def _function(self, node: ast.Lambda) -> dsl.Function:
        given = node.args
        if given.vararg or given.kwarg or given.kwonlyargs or given.defaults or given.posonlyargs:
            raise Unsaid
        names = tuple(arg.arg for arg in given.args)
        inner = _Eye({**self._scope, **{name: Ref(name) for name in names}}, self._known)
        return dsl.Function(names, inner.see(node.body))


def _joined(seen: Operate) -> Expression:
    """A path below the scratch folder by its name."""
    match seen:
        case Operate("/", (dsl.EnvValue(_, name), dsl.Text(text))) if text and not text.startswith("/"):
            return dsl.EnvValue("scratch file", f"{name}/{text}" if name else text)
    return seen


def _is_value(expression: Expression) -> TypeGuard[dsl.Value]:
    return isinstance(expression, _VALUES)
