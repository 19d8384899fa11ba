"""From where the outside comes in to where the program reaches out: the shortest chain of calls for each kind of sink."""

from collections.abc import Iterable, Iterator

from qtest.records.system import CallEdge, EntryPoint, Flow, Interaction, Symbol

_MOST = 2_000
_LONGEST = 12  # symbols in a chain
_INSIDE = ("global state", "mutates argument")
_FIRST = ("endpoint", "cli command", "console script", "script", "function", "method")


def flows(
    symbols: Iterable[Symbol],
    calls: Iterable[CallEdge],
    interactions: Iterable[Interaction],
    entries: Iterable[EntryPoint],
) -> tuple[Flow, ...]:
    """Endpoints and commands first. Linear in the size of the graph: one walk back from the sinks of each kind.

    A public function that reaches out by itself is left out: its own effects say so.
    """
    callers: dict[str, list[str]] = {}
    for edge in sorted(calls, key=lambda edge: (edge.caller, edge.callee)):
        callers.setdefault(edge.callee, []).append(edge.caller)
    ways = [_back(sinks, callers) for _, sinks in sorted(_sinks(symbols, interactions).items())]
    found: dict[tuple[str, str], Flow] = {}
    ordered = sorted(entries, key=lambda entry: (_FIRST.index(entry.kind), entry.name, entry.symbol))
    for entry in ordered:
        for flow in _from(entry, ways):
            if len(found) < _MOST:
                found.setdefault((flow.entry, flow.sink), flow)
    return tuple(found.values())


def _sinks(symbols: Iterable[Symbol], interactions: Iterable[Interaction]) -> dict[str, dict[str, str]]:
    """For each kind, the symbols that do it themselves and the words for it."""
    found: dict[str, dict[str, str]] = {}
    for item in interactions:
        found.setdefault(item.kind, {}).setdefault(item.symbol, f"{item.kind}: {item.cause}")
    for symbol in symbols:
        for effect in symbol.effects:
            if effect.kind not in _INSIDE:
                found.setdefault(effect.kind, {}).setdefault(symbol.id, f"{effect.kind}: {effect.cause}")
    return found


def _back(sinks: dict[str, str], callers: dict[str, list[str]]) -> dict[str, tuple[str, str]]:
    """For each symbol that leads to a sink, the next symbol on the shortest way (itself at the sink) and the sink's words."""
    way = {symbol: (symbol, words) for symbol, words in sorted(sinks.items())}
    edge = sorted(sinks)
    for _ in range(_LONGEST - 1):
        following = []
        for callee in edge:
            for caller in callers.get(callee, ()):
                if caller not in way:
                    way[caller] = (callee, way[callee][1])
                    following.append(caller)
        edge = sorted(following)
    return way


def _from(entry: EntryPoint, ways: Iterable[dict[str, tuple[str, str]]]) -> Iterator[Flow]:
    for way in ways:
        if entry.symbol not in way:
            continue
        chain = [entry.symbol]
        while (step := way[chain[-1]][0]) != chain[-1]:
            chain.append(step)
        if len(chain) > 1 or entry.kind not in ("function", "method"):
            yield Flow(entry=entry.symbol, chain=tuple(chain), sink=way[entry.symbol][1])
