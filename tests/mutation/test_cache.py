"""What is remembered of a mutant, and for how long it holds."""

from dataclasses import replace

import pytest

from qtest.languages.python.mutate import mutate
from qtest.mutate import still_asked
from qtest.mutation.cache import Named, Names, recalled, row
from qtest.mutation.dependencies import Dependencies, trees
from qtest.mutation.identity import stable_ids
from qtest.mutation.judge import Case, Ruled, ruled
from qtest.mutation.plan import orders, reach
from qtest.mutation.slices import Slices
from qtest.records.baseline import Environment, FileLines, Setting, SuiteRun, TestCoverage
from qtest.records.mutant import Failing, Mutant, MutantRun
from qtest.records.record import digest_of
from qtest.records.run import JudgedRow
from qtest.records.source import Project, RawSourceBundle, Revision, SourceFile
from qtest.records.workbench import JudgeLimits, JudgeOrder

FILES = {
    "a.py": "def f(x):\n    return x + 1\n",
    "b.py": "def g(x):\n    return x * 2\n",
    "README.md": "hello\n",
    "test_a.py": "import a\n\n\ndef test_f():\n    assert a.f(1) == 2\n",
    "test_b.py": "import b\n\n\ndef test_g():\n    assert b.g(1) == 2\n",
}
PROJECT = Project(root="", language="python", name="ab", layout="module", import_roots=("",), packages=("a", "b"))
ENVIRONMENT = Environment(python="py", version="3.11.4", origin="", readable=(), packages=("pytest==9",))
ALL = mutate(FILES["a.py"], "a.py", "a")
A = next(mutant for mutant in ALL if not mutant.control)
STABLE = stable_ids(ALL, FILES["a.py"])


def test_of(node: str, path: str, *, spawns: bool = False) -> TestCoverage:
    return TestCoverage(node=node, outcome="passed", lines=(FileLines(path=path, lines=(2,)),), spawns=spawns)


test_of.__test__ = False  # type: ignore[attr-defined]
F, G = test_of("test_a.py::test_f", "a.py"), test_of("test_b.py::test_g", "b.py")

BOTH = SuiteRun(tests=(F, G))


def planned(mutant: Mutant, suite: SuiteRun) -> JudgeOrder:
    order = next(order for _, order in orders([mutant], reach(suite, [test.node for test in suite.tests])))
    assert order is not None
    return order


def named(
    files: dict[str, str] | None = None,
    mutant: Mutant = A,
    suite: SuiteRun = BOTH,
    environment: Environment = ENVIRONMENT,
    limits: JudgeLimits | None = None,
    ours: str = "ours",
    matrix: bool = False,
    root: str = "",
    order: JudgeOrder | None = None,
) -> str:
    return names(files, suite, environment, limits, ours, matrix, root).of(order or planned(mutant, suite)).name


def names(
    files: dict[str, str] | None = None,
    suite: SuiteRun = BOTH,
    environment: Environment = ENVIRONMENT,
    limits: JudgeLimits | None = None,
    ours: str = "ours",
    matrix: bool = False,
    root: str = "",
) -> Names:
    texts = {digest_of(text): text.encode() for text in (files or FILES).values()}
    bundle = RawSourceBundle(
        revision=Revision(kind="folder", name="/x"),
        files=tuple(
            SourceFile(
                path=name, sha256=digest_of(text), size=len(text), language="python" if name.endswith(".py") else ""
            )
            for name, text in (files or FILES).items()
        ),
        projects=(PROJECT,),
    )
    case = Case(
        setting=Setting(folder="/tree", project=PROJECT.model_copy(update={"root": root}), environment=environment),
        suite="existing",
        texts={},
        reach=reach(suite, [test.node for test in suite.tests]),
        limits=limits or JudgeLimits(),
        matrix=matrix,
    )
    read = texts.__getitem__
    return Names(case, bundle, Dependencies(bundle, read), Slices(trees(bundle, read)), STABLE, ours)


def test_the_same_has_the_same_name() -> None:
    assert named() == named()


@pytest.mark.parametrize("path", ["b.py", "test_b.py"])
def test_a_file_that_its_tests_do_not_import_may_change(path: str) -> None:
    assert named(FILES | {path: FILES[path] + "\n# more\n"}) == named()


@pytest.mark.parametrize("path", ["README.md", "data.bin"])
def test_a_file_that_its_tests_may_read_may_not(path: str) -> None:
    assert named(FILES | {path: FILES.get(path, "") + "\n# more\n"}) != named()


@pytest.mark.parametrize("path", ["a.py", "test_a.py", "conftest.py"])
def test_code_that_its_tests_import_may_not(path: str) -> None:
    assert named(FILES | {path: FILES.get(path, "") + "\nx = 1\n"}) != named()
    assert named(FILES | {path: FILES.get(path, "x = 1\n")}) == named(
        FILES | {path: "# more\n\n" + FILES.get(path, "x = 1\n")}
    )


def test_the_files_of_a_project_below_the_top_are_found_there() -> None:
    below = {f"sub/{path}": text for path, text in FILES.items()}
    mutant = A.model_copy(update={"path": "sub/a.py"})
    suite = SuiteRun(tests=(test_of("test_a.py::test_f", "sub/a.py"), G))

    def of(files: dict[str, str]) -> str:
        return named(files, mutant=mutant, suite=suite, root="sub")

    assert of(below | {"sub/b.py": "x = 1\n"}) == of(below)
    assert of(below | {"sub/a.py": "x = 1\n"}) != of(below)


def test_a_test_in_a_class_depends_on_what_its_file_imports() -> None:
    suite = SuiteRun(tests=(test_of("test_a.py::TestA::test_f", "a.py"), G))
    assert named(FILES | {"b.py": "x = 1\n"}, suite=suite) == named(suite=suite)
    assert named(FILES | {"a.py": "x = 1\n"}, suite=suite) != named(suite=suite)


def test_of_tests_whose_imports_cannot_be_told_every_file_counts() -> None:
    files = FILES | {"test_a.py": "import importlib\n"}
    assert named(files | {"b.py": "x = 1\n"}) != named(files)


def reaching(*nodes: str) -> SuiteRun:
    """Tests that run the second line of `a.py`."""
    return SuiteRun(tests=tuple(test_of(node, "a.py") for node in nodes))


MORE = FILES | {"a.py": FILES["a.py"] + "\n\ndef h(x):\n    return x\n"}


@pytest.mark.parametrize("node", ["test_a.py::test_f", "test_a.py::TestA::test_f", "test_a.py::test_f[1-x]"])
def test_a_function_that_its_tests_cannot_run_may_change(node: str) -> None:
    in_class = {"test_a.py": FILES["test_a.py"] + "\n\nclass TestA:\n    test_f = staticmethod(test_f)\n"}
    assert named(MORE | in_class, suite=reaching(node)) == named(FILES | in_class, suite=reaching(node))


@pytest.mark.parametrize(
    "nodes", [("test_a.py::test_a.test_f",), ("test_a.py::test_a",), ("test_b.py::test_g", "test_a.py::test_a.test_f")]
)
def test_of_tests_that_are_no_functions_every_line_counts(nodes: tuple[str, ...]) -> None:
    """A doctest has the name of what it is about, with its module's before it."""
    changed = FILES | {"test_a.py": FILES["test_a.py"].replace("== 2", "== 3")}
    assert named(changed, suite=reaching(*nodes)) != named(suite=reaching(*nodes))


def test_where_names_are_made_up_every_line_counts() -> None:
    made_up = {"test_a.py": "import a\n\n\ndef test_f():\n    assert getattr(a, str('f'))(1) == 2\n"}
    assert named(MORE | made_up) != named(FILES | made_up)
    assert named(FILES | made_up | {"README.md": "other"}) != named(FILES | made_up)


def test_of_a_test_that_reaches_what_it_does_not_import_every_file_counts() -> None:
    suite = reaching("test_b.py::test_g")
    assert named(MORE, suite=suite) != named(suite=suite)


@pytest.mark.parametrize("symbol", ["a:f", "a:f.inner", "a:f.inner.most"])
def test_what_the_mutant_is_in_counts_though_nothing_names_it(symbol: str) -> None:
    unnamed = FILES | {"test_a.py": "import a\n\n\ndef test_f():\n    assert a\n"}
    mutant = A.model_copy(update={"symbol": symbol})
    assert named(unnamed | {"a.py": "def f(x):\n    return x + 2\n"}, mutant) != named(unnamed, mutant)


def test_a_name_does_not_depend_on_what_was_named_before() -> None:
    more = test_of("test_a.py::test_more", "a.py")
    suite = SuiteRun(tests=(F, more))
    both = planned(A, suite)
    one = both.model_copy(update={"tests": both.tests[:1]})
    asked = names(suite=suite)
    assert [asked.of(order).name for order in (both, one)] == [named(suite=suite, order=order) for order in (both, one)]


def test_a_mutant_is_known_by_what_outlives_changes_elsewhere_in_its_file_where_it_has_such_a_name() -> None:
    other = A.model_copy(update={"id": "other"})
    found = {name: names().of(planned(mutant, BOTH)) for name, mutant in (("stable", A), ("none", other))}
    assert {name: one.edit for name, one in found.items()} == {"stable": STABLE[A.id], "none": "other"}


def test_a_name_tells_of_the_tests_that_are_asked() -> None:
    assert names().of(planned(A, BOTH)).tests == ("test_a.py::test_f",)


def test_all_of_a_file_lie_on_one_shelf_and_other_files_and_runs_have_others() -> None:
    one, other = (planned(mutant, BOTH) for mutant in [mutant for mutant in ALL if not mutant.control][:2])
    elsewhere = one.model_copy(update={"mutant": A.model_copy(update={"path": "b.py"})})
    shelf = names().of(one).shelf
    assert names().of(other).shelf == shelf
    assert len({shelf, names().of(elsewhere).shelf, names(ours="another version").of(one).shelf}) == 3


def test_what_nothing_executes_has_no_name() -> None:
    unseen = A.model_copy(update={"id": "other"})
    order = planned(A, BOTH)
    assert {one: found.name for one, found in names().of_all([(A, order), (unseen, None)]).items()} == {A.id: named()}


def test_of_tests_that_start_processes_every_file_counts() -> None:
    spawning = SuiteRun(tests=(test_of("test_a.py::test_f", "a.py", spawns=True), G))
    assert named(suite=spawning) != named(FILES | {"b.py": "x = 1\n"}, suite=spawning)


def test_environment_limits_our_code_and_the_matrix_count() -> None:
    others = (
        named(environment=ENVIRONMENT.model_copy(update={"packages": ("pytest==8",)})),
        named(environment=ENVIRONMENT.model_copy(update={"version": "3.12.1"})),
        named(limits=JudgeLimits(cpu_s=2.0)),
        named(ours="another version"),
        named(matrix=True),
    )
    assert len({named(), *others}) == 6


def test_another_test_that_reaches_it_counts() -> None:
    assert named(suite=SuiteRun(tests=(F, test_of("test_a.py::test_more", "a.py"), G))) != named()


def test_the_order_of_tests_counts_only_where_one_may_do_anothers_work() -> None:
    more = test_of("test_a.py::test_more", "a.py")
    lasting = (FileLines(path="a.py", lines=(2,)),)
    suite = SuiteRun(tests=(F, more))
    order = planned(A, suite)
    turned = order.model_copy(update={"tests": order.tests[::-1]})
    assert named(suite=suite, order=order) == named(suite=suite, order=turned)
    lasts = suite.model_copy(update={"lasting": lasting})
    assert named(suite=lasts, order=order) != named(suite=lasts, order=turned)


def test_what_was_seen_before_a_test_was_known_to_do_anothers_work_is_seen_again() -> None:
    """In that run the tests may have stood in any order."""
    lasts = BOTH.model_copy(update={"lasting": (FileLines(path="a.py", lines=(2,)),)})
    order = planned(A, BOTH)
    assert named(suite=lasts, order=order) != named(suite=BOTH, order=order)


def test_another_mutant_has_another_name() -> None:
    assert len({named(mutant=mutant) for mutant in ALL}) == len(ALL)


def test_the_way_of_applying_the_mutant_counts() -> None:
    order = planned(A, BOTH)
    assert named(order=order.model_copy(update={"how": "fresh import"})) != named(order=order)


N = Named("n", "shelf", STABLE[A.id], ("t",))
SURVIVING = MutantRun(
    mutant=A.id,
    applied=True,
    executed=True,
    planned=("t",),
    finished=("t",),
    completed=True,
    tripwire=True,
    ended="exit",
    note="its worker was started anew",
    wall_s=2.0,
    cpu_s=1.5,
)
KILLED = SURVIVING.model_copy(update={"failing": (Failing(node="t", phase="call", kind="assertion"),)})
SAME_CODE = MutantRun(mutant=A.id, note="same code")


def kept() -> JudgedRow:
    found = row(N, ruled(A, SURVIVING), "r1", 5)
    assert found is not None
    return found


def test_what_was_seen_is_ruled_on_again_and_says_where_it_is_from() -> None:
    found = recalled(A, N, {"n": kept()})
    assert found is not None
    assert found.remembered
    assert found.ruling == ruled(A, SURVIVING).ruling
    assert (found.mutant, found.run) == (
        A,
        SURVIVING.model_copy(
            update={"note": "its worker was started anew; remembered from run r1", "wall_s": 0.0, "cpu_s": 0.0}
        ),
    )


@pytest.mark.parametrize("seen", [SURVIVING, KILLED, SAME_CODE], ids=["survived", "killed", "not a mutant"])
def test_every_clear_end_is_remembered(seen: MutantRun) -> None:
    made = row(N, ruled(A, seen), "r1", 5)
    assert made is not None
    assert (made.name, made.text, made.run, made.made) == ("n", "shelf", "r1", 5)
    found = recalled(A, N, {"n": made})
    assert found is not None
    assert found.ruling == ruled(A, seen).ruling


def test_where_a_test_failed_is_remembered_without_the_line_which_may_have_moved() -> None:
    failing = Failing(node="t", phase="call", kind="assertion", place="a.py:12", message="at 3:4")
    made = row(N, ruled(A, SURVIVING.model_copy(update={"failing": (failing,)})), "r1", 5)
    assert made is not None
    found = recalled(A, N, {"n": made})
    assert found is not None and found.run is not None
    assert found.run.failing == (failing.model_copy(update={"place": "a.py"}),)


def test_what_was_judged_by_more_tests_than_the_name_tells_is_not_remembered() -> None:
    more = {"planned": ("t", "u"), "finished": ("t", "u")}
    assert row(N, ruled(A, SURVIVING.model_copy(update=more)), "r1", 5) is None


def test_what_was_remembered_is_not_made_younger() -> None:
    found = recalled(A, N, {"n": kept()})
    assert found is not None
    assert row(N, found, "r2", 6) is None


def test_what_is_not_known_is_not_recalled() -> None:
    assert recalled(A, replace(N, name="other"), {"n": kept()}) is None


def test_an_unclear_end_is_not_recalled_whoever_wrote_it() -> None:
    """The rules may have become stricter since."""
    assert recalled(A, N, {"n": forged(SURVIVING.model_copy(update={"completed": False}))}) is None


def forged(run: MutantRun) -> JudgedRow:
    record = run.model_copy(update={"mutant": STABLE.get(run.mutant, run.mutant)}).to_json()
    return kept().model_copy(update={"record": record, "proof": digest_of(f"n\0{record}")})


def test_a_row_whose_proof_fits_is_believed() -> None:
    assert recalled(A, N, {"n": forged(SURVIVING)}) == recalled(A, N, {"n": kept()}) is not None


def test_a_limit_or_an_unclear_end_is_not_remembered() -> None:
    for changed in ({"limit": "cpu", "alone": True}, {"ended": "lost"}, {"completed": False}, {"tripwire": False}):
        assert row(N, ruled(A, SURVIVING.model_copy(update=changed)), "r", 1) is None


def test_a_cold_run_and_what_was_not_run_or_not_ruled_on_are_not_remembered() -> None:
    assert row(N, ruled(A, SURVIVING.model_copy(update={"how": "cold"})), "r", 1) is None
    assert row(N, Ruled(A), "r", 1) is None
    assert row(N, Ruled(A, SURVIVING), "r", 1) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"record": "{"},
        {"record": SURVIVING.to_json().replace('"t"', '"u"')},
        {"proof": ""},
        {"record": "not json", "proof": digest_of("n\0not json")},
        {"record": "[1]", "proof": digest_of("n\0[1]")},
    ],
)
def test_a_damaged_row_is_as_if_it_were_not_there(damage: dict[str, str]) -> None:
    assert recalled(A, N, {"n": kept().model_copy(update=damage)}) is None


def test_a_row_of_another_mutant_is_not_believed() -> None:
    assert recalled(A, N, {"n": forged(SURVIVING.model_copy(update={"mutant": "other"}))}) is None


def test_controls_run_again_for_a_function_with_a_mutant_to_judge() -> None:
    whole = mutate(FILES["a.py"], "a.py", "a")
    known = [Ruled(mutant, remembered=True) for mutant in whole if mutant.id != A.id]
    there = [(mutant, planned(mutant, SuiteRun(tests=(F,)))) for mutant in whole]
    left = still_asked(known, there)
    assert not any(item.mutant.control for item in left)
    assert len(left) == sum(not mutant.control for mutant in whole) - 1


def test_controls_stay_when_all_of_a_function_is_known() -> None:
    whole = mutate(FILES["a.py"], "a.py", "a")
    known = [Ruled(mutant, remembered=True) for mutant in whole]
    assert still_asked(known, [(mutant, planned(mutant, SuiteRun(tests=(F,)))) for mutant in whole]) == known
