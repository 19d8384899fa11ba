"""What a test could say about a value: its canonical form, and when one observation passes the test made of another.

`seen` is JSON in the shapes of `qtest.records.case` where these exist (null bool int float text bytes list tuple set map
decimal date time datetime duration regex enum symbol construct), and otherwise one of

    {"kind": "object", "symbol", "repr"?, "str"?, "attributes": {name: V}, "list"?: [V], "length"?: n, "more"?: true}
    {"kind": "iterator", "symbol", "items": [V], "more": bool}           consumed; only as the result itself
    {"kind": "subclass", "symbol", "value": V, "attributes": {name: V}}  of a builtin, equal to `value`
    {"kind": "exception", "symbol", "arguments": [V], "text"}
    {"kind": "opaque", "symbol", "why"}                                  nothing can be asserted of it

`construct` stands for namedtuples, dataclasses that compare by their fields, complex, Fraction, range, bytearray and deque.

The rule of equality, which the renderer must follow: a result that is None, True or False is asserted with `is`; a result that is
NaN with isnan; other values with `==`, under which 1, 1.0 and True are equal, sets and frozensets too, and order in a map means
nothing; NaN inside a container is compared by `repr`. A result that is a `subclass`, an `object` or an `iterator` is asserted
by `isinstance` (the exact class) and its parts. An exception is asserted by `pytest.raises` (so subclasses pass) and its whole text when
`explicit`. Printed text is asserted whole.
"""

import collections
import datetime
import decimal
import enum
import fractions
import functools
import hashlib
import itertools
import json
import re
import sys
import types

__builtins__ = dict(vars(sys.modules["builtins"]))  # taken before any target can change them

MOST_TEXT = 10_000
MOST_DIGITS = 1000
MOST_ITEMS = 50  # of an iterator
MOST_NODES = 2000
DEEPEST = 8
DEEPEST_OBJECT = 3
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}")
_dumps, _blake = json.dumps, hashlib.blake2b
_type, _len, _repr, _str, _getattr = type, len, repr, str, getattr
_FLAGS = (
    (re.ASCII, "a"),
    (re.IGNORECASE, "i"),
    (re.LOCALE, "L"),
    (re.MULTILINE, "m"),
    (re.DOTALL, "s"),
    (re.VERBOSE, "x"),
)
_BUILTINS = (str, bytes, int, float, list, tuple, dict, set, frozenset, bytearray)
_OPEN = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.ClassMethodDescriptorType,
)


class Unsupported(Exception):
    """Nothing that a test could rely on can be said of the result."""


class Seen(dict):
    """JSON of one value. `normal` is what equality sees of it; `strict` what the assertion of a result says besides."""

    normal = strict = None


def seen(value, ours=None):
    """The canonical form of a result or of a watched name. `ours(module name)` says whether a class is the target's own, whose properties
    may then be read; by default any outside the standard library.

    Runs code of the target (repr, properties, iteration): what a consumed iterator raises comes out. Raises Unsupported.
    """
    writer = _Writer(ours or _is_foreign)
    form, normal = writer.result(value)
    if form["kind"] == "opaque":
        raise Unsupported("%s: %s" % (form["symbol"], form["why"]))
    found = Seen(form)
    found.normal = normal
    if form["kind"] in _STRICT:
        found.strict = (form["kind"], symbol(_type(value)), writer.extra)
    return found


_STRICT = ("null", "bool", "object", "iterator", "subclass")


def key(form):
    """Equal for two observations that pass each other's tests. `form` holds `result` or `raised`, and perhaps `watch` and `out`."""
    result = form.get("result")
    error = form.get("raised")
    whole = (
        result is not None and (result.strict, result.normal),
        error and (error["type"], error["message"]),
        sorted((name, _repr((value.strict, value.normal))) for name, value in form.get("watch", {}).items()),
        form.get("out", ""),
    )
    return _blake(_repr(whole).encode("ascii", "backslashreplace"), digest_size=16).hexdigest()


def _is_foreign(name):
    return _type(name) is str and name.partition(".")[0] not in _STANDARD


_STANDARD = _getattr(sys, "stdlib_module_names", None) or frozenset(
    [name.partition(".")[0] for name in sys.modules] + list(sys.builtin_module_names)
)


def message(error):
    """The exception's text, or None when a test could not rely on it."""
    try:
        text = _str(error)
    except Exception:
        return None
    if _type(text) is not str or _len(text) > 2000 or _ADDRESS.search(text):
        return None
    return text


def symbol(cls):
    """`module:qualname`, by the class's own word, which may be anything at all."""
    try:
        module, name = type.__getattribute__(cls, "__module__"), type.__getattribute__(cls, "__qualname__")
    except Exception:
        return "?:?"
    return "%s:%s" % (module, name) if _type(module) is str and _type(name) is str else "?:?"


class _Writer:
    """Walks one value. Every method returns (seen, normal)."""

    def __init__(self, ours):
        self.ours = ours
        self.nodes = 0
        self.extra = ()
        self.path = []

    def result(self, value):
        """The value of the whole call: the only place where an iterator is consumed."""
        if _is_iterator(value):
            return self._iterator(value)
        return self.value(value, 0)

    def value(self, value, depth):
        self.nodes += 1
        kind = _type(value)
        simple = _SIMPLE.get(kind)
        if simple is not None:
            return simple(value)
        if self.nodes > MOST_NODES or depth > DEEPEST:
            return opaque(kind, "too big")
        if any(value is outer for outer in self.path):
            return opaque(kind, "contains itself")
        self.path.append(value)
        try:
            return self._compound(value, kind, depth)
        finally:
            self.path.pop()

    def _compound(self, value, kind, depth):
        if kind is list or kind is tuple:
            return self._sequence(value, kind.__name__, depth)
        if kind is dict:
            return self._map(value, depth)
        if kind is set or kind is frozenset:
            return self._set(value, kind is frozenset, depth)
        if kind is collections.deque:
            maxlen = [] if value.maxlen is None else [("maxlen", value.maxlen)]
            return self._construct("collections:deque", [("", list(value))] + maxlen, depth, "deque")
        if kind is range:
            bounds = [value.start, value.stop] + ([value.step] if value.step != 1 else [])
            return self._construct("builtins:range", [("", bound) for bound in bounds], depth, "range")
        if issubclass(kind, enum.Enum):
            return self._member(value, kind, depth)
        if issubclass(kind, type) or _is(value, _OPEN):
            return _reference(value, kind)
        if issubclass(kind, BaseException):
            return self._exception(value, kind, depth)
        if _is_namedtuple(kind):
            fields = [(name, tuple.__getitem__(value, at)) for at, name in enumerate(kind._fields)]
            seen, _ = self._construct(symbol(kind), fields, depth, "")
            return seen, self._sequence(value, "tuple", depth)[1]
        if _compares_fields(kind):
            names = [name for name, field in kind.__dataclass_fields__.items() if _is_init_field(field)]
            whole = all(
                field.init or not field.compare for field in kind.__dataclass_fields__.values() if _is_field(field)
            )
            if whole and all(hasattr(value, name) for name in names):
                return self._construct(
                    symbol(kind), [(name, _getattr(value, name)) for name in names], depth, "dataclass"
                )
        if issubclass(kind, _BUILTINS) and kind.__eq__ in [
            base.__eq__ for base in _BUILTINS + (collections.OrderedDict, collections.Counter)
        ]:
            return self._subclass(value, kind, depth)
        if issubclass(kind, (decimal.Decimal, fractions.Fraction, datetime.date, datetime.time, datetime.timedelta)):
            return self._object(value, kind, depth)
        return self._object(value, kind, depth)

    def _sequence(self, value, name, depth):
        items = value if name == _type(value).__name__ else (list if name == "list" else tuple)(_plain_iter(value))
        if _len(items) > MOST_NODES:
            return opaque(_type(value), "too big")
        pairs = [self.value(item, depth + 1) for item in items]
        return {"kind": name, "items": [seen for seen, _ in pairs]}, (name, tuple(normal for _, normal in pairs))

    def _map(self, value, depth):
        if dict.__len__(value) > MOST_NODES:
            return opaque(_type(value), "too big")
        entries, normals = [], []
        for key, item in list(dict.items(value)):
            seen_key, normal_key = self.value(key, depth + 1)
            seen_item, normal_item = self.value(item, depth + 1)
            entries.append({"key": seen_key, "value": seen_item})
            normals.append((_repr(normal_key), normal_key, normal_item))
        normals.sort(key=_first)
        return {"kind": "map", "entries": entries}, ("map", tuple(pair[1:] for pair in normals))

    def _set(self, value, frozen, depth):
        items = list(_plain_iter(value))
        if _len(items) > MOST_NODES:
            return opaque(_type(value), "too big")
        pairs = [self.value(item, depth + 1) for item in items]
        seen = sorted((seen for seen, _ in pairs), key=_canonical)
        return {"kind": "set", "items": seen, "frozen": frozen}, (
            "set",
            tuple(sorted((normal for _, normal in pairs), key=_repr)),
        )

    def _construct(self, symbol, arguments, depth, name):
        parts = [(label, self.value(item, depth + 1)) for label, item in arguments]
        seen = {
            "kind": "construct",
            "symbol": symbol,
            "arguments": [{"name": label, "value": part[0]} for label, part in parts],
        }
        return seen, (name + " " + symbol, tuple(part[1] for _, part in parts))

    def _member(self, value, kind, depth):
        name = _getattr(value, "_name_", None)
        if _type(name) is not str or kind.__members__.get(name) is not value:
            return self._object(value, kind, depth)
        normal = ("enum", symbol(kind), name)
        if _is(value, (int, str)):
            plain = _is(value, int) and int.__index__(value)
            normal = _int(plain)[1] if _is(value, int) else _text(_str.__str__(value))[1]
        return {"kind": "enum", "symbol": symbol(kind), "member": name}, normal

    def _exception(self, value, kind, depth):
        parts = [self.value(item, depth + 1) for item in BaseException.__getattribute__(value, "args")]
        text = message(value)
        seen = {"kind": "exception", "symbol": symbol(kind), "arguments": [part[0] for part in parts], "text": text}
        return seen, ("exception", symbol(kind), text)

    def _subclass(self, value, kind, depth):
        base = next(base for base in kind.__mro__ if base in _BUILTINS)
        if base in (list, tuple):
            seen, normal = self._sequence(value, base.__name__, depth)
        elif base is dict:
            seen, normal = self._map(value, depth)
        elif base in (set, frozenset):
            seen, normal = self._set(value, base is frozenset, depth)
        else:
            plain = base.__new__(base, value) if base in (bytes, bytearray) else _PLAIN[base](value)
            seen, normal = _SIMPLE[base](plain)
        if seen["kind"] == "opaque":
            return seen, normal
        attributes, normals = self._attributes(value, kind, depth)
        seen = {"kind": "subclass", "symbol": symbol(kind), "value": seen, "attributes": attributes}
        if depth == 0:
            self.extra = normals
        return seen, normal

    def _iterator(self, value):
        seen, normals = [], []
        more = False
        for number, item in enumerate(value):
            if number == MOST_ITEMS:
                more = True
                break
            one, normal = self.value(item, 1)
            seen.append(one)
            normals.append(normal)
        name = symbol(_type(value))
        return {"kind": "iterator", "symbol": name, "items": seen, "more": more}, ("iterator", tuple(normals), more)

    def _object(self, value, kind, depth):
        named = symbol(kind)
        seen = {"kind": "object", "symbol": named, "attributes": {}}
        normal = ["object", named]
        for name, call in (("repr", _repr), ("str", _str)):
            text = _own_text(value, kind, name, call, self.ours)
            if text is not None:
                seen[name] = text
            normal.append(text)
        if len([outer for outer in self.path if not _is(outer, (list, tuple, dict, set))]) <= DEEPEST_OBJECT:
            seen["attributes"], normals = self._attributes(value, kind, depth)
            normal.append(normals)
            self._contents(value, kind, depth, seen, normal)
        if len(seen) == 3 and not seen["attributes"]:
            return opaque(kind, "nothing about it can be seen")
        return seen, tuple(normal)

    def _attributes(self, value, kind, depth):
        """Public ones: stored, in slots, and properties of the target's own classes."""
        found = {}
        for name, item in _stored(value, kind):
            if _type(name) is str and not name.startswith("_") and _len(found) < 40:
                found[name] = self.value(item, depth + 1)
        for name in _properties(kind, self.ours):
            if name not in found and _len(found) < 40:
                try:
                    item = _getattr(value, name)
                except Exception:  # noqa: S112 - then the property has nothing to say
                    continue
                found[name] = self.value(item, depth + 1)
        names = sorted(found)
        return {name: found[name][0] for name in names}, tuple((name, found[name][1]) for name in names)

    def _contents(self, value, kind, depth, seen, normal):
        """Length and items of a container that the target made."""
        if _defines(kind, "__len__", self.ours):
            try:
                length = kind.__len__(value)
            except Exception:
                length = None
            if _type(length) is int:
                seen["length"] = length
                normal.append(length)
        if _defines(kind, "__iter__", self.ours) and not hasattr(kind, "__next__"):
            try:
                items = list(itertools.islice(iter(value), MOST_ITEMS + 1))
            except Exception:
                return
            pairs = [self.value(item, depth + 1) for item in items[:MOST_ITEMS]]
            seen["list"] = [pair[0] for pair in pairs]
            normal.append(tuple(pair[1] for pair in pairs))
            if _len(items) > MOST_ITEMS:
                seen["more"] = True


def opaque(kind, why):
    named = symbol(kind)
    return {"kind": "opaque", "symbol": named, "why": why}, ("opaque", named)


def _null(value):
    return {"kind": "null"}, "None"


def _bool(value):
    return {"kind": "bool", "value": value}, ("n", 1 if value else 0, 1)


def _int(value):
    if -_BIG < value < _BIG:
        return {"kind": "int", "value": value}, ("n", value, 1)
    return opaque(int, "too big")[0], ("n", hash(value), value.bit_length())


_BIG = 10**MOST_DIGITS


def _float(value):
    if value - value == 0:
        top, bottom = value.as_integer_ratio()
        return {"kind": "float", "text": _repr(value)}, ("n", top, bottom)
    text = "nan" if value != value else "inf" if value > 0 else "-inf"
    return {"kind": "float", "text": text}, ("float", text)


def _text(value):
    if _len(value) > MOST_TEXT:
        return opaque(str, "too big")[0], ("text", _blake(value.encode("utf-8", "surrogatepass")).hexdigest())
    return {"kind": "text", "value": value}, ("text", value)


def _bytes(value):
    if _len(value) > MOST_TEXT:
        return opaque(bytes, "too big")[0], ("bytes", _blake(value).hexdigest())
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
    top, bottom = _int(value.numerator), _int(value.denominator)
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
    if _type(value.pattern) is not str:
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


_SIMPLE = {
    type(None): _null,
    bool: _bool,
    int: _int,
    float: _float,
    str: _text,
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
_PLAIN = {
    str: lambda value: str.__str__(value) if str.__str__(value) is not value else "".join(str.__iter__(value)),
    int: lambda value: int.__index__(value) + 0,
    float: lambda value: float.__add__(value, 0.0),
}


def _is(value, kinds):
    """isinstance by the real class: `__class__` is the target's word, and reading it may run its code."""
    return issubclass(_type(value), kinds)


def _plain_iter(value):
    """Items by the builtin's own iteration, whatever a subclass made of it."""
    for base in (list, tuple, set, frozenset):
        if _is(value, base):
            return base.__iter__(value)
    return iter(value)


def _first(pair):
    return pair[0]


def _canonical(seen):
    return _dumps(seen, sort_keys=True)


def _is_iterator(value):
    kind = _type(value)
    if kind in _SIMPLE or not hasattr(kind, "__iter__"):
        return False
    return hasattr(kind, "__next__") or kind in _VIEWS


_VIEWS = (type({}.keys()), type({}.values()), type({}.items()), type(reversed([])))


def _reference(value, kind):
    """A class or function, when its name leads back to it."""
    try:
        module, name = value.__module__, value.__qualname__
        if _type(module) is not str and module is None:
            module = "builtins"
        found = sys.modules[module]
        for part in name.split("."):
            found = _getattr(found, part)
    except Exception:
        return opaque(kind, "its name does not lead back to it")
    if found is not value:
        return opaque(kind, "its name does not lead back to it")
    symbol = "%s:%s" % (module, name)
    return {"kind": "symbol", "symbol": symbol}, ("symbol", symbol)


def _is_namedtuple(kind):
    return (
        issubclass(kind, tuple)
        and _type(_getattr(kind, "_fields", None)) is tuple
        and kind.__eq__ is tuple.__eq__
        and kind.__bases__ in ((tuple,), (tuple, object))
        or (
            issubclass(kind, tuple)
            and hasattr(kind, "_make")
            and kind.__eq__ is tuple.__eq__
            and kind.__new__ is kind.__mro__[1].__new__
        )
    )


def _compares_fields(kind):
    parameters = kind.__dict__.get("__dataclass_params__")
    return (
        parameters is not None
        and bool(_getattr(parameters, "eq", False))
        and "__init__" in kind.__dict__
        and bool(_getattr(parameters, "init", False))
        and _getattr(kind.__dict__.get("__eq__"), "__qualname__", "").endswith("__eq__")
        and _is_generated(kind.__dict__.get("__eq__"))
        and not hasattr(kind, "__post_init__")
    )


def _is_generated(function):
    return _getattr(_getattr(function, "__code__", None), "co_filename", "<string>").startswith("<")


def _is_field(field):
    return _getattr(_getattr(field, "_field_type", None), "name", "") == "_FIELD"


def _is_init_field(field):
    return _is_field(field) and field.init


@functools.lru_cache(maxsize=4096)
def _text_owner(kind, name):
    """The class that says what repr or str is, when it is not a builtin default."""
    special = "__%s__" % name
    for base in kind.__mro__:
        if special in base.__dict__:
            return base
        if name == "str" and "__repr__" in base.__dict__ and base is not object:
            return object  # str() gives repr's text
    return object


def _own_text(value, kind, name, call, ours):
    owner = _text_owner(kind, name)
    if owner is object:
        return None
    try:
        text = call(value)
    except Exception:
        return None
    if _type(text) is not str or _len(text) > MOST_TEXT or _ADDRESS.search(text):
        return None
    return text


def _stored(value, kind):
    found = []
    try:
        stored = object.__getattribute__(value, "__dict__")
    except Exception:
        stored = {}
    if _is(stored, dict):
        found.extend(list(dict.items(stored)))
    for name in _slots(kind):
        try:
            found.append((name, object.__getattribute__(value, name)))
        except Exception:
            pass
    return found


@functools.lru_cache(maxsize=4096)
def _slots(kind):
    names = []
    for base in kind.__mro__:
        for name, item in base.__dict__.items():
            if _type(item) is types.MemberDescriptorType and not name.startswith("_"):
                names.append(name)
    return tuple(sorted(set(names)))


_property_cache = {}


def _properties(kind, ours):
    names = _property_cache.get(kind)
    if names is None:
        found = set()
        for base in kind.__mro__:
            if ours(base.__dict__.get("__module__", "")):
                for name, item in base.__dict__.items():
                    if not name.startswith("_") and _is(item, (property, functools.cached_property)):
                        found.add(name)
        names = _property_cache[kind] = tuple(sorted(found))
    return names


def _defines(kind, name, ours):
    return any(name in base.__dict__ and base is not object for base in kind.__mro__)
