"""When there are more mutants than there is time: samples that leave no function and no operator out, or that speak for all."""

import random
from collections.abc import Sequence
from itertools import islice, zip_longest

from qtest.records.mutant import Mutant


def spread(mutants: Sequence[Mutant], most: int, seed: str) -> tuple[Mutant, ...]:
    """At most `most` real mutants, drawn in turn from each (symbol, operator); controls stay. In order of position."""
    real = [mutant for mutant in mutants if not mutant.control]
    if len(real) <= most:
        return tuple(mutants)
    draw = random.Random(f"{seed}:{real[0].file_digest}")
    groups: dict[tuple[str, str], list[Mutant]] = {}
    for mutant in real:
        groups.setdefault((mutant.symbol, mutant.operator), []).append(mutant)
    for group in groups.values():
        draw.shuffle(group)
    turns = list(groups.values())
    draw.shuffle(turns)  # or with fewer draws than groups only the first functions would be seen
    in_turn = (mutant.id for turn in zip_longest(*turns) for mutant in turn if mutant)
    chosen = set(islice(in_turn, most))
    return tuple(mutant for mutant in mutants if mutant.control or mutant.id in chosen)


def sample(mutants: Sequence[Mutant], most: int, seed: str) -> tuple[Mutant, ...]:
    """At most `most` real mutants, each with an equal chance, so that their score is an estimate of the whole: every k-th from a
    random start (systematic sampling), in an order that spreads them evenly over files, functions and operators. Controls stay; in
    order as given."""
    real = [mutant for mutant in mutants if not mutant.control]
    if len(real) <= most:
        return tuple(mutants)
    ordered = sorted(real, key=lambda one: (one.path, one.symbol, one.operator, one.start, one.replacement))
    start = random.Random(f"{seed}:{len(real)}").randrange(len(real))
    chosen = {ordered[place // most].id for place in range(start, len(real) * most, len(real))}
    return tuple(mutant for mutant in mutants if mutant.control or mutant.id in chosen)
