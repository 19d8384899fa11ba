"""Values recognised in what is written: literals, and calls that stand for a decimal, a date, a pattern or a set."""

import datetime
import re

from qtest.records import case as dsl
from qtest.records.case import Argument, Construct, Expression, Get, Operate, SymbolRef


class Unsaid(Exception):
    """There is no way to say it."""


def literal(value: object) -> Expression:
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
    raise Unsaid


def signed(sign: str, operand: Expression) -> Expression:
    """A number with a sign is a number, not an operation."""
    match sign, operand:
        case "neg", dsl.Int(value=value):
            return dsl.Int(-value)
        case "neg", dsl.Float():
            return dsl.Float(repr(-operand.value))
        case "pos", dsl.Int() | dsl.Float():
            return operand
    return Operate(sign, (operand,))


def unordered(items: tuple[dsl.Value, ...], *, frozen: bool) -> dsl.Set:
    return dsl.Set(tuple(sorted(items, key=dsl.expression_to_json)), frozen)


def special(symbol: str, arguments: tuple[Argument, ...]) -> Expression | None:
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
            return unordered(tuple(dict.fromkeys(items)), frozen=symbol.endswith("frozenset"))
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
    raise Unsaid


_FLAGS = {"IGNORECASE": "i", "I": "i", "MULTILINE": "m", "M": "m", "DOTALL": "s", "S": "s", "VERBOSE": "x", "X": "x"}
_FLAGS |= {"ASCII": "a", "A": "a", "UNICODE": "u", "U": "u"}


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
