"""Which mutants are judged."""

import pytest

from qtest.config import MutateSettings
from qtest.languages.python.mutate import mutate
from qtest.mutation.changes import Changes, changes
from qtest.mutation.choose import choose, is_changed, part_of
from qtest.mutation.sampling import sample

TEXT = "".join(f"def f{number}(a):\n    return a + {number}\n\n\n" for number in range(6))
MUTANTS = mutate(TEXT, "m.py", "m")
REAL = [mutant for mutant in MUTANTS if not mutant.control]


def test_lines_that_differ_are_changed() -> None:
    assert changes("a\nb\nc\n", "a\nB\nc\nd\n") == Changes(frozenset({2, 4}))


def test_line_ends_are_no_change() -> None:
    assert not changes("a\nb\n", "a\r\nb\r\n")


def test_a_text_that_was_not_there_is_all_changed() -> None:
    assert changes(None, "a\nb").lines == {1, 2}


def test_what_is_gone_touches_the_statement_it_was_in() -> None:
    found = changes("x = f(\n    1,\n    2,\n)\ny = 1\n", "x = f(\n    1,\n)\ny = 1\n")
    assert found.touch(1, 3)
    assert not found.touch(4, 4)


def test_a_statement_that_is_gone_touches_no_other() -> None:
    found = changes("a = 1\nb = 2\nc = 3\n", "a = 1\nc = 3\n")
    assert not any(found.touch(line, line) for line in (1, 2))


def test_a_mutant_counts_when_its_statement_has_changed_and_brings_its_functions_controls() -> None:
    new = TEXT.replace("return a + 3", "return a + 33")
    mutants = mutate(new, "m.py", "m")
    choice = choose(mutants, changes={"m.py": changes(TEXT, new)})
    assert {mutant.symbol for mutant in mutants if mutant.id in choice.here} == {"m:f3"}
    assert sum(bool(mutant.control) for mutant in mutants if mutant.id in choice.here) == 2


def test_a_changed_default_counts() -> None:
    old, new = "def f(a,\n      b=1):\n    return a\n", "def f(a,\n      b=2):\n    return a\n"
    mutants = mutate(new, "m.py", "m")
    choice = choose(mutants, changes={"m.py": changes(old, new)})
    assert {mutant.original for mutant in mutants if mutant.id in choice.asked} == {"2"}


def test_shards_share_no_mutant_and_leave_none_out() -> None:
    parts = [choose(MUTANTS, shard=f"{part}/3").here for part in (1, 2, 3)]
    real = [part & {mutant.id for mutant in REAL} for part in parts]
    assert sum(map(len, real)) == len(REAL)
    assert set().union(*real) == {mutant.id for mutant in REAL}


def test_a_shard_does_not_depend_on_the_other_mutants() -> None:
    some = {mutant.id for mutant in REAL[: len(REAL) // 2]}
    whole = choose(MUTANTS, shard="2/3").here & some
    assert choose([mutant for mutant in MUTANTS if mutant.id in some], shard="2/3").here == whole


def test_a_shard_has_the_controls_of_its_functions_only() -> None:
    for part in (1, 2, 3):
        here = choose(MUTANTS, shard=f"{part}/3").here
        chosen = [mutant for mutant in MUTANTS if mutant.id in here]
        symbols = {mutant.symbol for mutant in chosen if not mutant.control}
        assert {mutant.symbol for mutant in chosen if mutant.control} == symbols


def test_shards_of_a_sample_are_the_sample() -> None:
    drawn = choose(MUTANTS, most=7, seed="s").drawn
    real = {mutant.id for mutant in REAL}
    parts = [choose(MUTANTS, most=7, seed="s", shard=f"{part}/2").here & real for part in (1, 2)]
    assert set().union(*parts) == drawn
    assert len(drawn) == 7


def test_without_a_wish_all_are_judged_with_their_controls() -> None:
    choice = choose(MUTANTS)
    real = {mutant.id for mutant in REAL}
    assert (choice.asked, choice.drawn, choice.here) == (real, real, {mutant.id for mutant in MUTANTS})


def test_a_sample_is_drawn_of_what_was_asked_about() -> None:
    new = TEXT.replace("return a + 3", "return a + 33")
    mutants = mutate(new, "m.py", "m")
    choice = choose(mutants, changes={"m.py": changes(TEXT, new)}, most=2, seed="s")
    controls = {mutant.id for mutant in mutants if mutant.control}
    assert choice.here - controls == choice.drawn < choice.asked
    assert {mutant.symbol for mutant in mutants if mutant.id in choice.asked} == {"m:f3"}
    assert (len(choice.drawn), len(choice.asked)) == (2, sum(mutant.symbol == "m:f3" for mutant in REAL))


def test_another_seed_draws_another_sample() -> None:
    assert len({choose(MUTANTS, most=3, seed=str(seed)).drawn for seed in range(9)}) > 1


def test_a_file_that_has_not_changed_has_no_changed_mutant() -> None:
    assert not is_changed(REAL[0], {"n.py": changes(None, TEXT)})
    assert is_changed(REAL[0], {"m.py": changes(None, TEXT)})


def test_where_nothing_changed_nothing_is_judged_and_no_control_either() -> None:
    assert choose(MUTANTS, changes={}).here == frozenset()


def test_a_part_follows_from_the_id_alone() -> None:
    mutant = REAL[0].model_copy(update={"id": "1f"})  # 31
    assert [part_of(mutant, f"{part}/4") for part in (1, 2, 3, 4)] == [False, False, False, True]
    assert part_of(mutant, "1/1")
    assert part_of(mutant, "10/11") and not part_of(mutant, "1/11")


def test_a_small_sample_is_not_of_the_first_functions_alone() -> None:
    seen = {mutant.symbol for seed in range(20) for mutant in sample(REAL, 2, str(seed))}
    assert len(seen) > 3


def test_a_part_that_is_not_one_of_the_whole_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer parts"):
        MutateSettings(shard="4/3")
