"""What draws at random gives the same every time once the standard library's generator is seeded, as a person's test would do first."""

from collections.abc import Sequence
from dataclasses import replace

from qtest.generate.search.hearing import Hearing
from qtest.generate.search.minimise import Proven
from qtest.generate.search.trial import Trial
from qtest.generate.search.tries import Tries
from qtest.records.case import Argument, Call, Int, Step

SEEDING = Step(Call("random:seed", (Argument(Int(0)),)))


def seeded(trial: Trial) -> Trial:
    return replace(trial, setup=(SEEDING, *trial.setup))


def settled(varying: Sequence[Proven], tries: Tries, hearing: Hearing) -> list[Proven]:
    """Of tests that were not the same in fresh processes, those that are when they seed first, with what each of them kills then."""
    if not varying:
        return []
    mutants = sorted({mutant for item in varying for mutant in item.kills})
    tried = tries.observe([seeded(item.trial) for item in varying], mutants)
    proven = [item for trial, seen in tried if (item := hearing.proven(trial, seen))]
    again = tries.again([item.trial for item in proven])
    return [item for item in proven if not again[item.trial.identity]]
