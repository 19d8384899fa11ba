"""Which level a target gets, and how those end that nobody writes yet."""

from collections.abc import Iterable

import pytest

from qtest.config import PlanSettings
from qtest.errors import UsageError
from qtest.languages.python.parse import parse
from qtest.plan.select import select
from qtest.plan.shares import shares_of
from qtest.plan.unwritten import joined, unwritten
from qtest.records.baseline import Baseline, ProjectBaseline, Suite
from qtest.records.outcome import ModuleOutcome, Rejection
from qtest.records.plan import Budget, LeftOut, Target, TestPlan
from qtest.records.source import Project
from qtest.records.system import CallEdge, EntryKind, EntryPoint, Flow, Interaction, Problem, SystemModel

PROJECT = Project(root="", language="python", name="p", layout="flat", import_roots=("",))
FUNCTION = "def f(x):\n    return x\ndef g(x):\n    x.append(1)\n"


def model(files: dict[str, str] | None = None, calls: Iterable[tuple[str, str]] = (), **more: object) -> SystemModel:
    modules = tuple(parse(text, path, PROJECT) for path, text in sorted((files or {"a.py": FUNCTION}).items()))
    edges = tuple(CallEdge(caller=caller, callee=callee, line=1) for caller, callee in calls)
    return SystemModel(modules=modules, calls=edges).model_copy(update=more)


def plan(system: SystemModel, *only: str, problem: str = "", **settings: object) -> TestPlan:
    ground = ProjectBaseline(setting=None, suite=Suite(project="", command=()), problem=problem)
    chosen = PlanSettings.model_validate(settings)
    return select(system, Baseline(projects=(ground,)), Budget(wall_s=60.0, evaluations=100), only, chosen)


def entry(kind: EntryKind, name: str, symbol: str = "a:f", framework: str = "") -> EntryPoint:
    return EntryPoint(kind=kind, name=name, symbol=symbol, path="a.py", line=1, framework=framework)


def why(system: SystemModel, symbol: str) -> tuple[str, str]:
    return next((target.level, target.why) for target in plan(system).targets if target.symbol == symbol)


def outside(made: TestPlan) -> list[tuple[str, str, str]]:
    return [(target.level, target.name, target.symbol) for target in made.targets if not target.written]


def test_a_pure_function_is_a_unit() -> None:
    assert why(model(pure=("a:f",)), "a:f") == ("unit", "it is pure")
    assert why(model(), "a:g") == ("unit", "it leans on nothing outside")


def test_what_talks_to_a_service_is_an_integration() -> None:
    service = Interaction(symbol="a:f", kind="database", library="sqlite3", cause="db.execute", line=2)
    said = "talks to a database service by sqlite3: db.execute on line 2"
    assert why(model(interactions=(service,)), "a:f") == ("integration", said)


def test_a_private_helper_speaks_for_who_calls_it() -> None:
    text = "def f(p):\n    return _g(p)\ndef _g(p):\n    return open(p).read()\n"
    assert why(model({"a.py": text}, [("a:f", "a:_g")]), "a:f") == (
        "integration",
        "through _g, reads files: open on line 4",
    )


def test_a_chain_over_several_modules_is_an_integration() -> None:
    files = {"a.py": FUNCTION, "b.py": FUNCTION, "c.py": FUNCTION}
    calls = [("a:f", "b:f"), ("b:f", "c:f")]
    assert why(model(files, calls), "a:f") == ("integration", "its calls lead through b and c")
    assert why(model(files, calls), "b:f")[0] == "unit"
    assert why(model(files, calls, pure=("a:f",)), "a:f")[0] == "unit"


def test_a_flow_through_another_module_makes_integrations_of_all_but_its_end() -> None:
    flow = Flow(entry="a:f", chain=("a:f", "a:g", "b:f", "b:g"), sink="network")
    system = model({"a.py": FUNCTION, "b.py": FUNCTION}, flows=(flow,))
    assert why(system, "a:g") == ("integration", "it leads to network through b")
    assert [why(system, symbol)[0] for symbol in ("a:f", "b:f", "b:g")] == ["integration", "unit", "unit"]


def test_an_endpoint_is_an_api_target_beside_the_function_that_answers() -> None:
    made = plan(model(entries=(entry("endpoint", "GET /users", framework="flask"), entry("function", "f"))))
    assert outside(made) == [("api", "GET /users", "a:f")]
    assert [target.symbol for target in made.targets if target.written] == ["a:g", "a:f"]
    assert next(target.why for target in made.targets if not target.written) == "it is an endpoint of flask"


def test_a_command_is_an_end_to_end_target_once() -> None:
    entries = (entry("script", "tool"), entry("cli command", "tool sync", "a:g"), entry("console script", "tool"))
    assert sorted(outside(plan(model(entries=entries)))) == [("e2e", "tool", "a:f"), ("e2e", "tool sync", "a:g")]


def test_endpoints_that_write_and_read_a_thing_make_a_flow() -> None:
    names = (
        "GET /api/v1/users/{id}",
        "POST /api/v1/users",
        "DELETE /api/v1/users/{id}",
        "GET /health",
        "/",
        "GET /{id}",
    )
    made = plan(model(entries=tuple(entry("endpoint", name) for name in names)))
    flows = [name for level, name, _ in outside(made) if level == "e2e"]
    assert flows == ["users: POST /api/v1/users, GET /api/v1/users/{id}, DELETE /api/v1/users/{id}"]


def test_what_answers_elsewhere_is_left_out_with_its_name() -> None:
    made = plan(model(entries=(entry("console script", "tool", "gone:main"),)))
    assert made.left_out == (LeftOut(symbol="tool", reason="what answers, gone:main, is not in this repository"),)


def test_nothing_is_planned_from_the_outside_where_nothing_was_asked_for_or_can_be_built() -> None:
    files = {"a.py": FUNCTION, "b.py": FUNCTION}
    system = model(files, entries=(entry("endpoint", "GET /x"),))
    assert outside(plan(system, "b.py")) == []
    assert plan(system, problem="no Python 2").targets == ()


def test_the_budget_is_the_same_with_and_without_what_nobody_writes() -> None:
    files = {"a.py": FUNCTION, "b.py": FUNCTION, "c/__main__.py": FUNCTION}
    entries = (entry("endpoint", "GET /x", "b:f"), entry("script", "c", "c.__main__:f"))
    bare, more = model(files), model(files, entries=entries)
    assert shares_of(plan(more), more) == shares_of(plan(bare), bare)
    assert [target.module for target in plan(more).targets if target.written] == ["a", "a", "b", "b"]
    assert plan(more).targets[-1].module == "c.__main__"


def test_they_end_as_rejections_beside_their_module_or_alone() -> None:
    files = {"a.py": FUNCTION, "c/__main__.py": FUNCTION}
    system = model(files, entries=(entry("endpoint", "GET /x"), entry("script", "c", "c.__main__:f")))
    found = Rejection(target="a:g", stage="mutation", reason="kills nothing")
    closed = ModuleOutcome(module="a", path="a.py", project="", source=FUNCTION, outcomes=(found,))
    first, last = joined([closed], unwritten(plan(system), system))
    said = Rejection(target="a:f (GET /x)", stage="plan", reason="no generator writes API tests yet")
    assert first.outcomes == (found, said)
    assert (last.module, last.path, last.source) == ("c.__main__", "c/__main__.py", "")
    assert [outcome.reason for outcome in last.outcomes if isinstance(outcome, Rejection)] == [
        "no generator writes end-to-end tests yet"
    ]


def test_without_them_outcomes_pass_as_they_are() -> None:
    closed = ModuleOutcome(module="a", path="a.py", project="", source=FUNCTION)
    assert list(joined([closed], unwritten(plan(model()), model()))) == [closed]


CODE = {
    "pkg/a.py": "def f(x):\n    return x\nclass K:\n    def m(self):\n        return 1\n    def n(self):\n        return 2\n",
    "pkg/legacy/old.py": FUNCTION,
}


def left(made: TestPlan) -> dict[str, str]:
    return {item.symbol: item.reason for item in made.left_out}


@pytest.mark.parametrize(
    ("pattern", "skipped"),
    [
        ("pkg.a:f", {"pkg.a:f"}),
        ("pkg.a:K", {"pkg.a:K.m", "pkg.a:K.n"}),
        ("pkg.a:*.m", {"pkg.a:K.m"}),
        ("*:f", {"pkg.a:f", "pkg.legacy.old:f"}),
        ("pkg/legacy/**", {"pkg.legacy.old"}),
        ("pkg/legacy/", {"pkg.legacy.old"}),
        ("./pkg/a.py", {"pkg.a"}),
        ("pkg.legacy", {"pkg.legacy.old"}),
        ("pkg.*", {"pkg.a", "pkg.legacy.old"}),
        (".", {"pkg.a", "pkg.legacy.old"}),
    ],
)
def test_skipped_code_is_left_out_and_says_so(pattern: str, skipped: set[str]) -> None:
    assert left(plan(model(CODE), skip=(pattern,))) == dict.fromkeys(skipped, "skipped in pyproject.toml")


@pytest.mark.parametrize("pattern", ["pkg/py2/**", "pkg/py2/old.py"])
def test_a_file_that_cannot_be_read_may_be_skipped_but_not_raised(pattern: str) -> None:
    system = model(CODE, problems=(Problem(path="pkg/py2/old.py", reason="line 1: print"),))
    assert plan(system, skip=(pattern,)) == plan(system)
    with pytest.raises(UsageError, match="first names"):
        plan(system, first=(pattern,))


def test_skipping_counts_for_what_is_tested_from_the_outside() -> None:
    system = model(entries=(entry("endpoint", "GET /x"),))
    for pattern, symbol in (("a:f", "a:f"), ("a.py", "a")):
        made = plan(system, skip=(pattern,))
        assert outside(made) == []
        assert made.left_out == (LeftOut(symbol=symbol, reason="skipped in pyproject.toml"),)


def test_first_raises_above_all_others_with_a_reason_that_adds_up() -> None:
    made = plan(model(CODE), first=("pkg.legacy.old:f",))
    top: Target = made.targets[0]
    assert top.symbol == "pkg.legacy.old:f"
    assert top.risk.reasons[0].text == "pkg.legacy.old:f comes first in pyproject.toml"
    assert top.risk.score == pytest.approx(sum(reason.points for reason in top.risk.reasons))
    assert top.risk.score > max(target.risk.score for target in made.targets[1:])


def test_a_level_may_be_set() -> None:
    made = plan(model(CODE), level={"pkg.a:f": "integration", "pkg/legacy": "api"})
    levels = {target.symbol: (target.level, target.why) for target in made.targets}
    assert levels["pkg.a:f"] == ("integration", "set in pyproject.toml")
    assert levels["pkg.legacy.old:g"] == ("api", "set in pyproject.toml")
    assert levels["pkg.a:K.m"][0] == "unit"


@pytest.mark.parametrize("key", ["skip", "first", "level"])
@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("pkg.a:g", "expected a function of this project, such as pkg.a:f, "),
        ("pkg/legcy/**", "expected a module or a path, such as pkg/legacy/old.py"),
    ],
)
def test_a_pattern_that_fits_nothing_is_one_line(key: str, pattern: str, said: str) -> None:
    value = {pattern: "unit"} if key == "level" else (pattern,)
    with pytest.raises(UsageError) as caught:
        plan(model(CODE), **{key: value})
    assert str(caught.value).startswith(f"pyproject.toml [tool.qtest.plan]: {key} names {pattern!r}; {said}")
