"""Which of the mutants are judged: those on changed lines, a sample of them, one part of that; always with their functions' controls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qtest.mutation.changes import Changes
from qtest.mutation.sampling import sample
from qtest.records.mutant import Mutant


@dataclass(frozen=True)
class Choice:
    """Ids: real mutants that were asked about, those of them that were drawn, and of these the ones of this part; `here` also holds
    the controls of their functions."""

    asked: frozenset[str]
    drawn: frozenset[str]
    here: frozenset[str]


def choose(
    mutants: Sequence[Mutant],
    *,
    changes: Mapping[str, Changes] | None = None,
    most: int | None = None,
    seed: str = "",
    shard: str = "",
) -> Choice:
    """`changes` by path, None for everything; at most `most` are drawn; `shard` is `K/N`, by the mutant's id alone, so that the parts of
    one whole never overlap, whoever makes them."""
    real = [mutant for mutant in mutants if not mutant.control]
    asked = real if changes is None else [mutant for mutant in real if is_changed(mutant, changes)]
    drawn = asked if most is None else sample(asked, most, seed)
    here = [mutant for mutant in drawn if not shard or part_of(mutant, shard)]
    symbols = {mutant.symbol for mutant in here}
    controls = {mutant.id for mutant in mutants if mutant.control and mutant.symbol in symbols}
    return Choice(
        asked=frozenset(mutant.id for mutant in asked),
        drawn=frozenset(mutant.id for mutant in drawn),
        here=frozenset({mutant.id for mutant in here} | controls),
    )


def is_changed(mutant: Mutant, changes: Mapping[str, Changes]) -> bool:
    found = changes.get(mutant.path)
    return found is not None and found.touch(mutant.line, mutant.end_line)


def part_of(mutant: Mutant, shard: str) -> bool:
    part, parts = (int(number) for number in shard.split("/"))
    return int(mutant.id, 16) % parts == part - 1
