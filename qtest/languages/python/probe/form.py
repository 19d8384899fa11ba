"""The walk through one value to its parts: its canonical form, and beside it what equality sees."""

import collections
import enum
import io
import itertools
import json
import os
import pathlib
import sys
import types

from _qtest_probe import inspection, plain, scratch
from _qtest_probe.inspection import is_a, message, symbol
from _qtest_probe.plain import opaque

__builtins__ = dict(vars(sys.modules["builtins"]))  # taken before any target can change them

MOST_ITEMS = 50  # of an iterator
MOST_NODES = 2000
DEEPEST = 8
DEEPEST_OBJECT = 3

_dumps = json.dumps
_Path = type(pathlib.Path())
_PATHS = (_Path, pathlib.PurePosixPath)
_SPELLED = frozenset(
    ["uuid:UUID"] + ["ipaddress:IPv%d%s" % (v, kind) for v in (4, 6) for kind in ("Address", "Network", "Interface")]
)  # classes whose objects equal those made of their text
BUFFERS = (io.StringIO, io.BytesIO)
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


class Drained:
    """What an asynchronous iterator of that class gave."""

    def __init__(self, kind, items):
        self.kind, self.items = kind, items


class Writer:
    """Walks one value. Every method returns (seen, normal)."""

    def __init__(self, ours):
        self.ours = ours
        self.nodes = 0
        self.extra = ()
        self.path = []

    def result(self, value):
        """The value of the whole call: the only place where an iterator is consumed."""
        if type(value) is Drained:
            return self._iterator(value.items, value.kind)
        if type(value) not in BUFFERS and _is_iterator(value):
            return self._iterator(value, type(value))
        return self.value(value, 0)

    def value(self, value, depth):
        self.nodes += 1
        kind = type(value)
        simple = plain.SIMPLE.get(kind)
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
        if kind in _PATHS:
            return self._path(value, kind, depth)
        if kind in BUFFERS:
            return self._buffer(value, kind)
        if symbol(kind) in _SPELLED:
            return self._construct(symbol(kind), [("", str(value))], depth, "spelled")
        if kind is range:
            bounds = [value.start, value.stop] + ([value.step] if value.step != 1 else [])
            return self._construct("builtins:range", [("", bound) for bound in bounds], depth, "range")
        if issubclass(kind, enum.Enum):
            return self._member(value, kind, depth)
        if issubclass(kind, type) or is_a(value, _OPEN):
            return _reference(value, kind)
        if issubclass(kind, BaseException):
            return self._exception(value, kind, depth)
        if inspection.is_namedtuple(kind) and not inspection.is_found_by_name(kind):
            return self._sequence(value, "tuple", depth)
        if inspection.is_namedtuple(kind):
            fields = [(name, tuple.__getitem__(value, at)) for at, name in enumerate(kind._fields)]
            seen, _ = self._construct(symbol(kind), fields, depth, "")
            return seen, self._sequence(value, "tuple", depth)[1]
        if inspection.compares_fields(kind):
            names = [name for name, field in kind.__dataclass_fields__.items() if inspection.is_init_field(field)]
            whole = all(
                field.init or not field.compare
                for field in kind.__dataclass_fields__.values()
                if inspection.is_field(field)
            )
            if whole and all(hasattr(value, name) for name in names):
                return self._construct(
                    symbol(kind), [(name, getattr(value, name)) for name in names], depth, "dataclass"
                )
        if issubclass(kind, _BUILTINS) and kind.__eq__ in [
            base.__eq__ for base in _BUILTINS + (collections.OrderedDict, collections.Counter)
        ]:
            return self._subclass(value, kind, depth)
        return self._object(value, kind, depth)

    def _sequence(self, value, name, depth):
        items = (
            value if name == type(value).__name__ else (list if name == "list" else tuple)(inspection.items_of(value))
        )
        if len(items) > MOST_NODES:
            return opaque(type(value), "too big")
        pairs = [self.value(item, depth + 1) for item in items]
        return {"kind": name, "items": [seen for seen, _ in pairs]}, (name, tuple(normal for _, normal in pairs))

    def _map(self, value, depth):
        if dict.__len__(value) > MOST_NODES:
            return opaque(type(value), "too big")
        entries, normals = [], []
        for key, item in list(dict.items(value)):
            seen_key, normal_key = self.value(key, depth + 1)
            seen_item, normal_item = self.value(item, depth + 1)
            entries.append({"key": seen_key, "value": seen_item})
            normals.append((repr(normal_key), normal_key, normal_item))
        normals.sort(key=_first)
        return {"kind": "map", "entries": entries}, ("map", tuple(pair[1:] for pair in normals))

    def _set(self, value, frozen, depth):
        items = list(inspection.items_of(value))
        if len(items) > MOST_NODES:
            return opaque(type(value), "too big")
        pairs = [self.value(item, depth + 1) for item in items]
        seen = sorted((seen for seen, _ in pairs), key=_canonical)
        return {"kind": "set", "items": seen, "frozen": frozen}, (
            "set",
            tuple(sorted((normal for _, normal in pairs), key=repr)),
        )

    def _construct(self, symbol, arguments, depth, name):
        parts = [(label, self.value(item, depth + 1)) for label, item in arguments]
        seen = {
            "kind": "construct",
            "symbol": symbol,
            "arguments": [{"name": label, "value": part[0]} for label, part in parts],
        }
        return seen, (name + " " + symbol, tuple(part[1] for _, part in parts))

    def _path(self, value, kind, depth):
        """A relative one is made anew in the test, one in the scratch folder is found there, others are of this machine."""
        path = os.fspath(value)
        name = scratch.below(path) if kind is _Path else None
        if name is not None:
            what = "scratch file" if name else "scratch folder"
            return {"kind": "env", "what": what, "name": name}, ("path", "scratch", name)
        if os.path.isabs(path) and scratch.told(path) is None:
            return opaque(kind, "a path of this machine")
        named = "pathlib:Path" if kind is _Path else "pathlib:PurePosixPath"
        return self._construct(named, [("", path)], depth, "path")

    def _buffer(self, value, kind):
        """A file in memory is what was written to it; it is not read, which would move its place."""
        if value.closed:
            return opaque(kind, "it is closed")
        seen, normal = self.value(value.getvalue(), 1)
        if seen["kind"] == "opaque":
            return seen, normal
        return {"kind": "buffer", "symbol": "io:" + kind.__name__, "value": seen}, ("buffer", normal)

    def _member(self, value, kind, depth):
        name = getattr(value, "_name_", None)
        if type(name) is not str or kind.__members__.get(name) is not value:
            return self._object(value, kind, depth)
        normal = ("enum", symbol(kind), name)
        if is_a(value, (int, str)):
            _, normal = plain.integer(int.__index__(value)) if is_a(value, int) else plain.text(str.__str__(value))
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
            bare = base.__new__(base, value) if base in (bytes, bytearray) else plain.BARE[base](value)
            seen, normal = plain.SIMPLE[base](bare)
        if seen["kind"] == "opaque":
            return seen, normal
        attributes, normals = self._attributes(value, kind, depth)
        seen = {"kind": "subclass", "symbol": symbol(kind), "value": seen, "attributes": attributes}
        if depth == 0:
            self.extra = normals
        return seen, normal

    def _iterator(self, value, kind):
        seen, normals = [], []
        more = False
        for number, item in enumerate(value):
            if number == MOST_ITEMS:
                more = True
                break
            one, normal = self.value(item, 1)
            seen.append(one)
            normals.append(normal)
        return {"kind": "iterator", "symbol": symbol(kind), "items": seen, "more": more}, (
            "iterator",
            tuple(normals),
            more,
        )

    def _object(self, value, kind, depth):
        named = symbol(kind)
        seen = {"kind": "object", "symbol": named, "attributes": {}}
        normal = ["object", named]
        for name, call in (("repr", repr), ("str", str)):
            text = inspection.own_text(value, kind, name, call)
            if text is not None:
                seen[name] = text
            normal.append(text)
        if len([outer for outer in self.path if not is_a(outer, (list, tuple, dict, set))]) <= DEEPEST_OBJECT:
            seen["attributes"], normals = self._attributes(value, kind, depth)
            normal.append(normals)
            self._contents(value, kind, depth, seen, normal)
        if len(seen) == 3 and not seen["attributes"]:
            return opaque(kind, "nothing about it can be seen")
        return seen, tuple(normal)

    def _attributes(self, value, kind, depth):
        """Public ones: stored, in slots, and properties of the target's own classes."""
        found = {}
        for name, item in inspection.stored_in(value, kind):
            if type(name) is str and not name.startswith("_") and len(found) < 40:
                found[name] = self.value(item, depth + 1)
        for name in inspection.properties_of(kind, self.ours):
            if name not in found and len(found) < 40:
                try:
                    item = getattr(value, name)
                except Exception:  # noqa: S112 - then the property has nothing to say
                    continue
                found[name] = self.value(item, depth + 1)
        names = sorted(found)
        return {name: found[name][0] for name in names}, tuple((name, found[name][1]) for name in names)

    def _contents(self, value, kind, depth, seen, normal):
        """Length and items of a container that the target made."""
        if inspection.defines(kind, "__len__"):
            try:
                length = kind.__len__(value)
            except Exception:
                length = None
            if type(length) is int:
                seen["length"] = length
                normal.append(length)
        if inspection.defines(kind, "__iter__") and not hasattr(kind, "__next__"):
            try:
                items = list(itertools.islice(iter(value), MOST_ITEMS + 1))
            except Exception:
                return
            pairs = [self.value(item, depth + 1) for item in items[:MOST_ITEMS]]
            seen["list"] = [pair[0] for pair in pairs]
            normal.append(tuple(pair[1] for pair in pairs))
            if len(items) > MOST_ITEMS:
                seen["more"] = True


def _is_iterator(value):
    kind = type(value)
    if kind in plain.SIMPLE or not hasattr(kind, "__iter__"):
        return False
    return hasattr(kind, "__next__") or kind in _VIEWS


_VIEWS = (type({}.keys()), type({}.values()), type({}.items()), type(reversed([])))


def _reference(value, kind):
    """A class or function, when its name leads back to it."""
    try:
        module, name = value.__module__, value.__qualname__
        if type(module) is not str and module is None:
            module = "builtins"
        found = sys.modules[module]
        for part in name.split("."):
            found = getattr(found, part)
    except Exception:
        return opaque(kind, "its name does not lead back to it")
    if found is not value:
        return opaque(kind, "its name does not lead back to it")
    symbol = "%s:%s" % (module, name)
    return {"kind": "symbol", "symbol": symbol}, ("symbol", symbol)


def _first(pair):
    return pair[0]


def _canonical(seen):
    return _dumps(seen, sort_keys=True)
