"""How sure a score is that comes from a sample."""

import random

import pytest

from qtest.languages.python.mutate import mutate
from qtest.mutation.sampling import sample
from qtest.mutation.score import Score, confidence, wilson

TEXT = "".join(
    f"def f{n}(a, b):\n    if a < {n} and b > 2:\n        return a + {n}\n    return b\n\n\n" for n in range(40)
)
MUTANTS = mutate(TEXT, "m.py", "m")
REAL = [mutant for mutant in MUTANTS if not mutant.control]


@pytest.mark.parametrize(
    ("hits", "drawn", "low", "high"),
    [(8, 10, 0.490, 0.943), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_wilsons(hits: int, drawn: int, low: float, high: float) -> None:
    """From a whole so large that drawing takes nothing of it; the last is Newcombe's example (1998)."""
    assert wilson(hits, drawn, 10**9) == pytest.approx((low, high), abs=6e-4)


def test_the_whole_leaves_no_doubt_and_most_of_it_little() -> None:
    assert wilson(7, 10, 10) == (0.7, 0.7)
    narrow, wide = wilson(70, 100, 110), wilson(70, 100, 10_000)
    assert wide[0] < narrow[0] < 0.7 < narrow[1] < wide[1]


def test_nineteen_of_twenty_samples_hold_the_true_score() -> None:
    killed = {mutant.id for mutant in random.Random(1).sample(REAL, len(REAL) * 7 // 10)}
    truth = len(killed) / len(REAL)
    held = 0
    for seed in range(400):
        drawn = [mutant for mutant in sample(MUTANTS, 60, str(seed)) if not mutant.control]
        low, high = wilson(sum(mutant.id in killed for mutant in drawn), len(drawn), len(REAL))
        held += low <= truth <= high
    assert held >= 0.93 * 400


def test_unclear_ends_widen_what_a_sample_says() -> None:
    clear = confidence(Score(killed=50, survived=30), 1000)
    unclear = confidence(Score(killed=50, survived=30, timed_out=10), 1000)
    assert clear is not None and unclear is not None
    assert unclear[0] < clear[0] < clear[1] < unclear[1]


def test_without_a_clear_end_nothing_is_sure() -> None:
    assert confidence(Score(timed_out=3), 100) is None


def test_a_sample_has_the_size_that_was_asked_for_and_the_controls() -> None:
    chosen = sample(MUTANTS, 25, "seed")
    assert chosen == sample(MUTANTS, 25, "seed") != sample(MUTANTS, 25, "another")
    assert len([mutant for mutant in chosen if not mutant.control]) == 25
    assert [mutant for mutant in chosen if mutant.control] == [mutant for mutant in MUTANTS if mutant.control]


def test_every_mutant_has_the_same_chance_to_be_drawn() -> None:
    drawn = [one.id for seed in range(600) for one in sample(MUTANTS, len(REAL) // 4, str(seed))]
    counts = [drawn.count(mutant.id) for mutant in REAL]
    assert min(counts) > 90 and max(counts) < 210  # 150 expected, standard deviation 11


def test_a_sample_larger_than_all_is_all() -> None:
    assert sample(MUTANTS, 10_000, "seed") == MUTANTS
