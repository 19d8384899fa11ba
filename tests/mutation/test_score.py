"""How sure a score is that comes from a sample."""

import random

import pytest

from qtest.languages.python.mutate import mutate
from qtest.mutation.sampling import sample
from qtest.mutation.score import Score, confidence, score, wilson
from qtest.records.mutant import (
    Failing,
    Inconclusive,
    Killed,
    MutantResult,
    NoCoverage,
    Refused,
    Survived,
    TimedOut,
    Verdict,
)

TEXT = "".join(
    f"def f{n}(a, b):\n    if a < {n} and b > 2:\n        return a + {n}\n    return b\n\n\n" for n in range(40)
)
MUTANTS = mutate(TEXT, "m.py", "m")
REAL = [mutant for mutant in MUTANTS if not mutant.control]
ENDS: tuple[MutantResult, ...] = (
    Killed(by=("t",), first=Failing(node="t", phase="call", kind="assertion")),
    Survived(tests=1),
    NoCoverage(),
    TimedOut(limit="cpu"),
    Inconclusive(reason="ended by signal 9"),
)


def test_every_way_to_end_is_counted_for_itself_and_controls_are_not() -> None:
    ends = [end for times, end in enumerate(ENDS, 1) for _ in range(times)]
    verdicts = [
        Verdict(id="v", mutant=mutant, suite="existing", result=end) for mutant, end in zip(REAL, ends, strict=False)
    ]
    control = next(mutant for mutant in MUTANTS if mutant.control)
    verdicts.insert(0, Verdict(id="c", mutant=control, suite="existing", result=ENDS[0]))
    found = score(verdicts)
    assert found == Score(killed=1, survived=2, no_coverage=3, timed_out=4, inconclusive=5)
    assert (found.counted, found.unclear, found.value) == (6, 9, 1 / 6)


def test_what_the_type_checker_refuses_is_outside_the_score() -> None:
    ends: tuple[MutantResult, ...] = (Refused(message="no such type"), Survived(tests=1))
    verdicts = [
        Verdict(id="v", mutant=mutant, suite="existing", result=end) for mutant, end in zip(REAL, ends, strict=False)
    ]
    assert score(verdicts) == Score(survived=1)


def test_a_score_begins_with_nothing() -> None:
    assert score(()) == Score() == Score(killed=0, survived=0, no_coverage=0, timed_out=0, inconclusive=0)


@pytest.mark.parametrize(
    ("told", "interval"),
    [
        (Score(killed=49, survived=30, no_coverage=19, timed_out=1, inconclusive=1), (0.5, 0.5)),
        (Score(killed=49, survived=29, no_coverage=19, timed_out=1, inconclusive=2), (0.49, 0.52)),
        (Score(killed=48, survived=49), (48 / 97, 48 / 97)),
        (Score(survived=1, inconclusive=1), (0.0, 0.5)),
        (Score(inconclusive=1), None),
    ],
    ids=["two of a hundred", "three of a hundred", "none", "half", "all"],
)
def test_more_than_two_of_a_hundred_unclear_ends_make_the_score_an_interval(
    told: Score, interval: tuple[float, float] | None
) -> None:
    assert told.interval == interval


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


def test_what_a_sample_says_is_wilsons_interval_of_what_was_drawn() -> None:
    assert confidence(Score(killed=50, survived=20, no_coverage=10), 1000) == wilson(50, 80, 1080)


def test_few_unclear_ends_are_left_out_of_what_a_sample_says_as_they_are_of_the_score() -> None:
    told = Score(killed=500, survived=300, timed_out=3, inconclusive=5)
    assert confidence(told, 1000) == wilson(500, 800, 1800)


def test_many_unclear_ends_count_as_alive_at_the_lower_end_and_as_dead_at_the_upper_one() -> None:
    told = Score(killed=50, survived=30, timed_out=10, inconclusive=10)
    assert confidence(told, 1000) == (wilson(50, 100, 1100)[0], wilson(70, 100, 1100)[1])


@pytest.mark.parametrize("drawn", [1, 2, 3, 4, 7, 9])
def test_an_interval_of_shares_stays_between_none_and_all(drawn: int) -> None:
    """As computed, some of these lie a little outside."""
    assert wilson(0, drawn, 10)[0] == 0.0
    assert wilson(drawn, drawn, 10)[1] == 1.0


def test_more_drawn_than_there_are_leaves_no_doubt() -> None:
    assert wilson(3, 4, 3) == (0.75, 0.75)


def test_in_a_small_whole_a_draw_takes_much_of_it() -> None:
    """By hand: two of three, drawn without putting back, are worth four."""
    assert wilson(1, 2, 3) == pytest.approx((0.150, 0.850), abs=1e-3)


def test_all_but_one_leaves_some_doubt() -> None:
    low, high = wilson(50, 99, 100)
    assert low < 50 / 99 < high
    assert high - low == pytest.approx(0.0196, abs=5e-4)


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
