"""Which tests are asked about a mutant, and in which order."""

import pytest

from qtest.mutation.plan import Reach, cold, is_lasting, orders, reach, runs
from qtest.records.baseline import FileLines, SuiteRun, TestCoverage
from qtest.records.mutant import Mutant
from qtest.records.mutation import TestLines
from qtest.records.workbench import JudgeOrder


def seen(node: str, *lines: int, path: str = "m.py", wall_s: float = 0.0, spawns: bool = False) -> TestCoverage:
    return TestCoverage(
        node=node, outcome="passed", wall_s=wall_s, lines=(FileLines(path=path, lines=lines),), spawns=spawns
    )


def of_lines(*lines: int, path: str = "m.py") -> tuple[FileLines, ...]:
    return (FileLines(path=path, lines=lines),)


def reached(*tests: TestCoverage, **more: tuple[FileLines, ...]) -> Reach:
    run = SuiteRun(tests=tests, shared=more.get("shared", ()), lasting=more.get("lasting", ()))
    return reach(run, [test.node for test in tests])


def mutant(line: int, end_line: int | None = None, path: str = "m.py", runs_at: str = "call") -> Mutant:
    return Mutant.model_validate(
        {
            "id": f"{path}:{line}",
            "path": path,
            "file_digest": "",
            "symbol": "m:f",
            "operator": "o",
            "line": line,
            "end_line": end_line or line,
            "start": 0,
            "end": 1,
            "original": "a",
            "replacement": "b",
            "runs_at": runs_at,
        }
    )


def order(of: Mutant, by: Reach) -> JudgeOrder:
    ((_, found),) = orders([of], by)
    assert found is not None
    return found


def test_a_quick_test_is_asked_by_how_little_it_executes_and_then_by_name() -> None:
    """Below a quarter of a second times are noise."""
    by = reached(seen("b", 1, 2), seen("c", 1, wall_s=0.25), seen("a", 1, 2, wall_s=0.01), seen("d", 1, wall_s=0.2))
    assert by.every == ("c", "d", "a", "b")


def test_slow_tests_are_asked_after_quick_ones_by_doublings_of_their_time() -> None:
    by = reached(
        seen("eightfold", wall_s=2.0),
        seen("threefold", 1, 2, wall_s=0.75),
        seen("fourfold", 1, wall_s=1.0),
        seen("twofold", 1, wall_s=0.5),
        seen("just above", 1, 2, wall_s=0.26),
        seen("quick", *range(99)),
    )
    assert by.every == ("quick", "twofold", "just above", "fourfold", "threefold", "eightfold")


def test_all_files_count_for_how_much_a_test_executes() -> None:
    wide = seen("a", 1).model_copy(update={"lines": (*of_lines(1), *of_lines(1, 2, path="n.py"))})
    assert reached(wide, seen("b", 1, 2)).every == ("b", "a")


def test_the_order_of_the_suite_is_kept_beside_it() -> None:
    assert reached(seen("b", 1, 2), seen("c", 1)).in_order == ("b", "c")


def test_what_no_usable_test_did_is_not_known() -> None:
    run = SuiteRun(tests=(seen("a", 1), seen("b", 2, spawns=True)), shared=of_lines(3), lasting=of_lines(4))
    assert reach(run, ["a"]) == Reach(
        tests={("m.py", 1): ("a",)},
        shared=frozenset({("m.py", 3)}),
        lasting=frozenset({("m.py", 4)}),
        every=("a",),
        in_order=("a",),
        spawning=(),
    )


def test_a_test_that_executes_any_line_of_the_statement_is_asked() -> None:
    by = reached(seen("first", 1), seen("before", 2), seen("begins", 3), seen("ends", 5), seen("behind", 6))
    assert order(mutant(3, 5), by) == JudgeOrder(mutant=mutant(3, 5), tests=("begins", "ends"), how="swap")


def test_the_same_line_of_another_file_is_another_line() -> None:
    by = reached(seen("a", 1, path="n.py"), shared=of_lines(1, path="n.py"), lasting=of_lines(1, path="n.py"))
    assert [found for _, found in orders([mutant(1)], by)] == [None]
    assert not is_lasting(mutant(1), by)


def test_a_mutant_that_nothing_executes_does_not_end_the_list() -> None:
    found = list(orders([mutant(9), mutant(1)], reached(seen("a", 1))))
    assert [(one.id, None if its is None else its.tests) for one, its in found] == [
        ("m.py:9", None),
        ("m.py:1", ("a",)),
    ]


@pytest.mark.parametrize("line", [2, 3, 4])
def test_a_statement_of_which_a_line_ran_while_importing_is_every_tests(line: int) -> None:
    by = reached(seen("a", 3), seen("b"), shared=of_lines(line))
    found = order(mutant(2, 4), by)
    assert (found.tests, found.how) == (("b", "a"), "fresh import")


@pytest.mark.parametrize("line", [1, 5])
def test_a_line_beside_the_statement_that_ran_while_importing_is_nothing_to_it(line: int) -> None:
    found = order(mutant(2, 4), reached(seen("a", 3), seen("b"), shared=of_lines(line)))
    assert (found.tests, found.how) == (("a",), "swap")


def test_what_runs_while_importing_is_every_tests_also_where_nobody_saw_it_run() -> None:
    found = order(mutant(7, runs_at="import"), reached(seen("a", 1), seen("b")))
    assert (found.tests, found.how) == (("b", "a"), "fresh import")


@pytest.mark.parametrize(("line", "lasts"), [(1, False), (2, True), (3, True), (4, True), (5, False)])
def test_a_statement_lasts_when_one_of_its_lines_does(line: int, lasts: bool) -> None:
    assert is_lasting(mutant(2, 4), reached(lasting=of_lines(line))) is lasts


def test_a_lasting_statement_is_asked_of_the_whole_suite_in_its_order() -> None:
    by = reached(seen("b", 1, 2), seen("a", 2), seen("c"), lasting=of_lines(2))
    assert order(mutant(1, 2), by).tests == ("b", "a", "c")


def test_a_test_that_starts_processes_is_asked_once_and_after_those_seen_to_execute_it() -> None:
    by = reached(seen("child", spawns=True), seen("both", 1, spawns=True), seen("a", 1, 2))
    assert order(mutant(1), by).tests == ("both", "a", "child")


def test_a_matrix_is_asked_for_in_every_order() -> None:
    by = reached(seen("a", 1))
    assert [found and found.matrix for _, found in orders([mutant(1)], by, matrix=True)] == [True]
    assert order(mutant(1), by).matrix is False


def test_the_slow_true_way_runs_the_whole_suite_in_its_order_whatever_was_seen() -> None:
    by = reached(seen("b", 1, 2), seen("a", 2))
    asked = [mutant(1), mutant(9)]
    assert list(cold(asked, by)) == [
        (one, JudgeOrder(mutant=one, tests=("b", "a"), how="cold", matrix=True)) for one in asked
    ]


def test_who_runs_what_is_told_for_each_file_in_the_order_of_the_suite_with_sorted_lines() -> None:
    both = seen("b", 10, 9, 2).model_copy(update={"lines": (*of_lines(10, 9, 2), *of_lines(1, path="n.py"))})
    assert runs(reached(both, seen("a", 9), seen("idle"))) == {
        "m.py": (TestLines(node="b", lines=(2, 9, 10)), TestLines(node="a", lines=(9,))),
        "n.py": (TestLines(node="b", lines=(1,)),),
    }
