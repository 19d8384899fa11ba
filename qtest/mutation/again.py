"""A recorded mutant found again in code that has moved on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from qtest.languages import LANGUAGES
from qtest.mutation.diff import changed_lines, diff
from qtest.mutation.identity import stable_ids
from qtest.records.mutant import Mutant
from qtest.records.proof import ProvenKill


@dataclass(frozen=True)
class Again:
    """Of one file: `found` are mutants of today by recorded id; `missing` says of the others why, and whether their code is gone or only we
    do not make them any more. `controls` change nothing in the functions that `found` are in; `stable` are ids of today."""

    found: Mapping[str, Mutant]
    missing: Mapping[str, "Missing"]
    controls: tuple[Mutant, ...] = ()
    stable: Mapping[str, str] = field(default_factory=dict)

    def __add__(self, other: "Again") -> "Again":
        return Again(
            {**self.found, **other.found},
            {**self.missing, **other.missing},
            self.controls + other.controls,
            {**self.stable, **other.stable},
        )


@dataclass(frozen=True)
class Missing:
    gone: bool
    why: str


def again(kills: Iterable[ProvenKill], text: str, path: str, module: str, language: str) -> Again:
    """By its stable id where its statement is what it was; else by function and changed lines, where only one mutant fits. Raises
    SyntaxError."""
    mutants = LANGUAGES[language].mutate(text, path, module)
    stable = stable_ids(mutants, text)
    by_id = {stable[mutant.id]: mutant for mutant in mutants}
    alike: dict[tuple[str, ...], list[Mutant]] = {}
    for mutant in mutants:
        alike.setdefault(_essence(mutant.symbol, mutant.operator, diff(text, mutant)), []).append(mutant)
    found: dict[str, Mutant] = {}
    missing: dict[str, Missing] = {}
    for kill in kills:
        same = alike.get(_essence(kill.symbol, kill.operator, kill.diff), [])
        today = by_id.get(kill.mutant) or (same[0] if len(same) == 1 else None)
        if today is None:
            missing[kill.mutant] = _missing(kill, text, {other.symbol.partition(":")[2] for other in mutants})
        else:
            found[kill.mutant] = today
    symbols = {mutant.symbol for mutant in found.values()}
    controls = tuple(mutant for mutant in mutants if mutant.control == "no-op" and mutant.symbol in symbols)
    return Again(found, missing, controls, {mutant.id: stable[mutant.id] for mutant in found.values()})


def _essence(symbol: str, operator: str, change: str) -> tuple[str, ...]:
    """Without the module, the indentation and the place."""
    return (symbol.partition(":")[2], operator, *(line[:1] + line[1:].strip() for line in changed_lines(change)))


def _missing(kill: ProvenKill, text: str, names: set[str]) -> Missing:
    qualname = kill.symbol.partition(":")[2]
    if qualname and qualname not in names:
        return Missing(True, f"{kill.symbol} is gone")
    there = {line.strip() for line in text.splitlines()}
    old = [line[1:].strip() for line in changed_lines(kill.diff) if line.startswith("-")]
    if any(line not in there for line in old):
        return Missing(True, f"the line it was made of in {kill.symbol} is gone: {' '.join(old)}")
    return Missing(False, "this QTest makes no such mutant")


def renewed(kill: ProvenKill, found: Again, texts: Mapping[str, str]) -> ProvenKill:
    """As it is recorded today; as it was where it was not found."""
    mutant = found.found.get(kill.mutant)
    if mutant is None:
        return kill
    return kill.model_copy(
        update={
            "mutant": found.stable[mutant.id],
            "path": mutant.path,
            "symbol": mutant.symbol,
            "line": mutant.line,
            "diff": diff(texts[mutant.path], mutant),
        }
    )
