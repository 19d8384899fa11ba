"""What is planned, in which order, with how much of the budget, and what a writer is told."""

import pytest

from qtest.errors import UsageError
from qtest.languages.python.parse import parse
from qtest.plan.brief import briefs
from qtest.plan.risk import coverage_of, rank
from qtest.plan.select import select
from qtest.plan.shares import shares_of
from qtest.records.baseline import Baseline, FileCoverage, FileLines, ProjectBaseline, Suite, SuiteRun, TestCoverage
from qtest.records.file import TestStyle
from qtest.records.plan import Brief, Budget, TestPlan
from qtest.records.source import Project
from qtest.records.system import CallEdge, SystemModel, Usage

PROJECT = Project(root="", language="python", name="p", layout="flat", import_roots=("",))
BRANCHY = (
    "def busy(x):\n"
    + "".join(f"    if x == {n}:\n        return {n}\n" for n in range(9))
    + "def calm(x):\n    return x\n"
)


def system(files: dict[str, str], *calls: tuple[str, str]) -> SystemModel:
    modules = sorted((parse(text, path, PROJECT) for path, text in files.items()), key=lambda module: module.name)
    return SystemModel(
        modules=tuple(modules), calls=tuple(CallEdge(caller=caller, callee=callee, line=1) for caller, callee in calls)
    )


def baseline(run: SuiteRun | None = None, usable: tuple[str, ...] = (), problem: str = "") -> Baseline:
    suite = Suite(project="", command=(), measured=run or SuiteRun(), usable=usable)
    return Baseline(projects=(ProjectBaseline(setting=None, suite=suite, problem=problem),))


def plan(model: SystemModel, *only: str, budget: Budget | None = None) -> TestPlan:
    return select(model, baseline(), budget or Budget(), only)


def reasons(model: SystemModel) -> dict[str, str]:
    return {item.symbol: item.reason for item in plan(model).left_out}


def test_the_riskiest_comes_first_and_its_points_add_up() -> None:
    model = system({"a.py": BRANCHY})
    assert [target.symbol for target in plan(model).targets] == ["a:busy", "a:calm"]
    for target in plan(model).targets:
        assert target.risk.score == pytest.approx(sum(reason.points for reason in target.risk.reasons))
        assert target.risk.reasons


def test_each_kind_of_risk_gives_its_reason() -> None:
    text = "def pay(x):\n    if x:\n        raise ValueError('x')\n    print(x)\n"
    risk = rank(system({"a.py": text}, ("b:f", "a:pay")), {"a:pay": 0.25})["a:pay"]
    assert [reason.factor for reason in risk.reasons] == [
        "complexity",
        "fan-in",
        "coverage",
        "domain",
        "effects",
        "errors",
    ]


def test_covered_code_is_less_risky() -> None:
    model = system({"a.py": BRANCHY})
    whole = FileCoverage(path="a.py", statements=tuple(range(1, 22)), executed=tuple(range(1, 22)))
    run = SuiteRun(files=(whole,))
    assert coverage_of(model, baseline(run)) == {"a:busy": 1.0, "a:calm": 1.0}
    assert rank(model, coverage_of(model, baseline(run)))["a:busy"].score < rank(model, {})["a:busy"].score


def test_modules_stand_together_in_the_order_of_their_riskiest_target() -> None:
    model = system({"a.py": "def one(x):\n    return x\n", "b.py": BRANCHY})
    assert [target.module for target in plan(model).targets] == ["b", "b", "a"]


def test_code_that_leans_on_the_world_asks_for_an_integration_test() -> None:
    text = "def pure(x):\n    return x\ndef reads(p):\n    return open(p).read()\ndef fills(x):\n    x.append(1)\n"
    levels = {target.symbol: target.level for target in plan(system({"a.py": text})).targets}
    assert levels == {"a:pure": "unit", "a:reads": "integration", "a:fills": "unit"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("sys.exit(1)", "ends the process"),
        ("os._exit(1)", "ends the process"),
        ("os.kill(1, 9)", "signals or starts processes"),
        ("return input()", "waits for input"),
        ("subprocess.run(['x'])", "starts processes"),
        ("socketserver.TCPServer(x, y)", "needs a network"),
        ("_quit()", "through _quit"),
    ],
)
def test_the_dangerous_is_left_out_with_a_reason(body: str, words: str) -> None:
    text = f"import os, sys, subprocess, socketserver\ndef f(x, y):\n    {body}\ndef _quit():\n    sys.exit(2)\n"
    calls = [("a:f", "a:_quit")] if "_quit" in body else []
    assert words in reasons(system({"a.py": text}, *calls))["a:f"]


def test_a_private_function_is_tested_through_public_ones_when_there_are_any() -> None:
    text = (
        "def f():\n    return _g()\ndef _g():\n    return _h()\ndef _h():\n    return 1\ndef _alone():\n    return 2\n"
    )
    model = system({"a.py": text}, ("a:f", "a:_g"), ("a:_g", "a:_h"))
    assert reasons(model) == {"a:_g": "private, tested through f", "a:_h": "private, tested through f"}
    assert {target.symbol for target in plan(model).targets} == {"a:f", "a:_alone"}


def test_modules_that_cannot_be_tested_are_left_out_whole() -> None:
    function = "def f():\n    return 1\n"
    model = system(
        {
            "p/__main__.py": function,
            "p/tests/help.py": function,
            "p/conftest.py": function,
            "p/my-script.py": function,
            "p/empty.py": "X = 1\n",
            "p/bad.py": f"import sys\nsys.exit(1)\n{function}",
            "p/run.py": "def main():\n    return 1\nif __name__ == '__main__':\n    main()\n",
            "p/good.py": function,
        }
    )
    assert {target.symbol for target in plan(model).targets} == {"p.good:f"}
    assert set(reasons(model)) == {
        "p.__main__",
        "p.tests.help",
        "p.conftest",
        "p.my-script",
        "p.empty",
        "p.bad",
        "p.run",
    }


def test_a_project_without_an_environment_is_left_out_with_its_problem() -> None:
    made = select(system({"a.py": BRANCHY}), baseline(problem="no Python 2"), Budget(), ())
    assert (made.targets, made.left_out[0].reason) == ((), "no Python 2")


@pytest.mark.parametrize("only", ["pkg/a.py", "pkg", "./pkg/", "pkg/*.py", "."])
def test_files_folders_and_globs_choose(only: str) -> None:
    model = system({"pkg/a.py": BRANCHY})
    assert len(plan(model, only).targets) == 2


def test_a_path_that_fits_nothing_is_named_with_near_ones() -> None:
    model = system({"pkg/alpha.py": BRANCHY, "pkg/beta.py": BRANCHY, "pkg/gamma.py": BRANCHY})
    with pytest.raises(UsageError, match=r"^pkg/alfa\.py: no source file.*nearest are pkg/alpha\.py, [^,]+, [^,]+$"):
        plan(model, "pkg/alfa.py")


@pytest.mark.parametrize("total", [0, 1, 7, 1000])
def test_shares_add_up_and_follow_the_amount_of_code(total: int) -> None:
    model = system({"a.py": BRANCHY, "b.py": "def f(x):\n    return x\n", "c.py": "def f(x):\n    return x\n"})
    made = plan(model, budget=Budget(wall_s=60.0, evaluations=total))
    shares = shares_of(made, model)
    assert sum(share.evaluations or 0 for share in shares.values()) == total
    assert sum(share.wall_s or 0 for share in shares.values()) == pytest.approx(60)
    assert (shares["a"].wall_s or 0) > (shares["b"].wall_s or 0) > 60 / 3 / 4


def told(files: dict[str, str], found: Baseline | None = None, style: TestStyle | None = None) -> dict[str, Brief]:
    model = system({path: text for path, text in files.items() if "test" not in path})
    ground = found or baseline()
    made = select(model, ground, Budget(wall_s=1.0), ())
    return {
        brief.module.name: brief
        for brief in briefs(model, ground, made, files.__getitem__, lambda root: style or TestStyle(), "7")
    }


def test_a_brief_tells_of_neighbours_and_siblings() -> None:
    files = {
        "p/a.py": "from p.b import Thing\ndef f(x: Thing) -> int:\n    return 1\n",
        "p/b.py": "from p.c import K\nclass Thing:\n    def __init__(self, k): self.k = k\n",
        "p/c.py": "from p.d import L\nK = 1\ndef g(): return K\n",
        "p/d.py": "L = 1\ndef h(): return L\n",
    }
    brief = told(files)["p.a"]
    assert [symbol.id for symbol in brief.neighbours] == ["p.b:Thing", "p.b:Thing.__init__"]
    assert [sibling.module for sibling in brief.siblings] == ["p.b", "p.c"]
    assert (brief.source, brief.seed) == (files["p/a.py"], "7")


def test_test_files_have_names_that_nothing_else_wears() -> None:
    function = "def f(): return 1\n"
    files = {
        "p/core.py": function,
        "p/sub/core.py": function,
        "p/_x.py": function,
        "p/y.py": function,
        "p/z.py": function,
        "tests/test_y.py": "",
    }
    ground = baseline(usable=("tests/unit/test_z.py::test_f",))
    paths = {name: brief.test_path for name, brief in told(files, ground).items()}
    assert paths == {
        "p.core": "tests/test_p_core.py",
        "p.sub.core": "tests/test_sub_core.py",
        "p._x": "tests/test_x.py",
        "p.y": "tests/test_y_qtest.py",
        "p.z": "tests/test_z_qtest.py",
    }
    other = TestStyle(folder="", name_pattern="{module}_test.py")
    assert told({"a.py": function}, style=other)["a"].test_path == "a_test.py"


def test_existing_tests_are_those_that_ran_a_line_or_wear_the_name() -> None:
    ran = TestCoverage(node="tests/t.py::one", outcome="passed", lines=(FileLines(path="a.py", lines=(1,)),))
    ground = baseline(
        SuiteRun(tests=(ran,)), usable=("tests/t.py::one", "tests/test_a.py::two", "tests/test_b.py::three")
    )
    assert told({"a.py": "def f(): return 1\n"}, ground)["a"].existing_tests == (
        "tests/t.py::one",
        "tests/test_a.py::two",
    )


def test_no_symbol_crowds_out_the_usages_of_another() -> None:
    model = system({"a.py": BRANCHY})
    crowd = [Usage(symbol="a:busy", origin="call site", place=f"b.py:{line}", text="") for line in range(900)]
    last = Usage(symbol="a:calm", origin="call site", place="b.py:901", text="")
    model = model.model_copy(update={"usages": (*crowd, last)})
    brief = next(briefs(model, baseline(), plan(model), {"a.py": BRANCHY}.__getitem__, lambda root: TestStyle(), "0"))
    assert last in brief.usages
    assert len(brief.usages) <= 400
