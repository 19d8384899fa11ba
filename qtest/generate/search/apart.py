"""Where two results differ, when they are alike but for a part."""

import json
from collections.abc import Iterator
from typing import Any

from qtest.generate.search.oracle import text_of

_DEEPEST = 12
_LONG = 100  # characters


def place(old: str, new: str) -> tuple[str, str, str] | None:
    """The way to the first part that differs, what it was and what it is; None where no words tell them apart."""
    try:
        was, now = json.loads(old), json.loads(new)
    except ValueError:
        return None
    return next(_apart(was, now, "", 0), None) if isinstance(was, dict) and isinstance(now, dict) else None


def other_iterator(old: str, new: str) -> tuple[str, str] | None:
    """The classes of two results that differ in nothing else: iterators that give the same."""
    try:
        was, now = json.loads(old), json.loads(new)
        kinds = was["result"].pop("symbol"), now["result"].pop("symbol")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    alike = was == now and was["result"].get("kind") == "iterator"
    return (_named(kinds[0]), _named(kinds[1])) if alike else None


def _apart(was: dict[str, Any], now: dict[str, Any], way: str, depth: int) -> Iterator[tuple[str, str, str]]:
    if was == now or depth > _DEEPEST:
        return
    for name, one, other in _pairs(was, now):
        yield from _apart(one, other, way + name, depth + 1)
    before, after = _words(was), _words(now)
    if before != after:
        yield way, before, after


def _pairs(was: dict[str, Any], now: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Parts of the same name in both."""
    if was.get("kind") != now.get("kind") or was.get("symbol") != now.get("symbol"):
        return
    for name in ("result", "value"):
        if isinstance(was.get(name), dict) and isinstance(now.get(name), dict):
            yield "", was[name], now[name]
    for name in ("watch", "attributes"):
        one, other = was.get(name), now.get(name)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from (
                (f".{key}" if name == "attributes" else key, one[key], other[key]) for key in one if key in other
            )
    for name in ("items", "list"):
        one, other = was.get(name), now.get(name)
        if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            yield from ((f"[{at}]", *pair) for at, pair in enumerate(zip(one, other, strict=True)))
    if was.get("kind") == "map":
        known = {json.dumps(entry["key"]): entry["value"] for entry in now["entries"]}
        for entry in was["entries"]:
            if json.dumps(entry["key"]) in known:
                yield f"[{text_of(entry['key']) or '…'}]", entry["value"], known[json.dumps(entry["key"])]
    if was.get("kind") == "construct" and len(was["arguments"]) == len(now["arguments"]):
        for at, (one, other) in enumerate(zip(was["arguments"], now["arguments"], strict=True)):
            yield f".{one['name']}" if one["name"] else f"[{at}]", one["value"], other["value"]


def _words(form: dict[str, Any]) -> str:
    if "raised" in form:
        return f"raises {form['raised'].get('type', '').partition(':')[2]}"
    if "out" in form and "kind" not in form:
        return f"prints {form['out']!r}"
    known = text_of(form)
    if known is not None:
        return known
    named = _named(str(form.get("symbol", form.get("kind", "something"))))
    if form.get("kind") == "iterator":
        given = [text_of(item) for item in form["items"]]
        if given and all(given) and sum(len(str(item)) for item in given) < _LONG:
            return f"{named} of {', '.join(map(str, given))}{', …' if form.get('more') else ''}"
    return named


def _named(symbol: str) -> str:
    """Such as `a generator`."""
    name = symbol.partition(":")[2] or symbol
    return f"{'an' if name.lstrip('_')[:1].lower() in 'aeiou' else 'a'} {name}"
