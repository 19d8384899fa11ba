"""The parts of one whole, put together or refused."""

from pathlib import Path

import pytest

from qtest.config import Config
from qtest.errors import UsageError
from qtest.mutation.green import NONE_MADE, NONE_RUN
from qtest.mutation.merge import merged
from qtest.records.mutant import (
    Controls,
    Failing,
    Killed,
    Mutant,
    MutantResult,
    NoCoverage,
    Survived,
    Verdict,
)
from qtest.records.mutation import IdleTests, JudgedModule, MutationReport, TestLines
from qtest.records.report import SuiteFacts
from qtest.records.sandbox import Guarantees
from qtest.records.source import Revision

A, B = "t::a", "t::b"
FAILING = Failing(node=A, phase="call", kind="assertion")


def verdict(
    start: int, result: MutantResult | None = None, end: int = 99, operator: str = "o", replacement: str = "r"
) -> Verdict:
    mutant = Mutant(
        id=f"{start}-{end}-{operator}-{replacement}",
        path="m.py",
        file_digest="",
        symbol="m:f",
        operator=operator,
        line=1,
        end_line=1,
        start=start,
        end=end,
        original="",
        replacement=replacement,
    )
    return Verdict(id=mutant.id, mutant=mutant, suite="existing", result=result or Survived(tests=1))


def module(*verdicts: Verdict, name: str = "m", **more: object) -> JudgedModule:
    given = {
        "module": name,
        "path": f"{name}.py",
        "project": "",
        "text": "",
        "verdicts": verdicts,
        "made": 9,
        "elsewhere": 5,
    }
    return JudgedModule.model_validate(given | more)


def settings(shard: str = "", **more: object) -> str:
    """As TOML would have them, one table in another."""
    return Config.model_validate({"mutate": {"shard": shard}} | more).to_json()


def part(shard: str, *modules: JudgedModule, **more: object) -> MutationReport:
    given = {
        "qtest": "1.0",
        "run": "r1",
        "target": "shop",
        "revision": Revision(kind="folder", name="/shop"),
        "seed": "0",
        "settings": settings(shard),
        "python": "3.11.7",
        "environment": "none",
        "guarantees": Guarantees(adapter="none", items=()),
        "suites": (SuiteFacts(project="", command="pytest", tests=2, runs=3, green_runs=3),),
        "tests": (A, B),
        "modules": modules,
        "content": "c",
        "build": "0123456789",
        "shard": shard,
    }
    return MutationReport.model_validate(given | more)


def together(*parts: MutationReport) -> MutationReport:
    return merged([(Path(f"/out-{number}"), report) for number, report in enumerate(parts, 1)])


def refusal(*parts: MutationReport) -> str:
    with pytest.raises(UsageError) as error:
        together(*parts)
    return str(error.value)


def two(one: dict[str, object], other: dict[str, object]) -> MutationReport:
    return together(part("1/2", module(verdict(1)), **one), part("2/2", module(verdict(2)), **other))


# --- what comes of the parts --------------------------------------------------------------------------------------------


def test_the_verdicts_of_a_module_stand_as_in_the_file_whoever_judged_them() -> None:
    ordered = (
        verdict(1),
        verdict(2, end=3),
        verdict(2, end=20, operator="a", replacement="z"),
        verdict(2, end=20, operator="b", replacement="a"),
        verdict(2, end=20, operator="b", replacement="b"),
        verdict(10, end=11),
    )
    whole = together(part("2/2", module(*ordered[::-2])), part("1/2", module(*ordered[-2::-2])))
    assert whole.verdicts == ordered


def test_every_module_is_put_together_with_itself() -> None:
    whole = together(
        part("1/2", module(verdict(1)), module(name="n")), part("2/2", module(), module(verdict(2), name="n"))
    )
    assert [(one.module, [found.mutant.start for found in one.verdicts]) for one in whole.modules] == [
        ("m", [1]),
        ("n", [2]),
    ]


def test_counts_of_shards_are_added_and_those_of_the_whole_are_not() -> None:
    one = module(verdict(1), same_code=2, remembered=3, sampled_out=4, unchanged=6)
    other = module(verdict(2), same_code=10, remembered=20, sampled_out=4, unchanged=6)
    (found,) = together(part("1/2", one), part("2/2", other)).modules
    assert (found.same_code, found.remembered) == (12, 23)
    assert (found.made, found.sampled_out, found.unchanged, found.elsewhere) == (9, 4, 6, 0)


def test_controls_are_added_and_a_doubtful_function_is_named_once() -> None:
    one = Controls(no_op_alive=1, no_op_total=2, raise_dead=3, raise_total=4, doubtful=("f", "g"))
    other = Controls(no_op_alive=10, no_op_total=20, raise_dead=30, raise_total=40, doubtful=("g", "h"))
    found = together(part("1/2", module(verdict(1), controls=one)), part("2/2", module(controls=other))).controls
    assert found == Controls(no_op_alive=11, no_op_total=22, raise_dead=33, raise_total=44, doubtful=("f", "g", "h"))


def test_which_tests_run_what_is_from_a_shard_that_knows() -> None:
    lines = (TestLines(node=A, lines=(1,)),)
    (found,) = together(part("1/2", module(verdict(1))), part("2/2", module(runs=lines))).modules
    assert found.runs == lines
    (nobody,) = together(part("1/2", module(verdict(1))), part("2/2", module())).modules
    assert nobody.runs == ()


def test_the_whole_is_of_no_shard_and_neither_are_its_settings() -> None:
    whole = two({}, {})
    assert (whole.shard, Config.from_json(whole.settings)) == ("", Config())


def test_shards_worked_at_the_same_time_and_each_with_a_processor_of_its_own() -> None:
    whole = two({"wall_s": 2.0, "ready_s": 0.5, "cpu_s": 4.0}, {"wall_s": 3.0, "ready_s": 1.5, "cpu_s": 8.0})
    assert (whole.wall_s, whole.ready_s, whole.cpu_s) == (3.0, 1.5, 12.0)


def test_the_whole_tells_of_the_suite_as_a_shard_that_ran_it_does() -> None:
    """In a shard that nothing fell into no suite is run."""
    whole = two({"suites": (), "tests": (), "python": "none"}, {"run": "r2"})
    assert (whole.run, whole.python, whole.tests, len(whole.suites)) == ("r2", "3.11.7", (A, B), 1)
    assert two({"suites": ()}, {"suites": (), "run": "r2"}).run == "r1"


def test_the_first_shard_speaks_for_all_in_whichever_order_they_are_given() -> None:
    assert together(part("2/2", module(verdict(2)), run="r2"), part("1/2", module(verdict(1)))).run == "r1"
    ten = [part(f"{number}/10", module(verdict(number)), run=f"r{number}") for number in range(10, 0, -1)]
    assert together(*ten).run == "r1"


def test_a_matrix_in_shards_tells_which_tests_are_idle_in_all_of_them() -> None:
    def shard(number: int, *by: str) -> MutationReport:
        found = module(verdict(number, Killed(by=by, first=FAILING)))
        return part(f"{number}/2", found, settings=settings(f"{number}/2", mutate={"matrix": True}), idle=IdleTests())

    whole = together(shard(1, A), shard(2, A, B))
    assert whole.idle == IdleTests(nothing=(), nothing_own=(B,))


def test_without_a_matrix_no_test_is_called_idle() -> None:
    assert two({}, {}).idle is None


# --- whether it is green ------------------------------------------------------------------------------------------------


def test_shards_that_proved_something_are_green_together() -> None:
    assert two({}, {}).red == ""


def test_what_is_wrong_with_the_suite_is_wrong_with_the_whole() -> None:
    for first in ("", NONE_MADE):
        assert two({"red": first}, {"red": "the suite is not green"}).red == "the suite is not green"


@pytest.mark.parametrize("alone", [NONE_MADE, NONE_RUN])
def test_a_shard_that_proved_nothing_does_not_make_the_whole_red(alone: str) -> None:
    assert two({"red": alone}, {}).red == ""


def test_shards_that_proved_nothing_prove_nothing_together() -> None:
    assert together(part("1/2", module(), red=NONE_MADE), part("2/2", module())).red == NONE_MADE
    unseen = module(verdict(1, NoCoverage()))
    assert together(part("1/2", unseen, red=NONE_RUN), part("2/2", module(), red=NONE_MADE)).red == NONE_RUN


def test_where_there_was_nothing_to_do_the_whole_says_so_and_is_green() -> None:
    whole = together(part("1/2", module(), note="nothing changed"), part("2/2", module(), note="nothing changed"))
    assert (whole.note, whole.red) == ("nothing changed", "")


def test_a_note_of_one_shard_is_not_the_wholes() -> None:
    whole = together(part("1/2", module(), note="nothing fell into it"), part("2/2", module(verdict(1))))
    assert (whole.note, whole.red) == ("", "")
    empty = together(part("1/2", module(), note="nothing fell into it"), part("2/2", module()))
    assert (empty.note, empty.red) == ("", NONE_MADE)


# --- what is refused ----------------------------------------------------------------------------------------------------


def test_a_report_of_no_shard_is_refused() -> None:
    said = "/out-2: is of no shard; expected the outputs of `qtest mutate --shard K/N`"
    assert refusal(part("1/2", module()), part("", module())) == said


def test_an_interrupted_shard_is_refused_with_the_way_to_finish_it() -> None:
    said = "/out-1: shard 1/2 was interrupted; finish it with `qtest resume r1`"
    assert refusal(part("1/2", module(), status="partial"), part("2/2", module())) == said


def differing(**more: object) -> str:
    return refusal(part("1/2", module(verdict(1))), part("2/2", module(verdict(2)), **more))


@pytest.mark.parametrize(
    ("more", "made"),
    [
        ({"qtest": "2.0"}, "2.0 build 01234567"),
        ({"build": "abcdefghij"}, "1.0 build abcdefgh"),
        ({"build": ""}, "1.0 build unknown"),
    ],
)
def test_shards_of_two_versions_of_qtest_are_refused(more: dict[str, object], made: str) -> None:
    assert differing(**more) == (
        f"/out-2: was made by another QTest ({made}) than /out-1 (1.0 build 01234567); judge all shards with one"
    )


def test_shards_of_other_files_are_refused_and_named_by_their_revision() -> None:
    other = Revision(kind="git", name="o/shop", version="main", sha256="0123456789abcdef")
    assert differing(content="d", revision=other) == (
        "/out-2: is of other files (o/shop main 0123456789ab) than /out-1 (/shop); judge all shards of one revision"
    )


def test_the_same_files_from_another_place_are_the_same() -> None:
    assert two({}, {"revision": Revision(kind="folder", name="/elsewhere")}).red == ""


def test_shards_of_two_pythons_are_refused() -> None:
    assert differing(python="3.12.1") == (
        "/out-2: was judged under Python 3.12.1 and /out-1 under 3.11.7; use one for all shards"
    )


def test_shards_with_other_settings_are_refused_by_the_one_that_differs() -> None:
    assert differing(settings=settings("2/2", seed="7")) == (
        "/out-2: was made with other settings than /out-1: seed is '7' there and '0' here; use the same for all shards"
    )
    assert differing(settings=settings(gates={"mutation": {"limits": {"factor": 20.0}}})) == (
        "/out-2: was made with other settings than /out-1: "
        "gates.mutation.limits.factor is 20.0 there and 10.0 here; use the same for all shards"
    )


@pytest.mark.parametrize(
    ("levels", "said"), [(("", "unit"), "'unit' there and None"), (("unit", ""), "None there and 'unit'")]
)
def test_a_key_that_only_one_shard_has_is_named(levels: tuple[str, str], said: str) -> None:
    """A table whose keys are the user's own, such as the levels of the plan."""
    one, other = (settings(plan={"level": {"m:f": level} if level else {}}) for level in levels)
    assert refusal(part("1/2", module(), settings=one), part("2/2", module(), settings=other)) == (
        f"/out-2: was made with other settings than /out-1: plan.level.m:f is {said} here; use the same for all shards"
    )


@pytest.mark.parametrize(
    "free",
    [
        {"target": {"repository": "/elsewhere", "python": "/venv"}},
        {"mutate": {"shard": "2/2", "floor": 0.5}},
        {"output": {"out": "there"}},
        {"where": {"inline": True}},
    ],
    ids=["target", "floor", "output", "where"],
)
def test_where_and_how_a_shard_was_told_may_differ(free: dict[str, object]) -> None:
    assert two({}, {"settings": settings(**free)}).red == ""


def test_what_is_mutated_may_not_differ() -> None:
    """In the words of pyproject.toml, where a tuple is a list."""
    assert differing(settings=settings(target={"only": ["m.py"]})) == (
        "/out-2: was made with other settings than /out-1: "
        "target.only is ['m.py'] there and [] here; use the same for all shards"
    )


def test_shards_with_other_modules_are_refused() -> None:
    assert refusal(part("1/2", module()), part("2/2", module(), module(name="n"))) == (
        "/out-2: has other modules than /out-1; judge all shards anew"
    )


def test_shards_of_two_divisions_are_refused() -> None:
    assert refusal(part("1/2", module()), part("2/3", module())) == (
        "/out-2: is of 3 shards and /out-1 of 2; expected the parts of one whole"
    )


def test_a_shard_given_twice_is_refused() -> None:
    assert refusal(part("2/2", module()), part("1/2", module()), part("2/2", module())) == (
        "/out-3: is shard 2/2, and so is /out-1; give each once"
    )


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (("2/3",), "of 3 shards these are missing: 1, 3"),
        (("1/6",), "of 6 shards these are missing: 2, 3, 4, 5, 6"),
        (("1/7",), "of 7 shards these are missing: 2, 3, 4, 5, 6 (and 1 more)"),
        (("3/9", "2/9"), "of 9 shards these are missing: 1, 4, 5, 6, 7 (and 2 more)"),
    ],
)
def test_missing_shards_are_named_the_first_five_of_them(given: tuple[str, ...], missing: str) -> None:
    said = refusal(*(part(shard, module()) for shard in given))
    assert said == f"{missing}; judge them, or give their outputs"


def test_one_shard_of_one_is_the_whole() -> None:
    whole = together(part("1/1", module(verdict(1)), note="nothing changed"))
    assert (whole.shard, whole.note) == ("", "nothing changed")
