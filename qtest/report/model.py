"""The system model, and what changed in it, as text for people."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from qtest.records.system import Difference, EntryPoint, SystemModel
from qtest.report.text import visible

_MANY = 40  # lines of one part
_FEW = 15  # flows: long lines, and much alike
_WIDE = 100  # characters of one cell
_DOORS = (
    ("endpoint", "endpoints"),
    ("cli command", "commands"),
    ("console script", "console scripts"),
    ("script", "scripts"),
)
_MARKS = {"added": "+", "removed": "-", "changed": "~"}


def overview(system: SystemModel, name: str) -> str:
    """Counts first, then each part under its own heading; long parts are cut with the number of what is left."""
    return "\n".join((visible(name), *_counts(system), *_parts(system))) + "\n"


def _counts(system: SystemModel) -> Iterator[str]:
    files = Counter(module.language for module in system.modules)
    symbols = Counter(module.language for module in system.modules for _ in module.symbols)
    depths = {module.language: module.depth for module in system.modules}
    for language, count in sorted(files.items(), key=lambda item: (-item[1], item[0])):
        how = "" if depths[language] == "full" else ", symbols and imports only"
        yield f"  {language}: {_n(count, 'file')}, {_n(symbols[language], 'symbol')}{how}"
    public = Counter(entry.kind for entry in system.entries)
    doors = f"{_n(public['function'], 'public function')}, {_n(public['method'], 'public method')}"
    yield f"  {doors}, {len(system.pure)} pure, {_n(len(system.calls), 'call')} resolved"


def _parts(system: SystemModel) -> Iterator[str]:
    for kind, title in _DOORS:
        yield from _part(title, [_door(entry) for entry in system.entries if entry.kind == kind])
    yield from _part("entities", [_entity(system, index) for index in range(len(system.entities))])
    reached = [(f"{item.kind}  {item.cause}", f"{item.symbol}:{item.line}") for item in system.interactions]
    yield from _part("interactions", sorted(reached))
    doors = {entry.symbol: entry.name for entry in reversed(system.entries) if entry.kind not in ("function", "method")}
    chains = [(f"{_chain(flow.entry, flow.chain, doors)} → {flow.sink}", "") for flow in system.flows]
    yield from _part("flows", chains, _FEW)
    yield from _part("problems", [(problem.path, problem.reason) for problem in system.problems])


def _door(entry: EntryPoint) -> tuple[str, str]:
    return entry.name, f"{entry.symbol}{f'  ({entry.framework})' if entry.framework else ''}"


def _entity(system: SystemModel, index: int) -> tuple[str, str]:
    entity = system.entities[index]
    fields = ", ".join(f"{item.name}: {item.annotation}" if item.annotation else item.name for item in entity.fields)
    return f"{entity.symbol}  {entity.kind}", fields


def _chain(entry: str, chain: Sequence[str], doors: dict[str, str]) -> str:
    """The door, then the names of those that are called, each module said once."""
    words, module = [doors.get(entry, "")] if entry in doors else [], ""
    for symbol in chain:
        home, _, name = symbol.partition(":")
        words.append(name if home == module else symbol)
        module = home
    return " → ".join(words)


def _part(title: str, rows: Iterable[tuple[str, str]], most: int = _MANY) -> Iterator[str]:
    rows = list(rows)
    if not rows:
        return
    yield ""
    yield f"{title} ({len(rows)})"
    wide = min(60, max(len(left) for left, _ in rows[:most]))
    for left, right in rows[:most]:
        line = f"  {left:<{wide}}  {_cut(right)}"
        yield visible(line.rstrip())
    if len(rows) > most:
        yield f"  … {len(rows) - most} more; --json has all"


def changes(found: Sequence[Difference]) -> str:
    """One line for each, and a count at the end."""
    lines = [visible(f"{_MARKS[item.how]} {item.what} {item.name}{_aspects(item)}") for item in found]
    count = Counter[str](item.how for item in found)
    return "\n".join((*lines, ", ".join(f"{count[how]} {how}" for how in _MARKS))) + "\n"


def _aspects(item: Difference) -> str:
    return f"  ({', '.join(item.aspects)})" if item.aspects else ""


def _cut(text: str) -> str:
    return text if len(text) <= _WIDE else f"{text[:_WIDE]} …"


def _n(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
