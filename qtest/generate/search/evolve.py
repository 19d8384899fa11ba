"""Small changes to a trial: the same call with one thing different."""

import ast
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from qtest.generate.search.code import Code, owner_of
from qtest.generate.search.kinds import BOOL, INT, LIST, MAP, TEXT, literal
from qtest.generate.search.making import Maker
from qtest.generate.search.sources import Sources
from qtest.generate.search.trial import Trial
from qtest.records.case import (
    Argument,
    Bool,
    Bytes,
    Call,
    Construct,
    Entry,
    Expression,
    Float,
    Int,
    List,
    Map,
    Null,
    Ref,
    Set,
    Step,
    Text,
    Tuple,
)
from qtest.records.workbench import Compared

_LITERALS = (Text, Int, Float, Bytes, Bool, Null, List, Tuple, Map)
_KINDS, _MAP = (TEXT, INT, BOOL, LIST), MAP
_LONGEST = 80  # a text that grows further is read by nobody
_DEEPEST_NODES = 300
Path = tuple[str | int, ...]


class Evolver:
    """One to three edits at a time; draws from one random stream."""

    def __init__(self, code: Code, maker: Maker, sources: Sources, rng: random.Random) -> None:
        self._code, self._maker, self._sources, self._rng = code, maker, sources, rng

    def child(self, parent: Trial, compared: Sequence[Compared], mates: Sequence[Trial]) -> Trial:
        changed = parent
        for _ in range(self._rng.choice((1, 1, 1, 2, 3))):
            changed = self._edited(changed, compared, mates)
        if changed == parent:
            return parent
        return self._maker.places.furnished(replace(changed, origin="search", source="", expected=""))

    def _edited(self, trial: Trial, compared: Sequence[Compared], mates: Sequence[Trial]) -> Trial:
        dice = self._rng.random()
        if compared and dice < 0.3:
            return self._answered(trial, compared)
        if dice < 0.5:
            return self._argument(trial, mates)
        if dice < 0.6 and trial.setup:
            return self._step(trial)
        return self._tweaked(trial)

    # --- what was compared --------------------------------------------------------------------------------------------

    def _answered(self, trial: Trial, compared: Sequence[Compared]) -> Trial:
        """A constant that the code held against another becomes that other."""
        pair = self._rng.choice(compared)
        left, right = _read(pair.left), _read(pair.right)
        if left is None or right is None:
            return trial
        if self._rng.random() < 0.5:
            left, right = right, left
        whole = _Whole(trial)
        places = [(path, node) for path, node in whole.literals() if _meets(node, left)]
        if not places:
            return trial
        path, node = self._rng.choice(places)
        return whole.put(path, _swapped(node, left, right, self._rng))

    # --- arguments --------------------------------------------------------------------------------------------------

    def _argument(self, trial: Trial, mates: Sequence[Trial]) -> Trial:
        whole = _Whole(trial)
        calls = [(path, node) for path, node in whole.nodes() if isinstance(node, Call | Construct)]
        if not calls:
            return self._tweaked(trial)
        path, node = self._rng.choice(calls)
        symbol = self._symbol(node)
        if symbol is None:
            return self._tweaked(trial)
        dice = self._rng.random()
        if dice < 0.2 and any(argument.name for argument in node.arguments):
            gone = self._rng.choice([argument for argument in node.arguments if argument.name])
            return whole.put(path, replace(node, arguments=tuple(a for a in node.arguments if a is not gone)))
        fresh = self._maker.arguments(symbol, 0, 0.5)
        mated = [found for mate in mates for found in _arguments_of(mate, node.symbol)]
        if mated and self._rng.random() < 0.3:
            fresh = self._rng.choice(mated)
        return whole.put(path, replace(node, arguments=self._mixed(node.arguments, fresh)))

    def _symbol(self, node: Call | Construct) -> Any:
        if isinstance(node, Construct):
            return self._code.maker(node.symbol)
        return self._code.symbols.get(node.symbol)

    def _mixed(self, own: tuple[Argument, ...], fresh: tuple[Argument, ...]) -> tuple[Argument, ...]:
        """One of the fresh arguments takes its place among the own ones."""
        if not fresh:
            return own
        at = self._rng.randrange(len(fresh))
        chosen = fresh[at]
        if chosen.name:
            kept = tuple(argument for argument in own if argument.name != chosen.name)
            return (*kept, chosen)
        positional = [argument for argument in own if not argument.name]
        named = [argument for argument in own if argument.name]
        if at < len(positional):
            positional[at] = chosen
        elif at == len(positional) and not named:
            positional.append(chosen)
        return (*positional, *named)

    # --- set-up -----------------------------------------------------------------------------------------------------

    def _step(self, trial: Trial) -> Trial:
        """One more call before, one less, or one twice."""
        dice = self._rng.random()
        loose = [at for at, step in enumerate(trial.setup) if not step.name]
        if loose and dice < 0.35:
            gone = self._rng.choice(loose)
            return replace(trial, setup=trial.setup[:gone] + trial.setup[gone + 1 :])
        owners = [(step.name, _class_of(step.does, self._code)) for step in trial.setup if step.name]
        owners = [(name, cls) for name, cls in owners if cls]
        if not owners or len(trial.setup) >= 7:
            return trial
        name, cls = self._rng.choice(owners)
        call = self._sources.another_call(cls, Ref(name))
        return trial if call is None else replace(trial, setup=(*trial.setup, Step(call)))

    # --- constants ---------------------------------------------------------------------------------------------------

    def _tweaked(self, trial: Trial) -> Trial:
        whole = _Whole(trial)
        places = whole.literals()
        if not places:
            return trial
        path, node = self._rng.choice(places)
        same = [other for _, other in places if type(other) is type(node) and other != node]
        if same and self._rng.random() < 0.2:
            return whole.put(path, self._rng.choice(same))
        return whole.put(path, self._tweak(node))

    def _tweak(self, node: Expression) -> Expression:
        rng = self._rng
        match node:
            case Bool(value):
                return Bool(not value)
            case Null():
                return self._maker.of(rng.choice(_KINDS))
            case Int(value):
                return Int(rng.choice((value + 1, value - 1, -value, value * 2, value * 10, 0, self._maker.whole())))
            case Float():
                return self._float(node)
            case Text(text):
                return Text(self._text(text)[: max(_LONGEST, len(text))])
            case Bytes():
                return Bytes(_cut_bytes(node.value, rng).hex())
            case List(items):
                return List(self._items(items))
            case Tuple(items):
                return Tuple(self._items(items))
            case Map(entries):
                return Map(self._entries(entries))
        return node

    def _float(self, node: Float) -> Expression:
        value = node.value
        choices = [repr(value + 1), repr(-value), repr(value / 2), repr(value * 10), "0.0", "0.5"]
        chosen = self._rng.choice(choices)
        return Float(chosen if chosen not in ("-nan",) else "nan")

    def _text(self, text: str) -> str:
        rng = self._rng
        pools = self._maker.pools
        at = rng.randrange(len(text) + 1)
        piece = rng.choice(list(pools.texts)) if pools.texts and rng.random() < 0.4 else rng.choice("a1 -_.,:/ZéS0")
        words = text.split(" ")
        choices = [
            text[:at] + piece + text[at:],
            text[:at] + text[at + 1 :],
            text[: len(text) // 2],
            text + text,
            text.upper(),
            text.swapcase(),
            text.capitalize(),
            f" {text} ",
            text + piece,
            piece + text,
            " ".join(reversed(words)),
            self._maker.text(),
        ]
        return rng.choice(choices)

    def _items(self, items: tuple[Any, ...]) -> tuple[Any, ...]:
        rng = self._rng
        if not items:
            return (Int(1),) if rng.random() < 0.5 else (Text("a"), Text("b"))
        at = rng.randrange(len(items))
        other = rng.choice(items)
        same = self._tweak(other) if isinstance(other, _LITERALS) else other
        return rng.choice(
            (
                items[:at] + items[at + 1 :],
                (*items, other),
                (*items, same),
                tuple(reversed(items)),
                (*items[:at], same, *items[at:]),
                items[:1],
            )
        )

    def _entries(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        made = self._maker.of(_MAP)
        extra = made.entries if isinstance(made, Map) else ()
        if entries and self._rng.random() < 0.5:
            gone = self._rng.choice(entries)
            return tuple(entry for entry in entries if entry is not gone)
        known = [entry.key for entry in entries]
        return (*entries, *(entry for entry in extra[:1] if entry.key not in known))


class _Whole:
    """A trial as one tree: every node with the way to it."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._nodes = list(_nodes(trial.input, ("input",)))
        for at, step in enumerate(trial.setup):
            self._nodes += _nodes(step.does, ("setup", at, "does"))
        self._nodes = self._nodes[:_DEEPEST_NODES]

    def nodes(self) -> list[tuple[Path, Any]]:
        return self._nodes

    def literals(self) -> list[tuple[Path, Any]]:
        return [(path, node) for path, node in self._nodes if isinstance(node, _LITERALS)]

    def put(self, path: Path, value: Expression) -> Trial:
        changed = _put(self._trial, path, value)
        return changed if isinstance(changed, Trial) else self._trial


def _nodes(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(node, tuple):
        for at, item in enumerate(node):
            yield from _nodes(item, (*path, at))
    elif is_dataclass(node):
        yield path, node
        if isinstance(node, Set):
            return  # its items stand in an order of their own
        for field in fields(node):
            if field.name != "kind":
                yield from _nodes(getattr(node, field.name), (*path, field.name))


def _put(node: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        return (*node[:first], _put(node[first], rest, value), *node[first + 1 :])
    return replace(node, **{first: _put(getattr(node, first), rest, value)})


def _read(text: str) -> Expression | None:
    try:
        return literal(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _meets(node: Expression, value: Expression) -> bool:
    """Equal to it, or for texts containing it."""
    if isinstance(node, Text) and isinstance(value, Text):
        return node.value == value.value or (value.value != "" and value.value in node.value)
    return node == value and not isinstance(node, Null)


def _swapped(node: Expression, old: Expression, new: Expression, rng: random.Random) -> Expression:
    if isinstance(node, Text) and isinstance(old, Text) and isinstance(new, Text):
        if node.value == old.value or not old.value:
            return rng.choice(
                (new, new, Text((new.value + node.value)[:_LONGEST]), Text((node.value + new.value)[:_LONGEST]))
            )
        return Text(node.value.replace(old.value, new.value, 1)[:_LONGEST])
    if isinstance(new, Int) and rng.random() < 0.4:
        return Int(new.value + rng.choice((1, -1)))
    return new


def _arguments_of(trial: Trial, symbol: str) -> Iterator[tuple[Argument, ...]]:
    for _, node in _nodes(trial.input, ()):
        if not isinstance(node, Call | Construct) or node.symbol != symbol:
            continue
        if not any(isinstance(part, Ref) for argument in node.arguments for _, part in _nodes(argument.value, ())):
            yield node.arguments


def _class_of(does: Expression, code: Code) -> str:
    if isinstance(does, Construct) and code.is_class(does.symbol):
        return does.symbol
    if isinstance(does, Call) and does.symbol in code.symbols:
        symbol = code.symbols[does.symbol]
        if symbol.kind == "class method" and does.receiver is None:
            return owner_of(symbol.id)
    return ""


def _cut_bytes(value: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(value) + 1)
    return rng.choice((value[:at], value[at:], value + value[:8], value[:at] + b"\x00" + value[at:]))[:_LONGEST]


def spots(trial: Trial) -> Iterator[tuple[Path, Any, Callable[[Path, Expression], Trial]]]:
    """Every node of the trial, with the way to put another in its place."""
    whole = _Whole(trial)
    for path, node in whole.nodes():
        yield path, node, whole.put


def with_node(trial: Trial, path: Path, value: Expression) -> Trial:
    return _Whole(trial).put(path, value)
