"""What a change does to behaviour: calls seen on one revision, run again on the other, and told where they differ."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qtest.generate.search.apart import other_iterator, place
from qtest.model.affected import Affected
from qtest.records.behaviour import Change, Observed, Replayed, Replays, Seen, SymbolChange
from qtest.records.system import Symbol, SystemModel

_NUMBER = re.compile(r"\d+")
_PLAIN = 120  # characters; of longer words the part that differs is told


@dataclass
class Answer:
    calls: int = 0
    unstable: int = 0
    unclear: int = 0
    changes: list[Change] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)


def compared(observed: Iterable[Observed], replays: Iterable[Replays], resigned: Sequence[str]) -> Answer:
    """`resigned` are functions with another signature: that calls do not fit it is told of the signature, once."""
    answer = Answer()
    again = {(one.module, one.side, found.candidate): found for one in replays for found in one.found}
    told: set[tuple[str, str]] = set()
    for one in sorted(observed, key=lambda one: (one.side != "old", one.module)):
        answer.unstable += one.unstable
        for seen in one.seen:
            found = again.get((one.module, one.side, seen.candidate.id))
            if found is not None and (seen.target, seen.call) not in told:
                told.add((seen.target, seen.call))
                _count(answer, seen, found, one.side == "new", resigned)
    answer.changes[:] = _ordered(answer.changes)
    return answer


def _ordered(changes: Iterable[Change]) -> Iterator[Change]:
    """By function; each way to differ once, by its plainest call, before there is a second call of any."""
    plain = sorted(changes, key=lambda change: (change.target, len(change.call), change.call))
    turns: Counter[tuple[str, ...]] = Counter()
    numbered = []
    for change in plain:
        way = (change.target, change.where, *(_NUMBER.sub("0", told) for told in (change.before, change.after)))
        numbered.append((change.target, turns[way], change))
        turns[way] += 1
    return (change for _, _, change in sorted(numbered, key=lambda item: item[:2]))


def _count(answer: Answer, seen: Seen, again: Replayed, on_new: bool, resigned: Sequence[str]) -> None:
    fits = again.ended == "ok" and not (again.careless and seen.target in resigned)
    if seen.target in resigned and not on_new:
        answer.tried[seen.target] = answer.tried.get(seen.target, 0) + 1
        answer.refused[seen.target] = answer.refused.get(seen.target, 0) + (not fits)
    if again.ended == "unstable":
        answer.unstable += 1
    elif again.ended == "ok":
        answer.calls += 1
        if fits and again.key != seen.key:
            answer.changes.append(_change(seen, again, on_new))
    elif again.ended == "setup failed" and not on_new and seen.target not in resigned:
        answer.calls += 1
        told = f"cannot be made any more ({again.detail})"
        answer.changes.append(Change(target=seen.target, call=seen.call, before="; ".join(seen.told), after=told))
    elif again.ended != "setup failed":
        answer.unclear += 1


def _change(seen: Seen, again: Replayed, on_new: bool) -> Change:
    old, new = (again, seen) if on_new else (seen, again)
    kinds = other_iterator(old.form, new.form)
    if kinds:
        return Change(target=seen.target, call=seen.call, before=kinds[0], after=kinds[1], same_items=True)
    parts, where = _unlike(old.told, new.told), ""
    before, after = ("; ".join(side) for side in parts)
    if before == after or max(len(before), len(after)) > _PLAIN:
        found = place(old.form, new.form)
        if found:
            where, before, after = found
    return Change(target=seen.target, call=seen.call, before=before, after=after, where=where)


def _unlike(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    """Without what is the same in both; all of it where nothing else is left of one."""
    was, now = [one for one in old if one not in new], [one for one in new if one not in old]
    return (was, now) if was and now else (list(old), list(new))


def symbol_changes(found: Affected, old: SystemModel, new: SystemModel) -> Iterator[SymbolChange]:
    """Of public functions and classes; of a class that comes or goes not each method."""
    was, now = _symbols(old), _symbols(new)
    for name in _outermost(found.removed, was):
        yield SymbolChange(symbol=name, how="removed", before=signature(was[name]))
    for name in (name for name in resigned(found, old, new) if now[name].public):
        yield SymbolChange(symbol=name, how="signature", before=signature(was[name]), after=signature(now[name]))
    for name in _outermost(found.added, now):
        yield SymbolChange(symbol=name, how="added", after=signature(now[name]))


def _outermost(names: Sequence[str], symbols: Mapping[str, Symbol]) -> Iterator[str]:
    return (name for name in names if symbols[name].public and name.rpartition(".")[0] not in names)


def resigned(found: Affected, old: SystemModel, new: SystemModel) -> tuple[str, ...]:
    """Functions with another signature."""
    was, now = _symbols(old), _symbols(new)
    return tuple(
        name for name in found.touched if name in was and name in now and signature(was[name]) != signature(now[name])
    )


def signature(symbol: Symbol) -> str:
    """What a call has to fit: no types."""
    return f"{symbol.qualname}({', '.join(_parameters(symbol))})"


def _parameters(symbol: Symbol) -> Iterator[str]:
    stars = {"variadic": "*", "variadic keyword": "**"}
    before = ""
    for one in symbol.parameters:
        if before == "positional only" != one.kind:
            yield "/"
        if one.kind == "keyword only" and before not in ("keyword only", "variadic"):
            yield "*"
        yield stars.get(one.kind, "") + one.name + (f"={one.default}" if one.default else "")
        before = one.kind
    if before == "positional only":
        yield "/"


def _symbols(system: SystemModel) -> Mapping[str, Symbol]:
    return {symbol.id: symbol for module in system.modules for symbol in module.symbols}
