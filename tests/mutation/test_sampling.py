"""Samples that leave no function and no operator out, or that speak for all."""

from collections import Counter
from itertools import pairwise

from qtest.mutation.sampling import sample, spread
from qtest.records.mutant import Mutant


def mutant(number: int, symbol: str, operator: str = "o", control: str = "", digest: str = "d") -> Mutant:
    return Mutant.model_validate(
        {
            "id": f"{symbol}.{operator}.{number}",
            "path": "m.py",
            "file_digest": digest,
            "symbol": symbol,
            "operator": operator,
            "line": number + 1,
            "end_line": number + 1,
            "start": number,
            "end": number + 1,
            "original": "a",
            "replacement": "b",
            "control": control,
        }
    )


CONTROL = mutant(0, "f", "control", "no-op")
BIG = [mutant(number, "f") for number in range(1, 21)]
SMALL = [mutant(number, "g") for number in range(21, 24)]
OTHER = mutant(24, "g", "p")
MUTANTS = (CONTROL, *BIG, *SMALL, OTHER)


def groups(chosen: tuple[Mutant, ...]) -> Counter[tuple[str, str]]:
    return Counter((one.symbol, one.operator) for one in chosen if not one.control)


def test_functions_and_operators_are_drawn_from_in_turn() -> None:
    for seed in range(20):
        assert groups(spread(MUTANTS, 3, str(seed))) == {("f", "o"): 1, ("g", "o"): 1, ("g", "p"): 1}
        assert groups(spread(MUTANTS, 9, str(seed))) == {("f", "o"): 5, ("g", "o"): 3, ("g", "p"): 1}


def test_with_fewer_draws_than_groups_any_of_them_may_be_drawn() -> None:
    assert {tuple(groups(spread(MUTANTS, 1, str(seed)))) for seed in range(40)} == {
        (("f", "o"),), (("g", "o"),), (("g", "p"),),
    }  # fmt: skip


def test_any_mutant_of_a_group_may_be_drawn() -> None:
    drawn = {one.id for seed in range(300) for one in spread(MUTANTS, 3, str(seed))}
    assert drawn == {one.id for one in MUTANTS}


def test_a_spread_stays_in_order_and_keeps_controls() -> None:
    for most in (1, 9, 23):
        chosen = spread(MUTANTS, most, "s")
        assert chosen == tuple(one for one in MUTANTS if one in chosen)
        assert (CONTROL in chosen, len(chosen)) == (True, most + 1)


def test_a_spread_as_large_as_all_is_all() -> None:
    assert spread(MUTANTS, 24, "s") == spread(MUTANTS, 99, "s") == MUTANTS
    assert spread((), 1, "s") == ()


def test_a_spread_follows_from_the_seed_and_the_text() -> None:
    def drawn(seed: str, digest: str) -> tuple[str, ...]:
        return tuple(one.id for one in spread([mutant(number, "f", digest=digest) for number in range(20)], 5, seed))

    assert drawn("s", "d") == drawn("s", "d")
    assert len({drawn(seed, "d") for seed in "abcdef"}) > 1
    assert len({drawn("s", digest) for digest in "abcdef"}) > 1


def test_where_none_may_be_drawn_only_controls_are_left() -> None:
    assert spread((CONTROL, OTHER), 0, "s") == (CONTROL,)


def test_the_same_seed_draws_the_same_in_every_version_of_qtest() -> None:
    """Or a score would move though neither code nor tests did."""
    assert [one.start for one in spread(MUTANTS, 5, "s")] == [0, 11, 12, 21, 22, 24]
    assert [one.start for one in sample(MUTANTS, 7, "s")] == [0, 2, 6, 9, 12, 16, 19, 23]


def test_a_sample_is_spread_evenly_over_files_functions_and_operators_whatever_their_order() -> None:
    several = [
        mutant(number, symbol, operator).model_copy(update={"path": path, "id": f"{path}{symbol}{operator}{number}"})
        for number in range(5)
        for operator in "op"
        for symbol in "fg"
        for path in ("m.py", "n.py")
    ]
    for seed in range(20):
        chosen = sample(several, 8, str(seed))
        assert set(Counter((one.path, one.symbol, one.operator) for one in chosen).values()) == {1}
        assert len(chosen) == 8


def test_a_sample_is_spread_over_the_places_of_a_function() -> None:
    backwards = BIG[::-1]
    for seed in range(20):
        starts = sorted(one.start for one in sample(backwards, 4, str(seed)))
        assert [later - earlier for earlier, later in pairwise(starts)] == [5, 5, 5]


def test_which_are_sampled_does_not_depend_on_the_order_they_are_given_in() -> None:
    alike = [BIG[0].model_copy(update={"id": text, "replacement": text}) for text in "abcdefgh"]
    assert set(sample(alike, 3, "s")) == set(sample(alike[::-1], 3, "s"))


def test_a_sample_stays_in_the_order_given_and_keeps_controls() -> None:
    given = (*BIG[::-1], CONTROL)
    chosen = sample(given, 4, "s")
    assert chosen == tuple(one for one in given if one in chosen)
    assert (chosen[-1], len(chosen)) == (CONTROL, 5)


def test_a_sample_follows_from_the_seed_and_from_how_many_there_are() -> None:
    assert sample(BIG, 4, "s") == sample(BIG, 4, "s")
    assert len({sample(BIG, 4, str(seed)) for seed in range(20)}) == 5
    offsets = {sample(BIG[:size], 1, "s")[0].start * 20 // size for size in range(10, 21)}
    assert len(offsets) > 1


def test_a_sample_as_large_as_all_is_all() -> None:
    assert sample(MUTANTS, 24, "s") == MUTANTS
    assert sample((), 1, "s") == ()
    assert len(sample(MUTANTS, 23, "s")) == 24
