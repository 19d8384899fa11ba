"""What a test could say about a value: its canonical form, and when one observation passes the test made of another.

`seen` is JSON in the shapes of `qtest.records.case` where these exist (null bool int float text bytes list tuple set map
decimal date time datetime duration regex enum symbol construct), and otherwise one of

    {"kind": "object", "symbol", "repr"?, "str"?, "attributes": {name: V}, "list"?: [V], "length"?: n, "more"?: true}
    {"kind": "iterator", "symbol", "items": [V], "more": bool}           consumed; only as the result itself
    {"kind": "subclass", "symbol", "value": V, "attributes": {name: V}}  of a builtin, equal to `value`
    {"kind": "exception", "symbol", "arguments": [V], "text"}
    {"kind": "env", "what", "name"}                                      a path in the scratch folder
    {"kind": "buffer", "symbol", "value": V}                             StringIO or BytesIO, and what `getvalue()` gives
    {"kind": "opaque", "symbol", "why"}                                  nothing can be asserted of it
    {"kind": "same", "name"}                                             the very object of that name; only as the result itself

`construct` stands for namedtuples, dataclasses that compare by their fields, complex, Fraction, range, bytearray and deque.

The rule of equality, which the renderer must follow: a result that is None, True or False is asserted with `is`; a result that is
NaN with isnan; other values with `==`, under which 1, 1.0 and True are equal, sets and frozensets too, and order in a map means
nothing; NaN inside a container is compared by `repr`. A result that is a `subclass`, an `object` or an `iterator` is asserted
by `isinstance` (the exact class) and its parts. An exception is asserted by `pytest.raises` (so subclasses pass) and its whole text when
`explicit`. Printed text is asserted whole.
"""

import hashlib
import sys

from _qtest_probe.form import MOST_ITEMS, Drained, Writer
from _qtest_probe.inspection import symbol

__builtins__ = dict(vars(sys.modules["builtins"]))  # taken before any target can change them

_blake = hashlib.blake2b


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
    writer = Writer(ours or _is_foreign)
    form, normal = writer.result(value)
    if form["kind"] == "opaque":
        raise Unsupported("%s: %s" % (form["symbol"], form["why"]))
    found = Seen(form)
    found.normal = normal
    if form["kind"] in _STRICT:
        found.strict = (form["kind"], symbol(value.kind if type(value) is Drained else type(value)), writer.extra)
    return found


def same(name):
    """Of a result that is the very object that `name` stands for, of which nothing else can be said."""
    found = Seen({"kind": "same", "name": name})
    found.normal = ("same", name)
    return found


def comes_later(value):
    """Whether it is an asynchronous iterator, or gives one and shows nothing else of itself."""
    kind = type(value)
    if not hasattr(kind, "__aiter__") or kind.__module__ == "unittest.mock":
        return False
    return hasattr(kind, "__anext__") or Writer(_is_foreign).result(value)[0]["kind"] == "opaque"


async def drained(source):
    """Its first items, to be seen as those of an iterator are."""
    items = []
    async for item in source:
        items.append(item)
        if len(items) > MOST_ITEMS:
            break
    return Drained(type(source), items)


_STRICT = ("null", "bool", "object", "iterator", "subclass")


def key(form):
    """Equal for two observations that pass each other's tests. `form` holds `result` or `raised`, and perhaps `watch` and `out`.
    `awaited` says what of the result was awaited: its `value`, its `items`, or both."""
    result = form.get("result")
    error = form.get("raised")
    whole = (
        result is not None and (result.strict, result.normal),
        error and (error["type"], error["message"]),
        sorted((name, repr((value.strict, value.normal))) for name, value in form.get("watch", {}).items()),
        form.get("out", ""),
        form.get("awaited", ""),
        [sorted(state.items()) for state in form.get("files", ())],
    )
    return _blake(repr(whole).encode("ascii", "backslashreplace"), digest_size=16).hexdigest()


def _is_foreign(name):
    return type(name) is str and name.partition(".")[0] not in _STANDARD


_STANDARD = getattr(sys, "stdlib_module_names", None) or frozenset(
    [name.partition(".")[0] for name in sys.modules] + list(sys.builtin_module_names)
)
