"""The mutation benchmark gives every side the same mutants, and goes on where it was cut off."""

import pytest

from benchmarks.mutation.bound import Bound, Forked
from benchmarks.mutation.change import Body, Change, bodies, without
from benchmarks.mutation.mutants import edit
from benchmarks.mutation.ours import Row, Told
from benchmarks.mutation.peers import Peer
from benchmarks.mutation.rounds import Round
from benchmarks.mutation.subjects import SUBJECTS
from benchmarks.mutation.table import Measured, page, rows
from qtest.mutation.diff import applied

TEXT = "def f(a, b=1):\n    if a > b:\n        return a\n    return b\n\n\nclass C:\n    @property\n    def g(self):\n        return (1 +\n                2)\n"


@pytest.mark.parametrize(
    ("old", "new", "lines", "when"),
    [
        ("a > b", "a >= b", (2, 2), "call"),
        ("return a\n", "return None\n", (3, 3), "call"),
        ("b=1", "b=2", (1, 1), "import"),
        ("2)", "3)", (10, 11), "call"),
    ],
)
def test_a_changed_file_is_one_edit_of_ours(old: str, new: str, lines: tuple[int, int], when: str) -> None:
    after = TEXT.replace(old, new, 1)
    mutant = edit(TEXT, after, "m.py", "m")
    assert applied(TEXT, mutant) == after
    assert ((mutant.line, mutant.end_line), mutant.runs_at) == (lines, when)


FUNCTIONS = '''def f(a):
    """It says so."""

    def inner():
        return a

    return inner


class C:
    @staticmethod
    def g():
        if True:
            return 1
        return 2


def short(): return 3


def told():
    """Nothing else."""
'''


def test_bodies_are_those_of_functions_in_no_other_that_have_lines_of_their_own() -> None:
    assert list(bodies("m.py", FUNCTIONS)) == [Body("m.py", 4, 7, 4), Body("m.py", 13, 15, 8)]


def test_before_the_change_the_functions_have_no_body_and_the_rest_stands() -> None:
    before = without(FUNCTIONS, list(bodies("m.py", FUNCTIONS)))
    assert before.startswith('def f(a):\n    """It says so."""\n\n    raise NotImplementedError\n\n\nclass C:')
    assert "    def g():\n        raise NotImplementedError\n\n\ndef short(): return 3\n" in before


def _round(**changed: object) -> Round:
    told = Told(
        judge_s=1.0, rows=tuple(Row(mutant=f"m{n}", how="swap", status="killed", wall_s=0.1) for n in range(10))
    )
    return Round(load="0", ours=told, mutmut=Peer(rate=2.0, count=10)).model_copy(update=changed)


def _measured(one: Round) -> Measured:
    return Measured(SUBJECTS[0], (one,), Peer(problem="exit 1: no"), Change(functions=10, mutants=7, wall_s=12.5))


def test_a_bound_that_ran_out_of_time_is_compared_over_what_it_got_done() -> None:
    forks = [Forked(mutant=f"m{n}", code=1, wall_s=0.05) for n in range(2)]
    stopped = Forked(mutant="m2", code=-14, wall_s=20.0)
    found = _measured(_round(bound=Bound(protocol=(*forks, stopped))))
    assert "| | bound, protocol | 2 | | 20.0 | 50.0 | 0.50 of it | | |" in list(rows(found))


def test_what_a_side_refuses_stands_in_its_row() -> None:
    found = _measured(
        _round(mutmut=Peer(problem="exit 1: failed to collect stats"), ours=Told(problem="the suite is red"))
    )
    told = page([found], "a machine")
    assert "| | mutmut: exit 1: failed to collect stats |" in told
    assert "QTest: the suite is red |" in told
    assert "| | cosmic-ray: exit 1: no |" in told


def test_a_round_that_was_kept_is_read_back_as_it_was() -> None:
    one = _round(mutmut=Peer(rate=2.0, count=2, killed=frozenset({"a", "b"})))
    assert Round.from_json(one.to_json()) == one
