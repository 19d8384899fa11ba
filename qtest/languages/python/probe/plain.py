"""Values that hold no others: for each kind its canonical form, and what equality sees of it."""

import datetime
import decimal
import fractions
import hashlib
import re
import sys

from _qtest_probe import scratch
from _qtest_probe.inspection import MOST_TEXT, symbol

__builtins__ = dict(vars(sys.modules["builtins"]))  # taken before any target can change them

MOST_DIGITS = 1000

_blake = hashlib.blake2b
_FLAGS = (
    (re.ASCII, "a"),
    (re.IGNORECASE, "i"),
    (re.LOCALE, "L"),
    (re.MULTILINE, "m"),
    (re.DOTALL, "s"),
    (re.VERBOSE, "x"),
)


def opaque(kind, why):
    named = symbol(kind)
    return {"kind": "opaque", "symbol": named, "why": why}, ("opaque", named)


def _null(value):
    return {"kind": "null"}, "None"


def _bool(value):
    return {"kind": "bool", "value": value}, ("n", 1 if value else 0, 1)


def integer(value):
    if -_BIG < value < _BIG:
        return {"kind": "int", "value": value}, ("n", value, 1)
    return opaque(int, "too big")[0], ("n", hash(value), value.bit_length())


_BIG = 10**MOST_DIGITS


def _float(value):
    if value - value == 0:
        top, bottom = value.as_integer_ratio()
        return {"kind": "float", "text": repr(value)}, ("n", top, bottom)
    text = "nan" if value != value else "inf" if value > 0 else "-inf"
    return {"kind": "float", "text": text}, ("float", text)


def text(value):
    if len(value) > MOST_TEXT:
        return opaque(str, "too big")[0], ("text", _blake(value.encode("utf-8", "surrogatepass")).hexdigest())
    told = scratch.told(value)
    if told is None:
        return opaque(str, "a path of this machine")
    return {"kind": "text", "value": told}, ("text", told)


def _bytes(value):
    if len(value) > MOST_TEXT:
        return opaque(bytes, "too big")[0], ("bytes", _blake(value).hexdigest())
    if scratch.told(value.decode("latin-1")) != value.decode("latin-1"):
        return opaque(bytes, "a path of this machine")
    return {"kind": "bytes", "hex": value.hex()}, ("bytes", value)


def _bytearray(value):
    seen, normal = _bytes(bytes(value))
    if seen["kind"] == "opaque":
        return seen, normal
    return {"kind": "construct", "symbol": "builtins:bytearray", "arguments": [{"name": "", "value": seen}]}, normal


def _complex(value):
    parts = [_float(value.real), _float(value.imag)]
    seen = {"kind": "construct", "symbol": "builtins:complex"}
    seen["arguments"] = [{"name": "", "value": part[0]} for part in parts]
    return seen, (parts[0][1] if value.imag == 0 else ("complex", parts[0][1], parts[1][1]))


def _decimal(value):
    seen = {"kind": "decimal", "text": decimal.Decimal.__str__(value)}
    if not value.is_finite():
        return seen, ("float", "nan" if value.is_nan() else "inf" if value > 0 else "-inf")
    if abs(value.adjusted()) < 400:
        return seen, ("n",) + value.as_integer_ratio()
    return seen, ("decimal", str(value.normalize()))


def _fraction(value):
    top, bottom = integer(value.numerator), integer(value.denominator)
    seen = {"kind": "construct", "symbol": "fractions:Fraction"}
    seen["arguments"] = [{"name": "", "value": top[0]}, {"name": "", "value": bottom[0]}]
    return seen, ("n", value.numerator, value.denominator)


def _date(value):
    return {"kind": "date", "iso": value.isoformat()}, ("date", value.isoformat())


def _offset(value):
    """Only an offset that a literal can carry; None for a naive value."""
    offset = value.utcoffset()
    return None if offset is None else offset // datetime.timedelta(microseconds=1)


def _time(value):
    try:
        offset = _offset(value)
        iso = value.isoformat()
    except Exception:
        return opaque(datetime.time, "its zone cannot tell its offset")
    if value.tzinfo is not None and offset is None:
        return opaque(datetime.time, "its zone has no fixed offset")
    return {"kind": "time", "iso": iso}, ("time", iso)


def _datetime(value):
    try:
        offset = _offset(value)
        iso = value.isoformat()
    except Exception:
        return opaque(datetime.datetime, "its zone cannot tell its offset")
    if offset is None:
        return {"kind": "datetime", "iso": iso}, ("datetime", iso)
    naive = value.replace(tzinfo=None)
    instant = (naive - _EPOCH) // datetime.timedelta(microseconds=1) - offset
    return {"kind": "datetime", "iso": iso}, ("instant", instant)


_EPOCH = datetime.datetime(1970, 1, 1)


def _duration(value):
    microseconds = value // datetime.timedelta(microseconds=1)
    return {"kind": "duration", "microseconds": microseconds}, ("duration", microseconds)


def _pattern(value):
    if type(value.pattern) is not str:
        return opaque(re.Pattern, "a pattern of bytes")
    flags = value.flags & ~int(re.UNICODE)
    letters = "".join(sorted(letter for flag, letter in _FLAGS if flags & flag))
    if flags & re.DEBUG or "L" in letters:
        return opaque(re.Pattern, "its flags")
    return {"kind": "regex", "pattern": value.pattern, "flags": letters}, ("regex", value.pattern, letters)


def _special(name):
    symbol = "builtins:" + name

    def say(value):
        return {"kind": "symbol", "symbol": symbol}, ("symbol", symbol)

    return say


SIMPLE = {
    type(None): _null,
    bool: _bool,
    int: integer,
    float: _float,
    str: text,
    bytes: _bytes,
    bytearray: _bytearray,
    complex: _complex,
    decimal.Decimal: _decimal,
    fractions.Fraction: _fraction,
    datetime.date: _date,
    datetime.time: _time,
    datetime.datetime: _datetime,
    datetime.timedelta: _duration,
    re.Pattern: _pattern,
    type(NotImplemented): _special("NotImplemented"),
    type(Ellipsis): _special("Ellipsis"),
}

BARE = {  # the value of a subclass, without what the subclass made of it
    str: lambda value: str.__str__(value) if str.__str__(value) is not value else "".join(str.__iter__(value)),
    int: lambda value: int.__index__(value) + 0,
    float: lambda value: float.__add__(value, 0.0),
}
