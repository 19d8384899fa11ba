"""What an object is, without believing what it says of itself; and those of its texts that a test can rely on."""

import functools
import inspect
import re
import sys
import types

from _qtest_probe import scratch

__builtins__ = dict(vars(sys.modules["builtins"]))  # taken before any target can change them

MOST_TEXT = 10_000
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}")


def symbol(cls):
    """`module:qualname`, by the class's own word, which may be anything at all."""
    try:
        module, name = type.__getattribute__(cls, "__module__"), type.__getattribute__(cls, "__qualname__")
    except Exception:
        return "?:?"
    return "%s:%s" % (module, name) if type(module) is str and type(name) is str else "?:?"


def is_found_by_name(cls):
    """Whether an import of what the class says it is called gives it."""
    module, _, name = symbol(cls).partition(":")
    found = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    return found is cls


def message(error):
    """The exception's text, or None when a test could not rely on it."""
    try:
        text = str(error)
    except Exception:
        return None
    if type(text) is not str or len(text) > 2000 or _ADDRESS.search(text):
        return None
    return scratch.told(text)


def takes(value):
    """The parameters of what can be called, but is no class; None for what cannot, or cannot be asked."""
    kind = type(value)
    if issubclass(kind, type) or not hasattr(kind, "__call__"):
        return None
    try:
        if inspect.iscoroutinefunction(value):
            return None
        found = inspect.signature(value).parameters.values()
    except Exception:
        return None
    return [_parameter(one) for one in found]


def _parameter(one):
    written = one.annotation if type(one.annotation) is str else getattr(one.annotation, "__name__", "")
    return {
        "name": one.name,
        "kind": _KINDS[one.kind],
        "annotation": "" if one.annotation is one.empty or type(written) is not str else written,
        "default": "" if one.default is one.empty else "...",
    }


_KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "positional only",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional or keyword",
    inspect.Parameter.VAR_POSITIONAL: "variadic",
    inspect.Parameter.KEYWORD_ONLY: "keyword only",
    inspect.Parameter.VAR_KEYWORD: "variadic keyword",
}


def own_text(value, kind, name, call):
    """Its repr or str, when its class says one of its own."""
    owner = _text_owner(kind, name)
    if owner is object:
        return None
    try:
        text = call(value)
    except Exception:
        return None
    if type(text) is not str or len(text) > MOST_TEXT or _ADDRESS.search(text):
        return None
    return scratch.told(text)


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


def is_a(value, kinds):
    """isinstance by the real class: `__class__` is the target's word, and reading it may run its code."""
    return issubclass(type(value), kinds)


def items_of(value):
    """Items by the builtin's own iteration, whatever a subclass made of it."""
    for base in (list, tuple, set, frozenset):
        if is_a(value, base):
            return base.__iter__(value)
    return iter(value)


def is_namedtuple(kind):
    return (
        issubclass(kind, tuple)
        and type(getattr(kind, "_fields", None)) is tuple
        and kind.__eq__ is tuple.__eq__
        and kind.__bases__ in ((tuple,), (tuple, object))
        or (
            issubclass(kind, tuple)
            and hasattr(kind, "_make")
            and kind.__eq__ is tuple.__eq__
            and kind.__new__ is kind.__mro__[1].__new__
        )
    )


def compares_fields(kind):
    parameters = kind.__dict__.get("__dataclass_params__")
    return (
        parameters is not None
        and bool(getattr(parameters, "eq", False))
        and "__init__" in kind.__dict__
        and bool(getattr(parameters, "init", False))
        and getattr(kind.__dict__.get("__eq__"), "__qualname__", "").endswith("__eq__")
        and _is_generated(kind.__dict__.get("__eq__"))
        and not hasattr(kind, "__post_init__")
    )


def _is_generated(function):
    return getattr(getattr(function, "__code__", None), "co_filename", "<string>").startswith("<")


def is_field(field):
    return getattr(getattr(field, "_field_type", None), "name", "") == "_FIELD"


def is_init_field(field):
    return is_field(field) and field.init


def stored_in(value, kind):
    found = []
    try:
        stored = object.__getattribute__(value, "__dict__")
    except Exception:
        stored = {}
    if is_a(stored, dict):
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
            if type(item) is types.MemberDescriptorType and not name.startswith("_"):
                names.append(name)
    return tuple(sorted(set(names)))


_property_cache = {}


def properties_of(kind, ours):
    names = _property_cache.get(kind)
    if names is None:
        found = set()
        for base in kind.__mro__:
            if ours(base.__dict__.get("__module__", "")):
                for name, item in base.__dict__.items():
                    if not name.startswith("_") and is_a(item, (property, functools.cached_property)):
                        found.add(name)
        names = _property_cache[kind] = tuple(sorted(found))
    return names


def defines(kind, name):
    return any(name in base.__dict__ and base is not object for base in kind.__mro__)
