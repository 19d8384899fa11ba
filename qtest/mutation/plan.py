"""Which tests can tell on a mutant, and in which order they are asked."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qtest.records.baseline import FileLines, SuiteRun, TestCoverage
from qtest.records.mutant import Mutant
from qtest.records.mutation import TestLines
from qtest.records.workbench import JudgeOrder

QUICK_S = 0.25  # below it differences are noise


@dataclass(frozen=True)
class Reach:
    """Who executes what: for each (path, line) the tests that do, fastest first; `shared` are lines that run outside of any one test,
    `lasting` those whose work outlives the test that ran them; `spawning` tests run code where nobody sees it."""

    tests: dict[tuple[str, int], tuple[str, ...]]
    shared: frozenset[tuple[str, int]]
    lasting: frozenset[tuple[str, int]]
    every: tuple[str, ...]
    in_order: tuple[str, ...]
    spawning: tuple[str, ...]


def reach(run: SuiteRun, usable: Sequence[str]) -> Reach:
    """From a measured run; only `usable` tests count."""
    wanted = set(usable)
    tests = sorted((test for test in run.tests if test.node in wanted), key=_cost)
    lines: dict[tuple[str, int], list[str]] = {}
    for test in tests:
        for path, number in _pairs(test.lines):
            lines.setdefault((path, number), []).append(test.node)
    return Reach(
        tests={place: tuple(nodes) for place, nodes in lines.items()},
        shared=frozenset(_pairs(run.shared)),
        lasting=frozenset(_pairs(run.lasting)),
        every=tuple(test.node for test in tests),
        in_order=tuple(test.node for test in run.tests if test.node in wanted),
        spawning=tuple(test.node for test in tests if test.spawns),
    )


def _cost(test: TestCoverage) -> tuple[int, int, str]:
    """Quick ones by how much they execute, which is the same in every run; slow ones, in doublings, after them."""
    doublings = math.ceil(math.log2(max(1.0, test.wall_s / QUICK_S)))
    return doublings, sum(len(file.lines) for file in test.lines), test.node


def orders(
    mutants: Iterable[Mutant], reached: Reach, *, matrix: bool = False
) -> Iterator[tuple[Mutant, JudgeOrder | None]]:
    """Each mutant with its order; None where no test executes the statement.

    A statement that ran while something was imported or collected belongs to every test: its effect may be anywhere. So does one
    that a wide fixture or a memo ran, and there the order of the suite counts.
    """
    for mutant in mutants:
        places = [(mutant.path, line) for line in range(mutant.line, mutant.end_line + 1)]
        at_import = mutant.runs_at == "import" or any(place in reached.shared for place in places)
        tests = reached.every if at_import else _able(reached, places)
        if not tests:
            yield mutant, None
            continue
        yield mutant, JudgeOrder(mutant=mutant, tests=tests, how="fresh import" if at_import else "swap", matrix=matrix)


def runs(reached: Reach) -> dict[str, tuple[TestLines, ...]]:
    """By path, which tests execute which of its lines, in the order of the suite; whichever mutants are asked about."""
    found: dict[str, dict[str, list[int]]] = {}
    for path, line in sorted(reached.tests):
        of_path = found.setdefault(path, {})
        for node in reached.tests[path, line]:
            of_path.setdefault(node, []).append(line)
    return {
        path: tuple(TestLines(node=node, lines=tuple(lines[node])) for node in reached.in_order if node in lines)
        for path, lines in found.items()
    }


def is_lasting(mutant: Mutant, reached: Reach) -> bool:
    """Its work may outlive the test that does it."""
    return any((mutant.path, line) in reached.lasting for line in range(mutant.line, mutant.end_line + 1))


def cold(mutants: Iterable[Mutant], reached: Reach) -> Iterator[tuple[Mutant, JudgeOrder]]:
    """Each mutant with the whole suite in its own order, the slow true way."""
    for mutant in mutants:
        yield mutant, JudgeOrder(mutant=mutant, tests=reached.in_order, how="cold", matrix=True)


def _able(reached: Reach, places: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Fastest first those that execute it, then those whose child processes may."""
    if any(place in reached.lasting for place in places):
        return reached.in_order
    found = {node for place in places for node in reached.tests.get(place, ())}
    seen = tuple(node for node in reached.every if node in found)
    return seen + tuple(node for node in reached.spawning if node not in found)


def _pairs(files: Iterable[FileLines]) -> Iterator[tuple[str, int]]:
    return ((file.path, line) for file in files for line in file.lines)
