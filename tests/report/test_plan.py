"""The plan as people read it, and the folder it is kept in."""

import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from qtest.config import PyramidGuide
from qtest.errors import UsageError
from qtest.languages.python.parse import parse
from qtest.plan.select import select
from qtest.records.baseline import Baseline
from qtest.records.plan import Budget, LeftOut, Reason, Risk, Target, TestPlan
from qtest.records.source import Project
from qtest.records.system import CallEdge, EntryPoint, FileHistory, Flow, Interaction, SystemModel
from qtest.report.pages import MARK, pages
from qtest.report.plan import PlanFacts, pyramid, shared, show
from qtest.report.specs import keep

SAMPLE = Path(__file__).parents[1] / "samples" / "prices"
GOLDEN = Path(__file__).parent / "golden" / "plan"
PROJECT = Project(root="", language="python", name="prices", layout="flat", import_roots=("",))
FACTS = PlanFacts(
    name="prices", coverage="not known; --measure runs the existing tests first", history="12 commits were read"
)


def prices() -> SystemModel:
    """The sample as if it were served over HTTP and kept in a database."""
    paths = ("prices/__init__.py", "prices/basket.py", "prices/rates.py")
    calls = (("prices.basket:Basket.add", "prices.rates:rate_of"), ("prices.rates:rate_of", "prices.rates:table"))
    names = (("POST /basket", "Basket.add"), ("GET /basket", "total"))
    return SystemModel(
        modules=tuple(parse((SAMPLE / path).read_text(), path, PROJECT) for path in paths),
        calls=tuple(CallEdge(caller=caller, callee=callee, line=1) for caller, callee in calls),
        pure=("prices.basket:discount",),
        entries=tuple(
            EntryPoint(kind="endpoint", name=name, symbol=f"prices.basket:{symbol}", path=paths[1], line=1, framework="flask")
            for name, symbol in names
        ),
        interactions=(
            Interaction(symbol="prices.rates:table", kind="database", library="sqlite3", cause="db.execute", line=9),
        ),
        flows=(
            Flow(entry=calls[0][0], chain=(calls[0][0], calls[0][1], calls[1][1]), sink="database (sqlite3)"),
        ),
        histories=(
            FileHistory(path=paths[1], commits=8, fixes=3, recency=5.5, together=((paths[2], 5),)),
            FileHistory(path=paths[2], commits=2, fixes=0, recency=0.4),
        ),
    )  # fmt: skip


def planned(system: SystemModel) -> TestPlan:
    return select(system, Baseline(projects=()), Budget(), ())


def shown(plan: TestPlan, facts: PlanFacts = FACTS, width: int = 120) -> str:
    text = io.StringIO()
    show(plan, facts, Console(file=text, width=width, highlight=False))
    return text.getvalue()


def target(symbol: str, *points: float, module: str = "a") -> Target:
    reasons = tuple(Reason(factor="x", points=point, text=f"reason {point}") for point in points)
    return Target(symbol=symbol, module=module, level="unit", risk=Risk(score=sum(points), reasons=reasons), why="pure")


def test_the_golden_plan() -> None:
    system = prices()
    found = pages(planned(system), system, FACTS)
    assert found == {path.relative_to(GOLDEN).as_posix(): path.read_text() for path in sorted(GOLDEN.rglob("*.md"))}


def test_the_terminal_shows_the_riskiest_first_and_what_holds_for_all_once() -> None:
    text = shown(planned(prices()), width=300)
    scores = [
        float(line.split()[0]) for line in text.splitlines() if line.lstrip()[:1].isdigit() and "targets in" not in line
    ]
    assert scores == sorted(scores, reverse=True)
    assert text.count("no test is known to run it") == 1
    assert "no generator writes them yet" in text
    assert text.splitlines()[0] == "11 targets in 2 modules: 4 unit, 4 integration, 2 API, 1 end-to-end; 2 left out"


def test_a_plan_without_targets_says_so() -> None:
    empty = TestPlan(targets=(), left_out=(LeftOut(symbol="a", reason="has no functions"),))
    assert shown(empty).startswith("no targets; 1 left out\n")
    assert "# Test plan of prices" in pages(empty, SystemModel(modules=()), FACTS)["plan.md"]


def test_levels_near_the_guide_need_no_explanation() -> None:
    found = [target(f"a:f{number}", 1.0) for number in range(8)]
    found += [target("a:g", 1.0).model_copy(update={"level": level}) for level in ("integration", "e2e")]
    said = "80 % unit (guide 70 %), 10 % integration (guide 20 %), 10 % API and end-to-end (guide 10 %)"
    assert pyramid(found, PyramidGuide()) == said


def test_levels_far_from_the_guide_are_explained_by_what_they_follow_from() -> None:
    causes = (
        "through helper, clock: time.time on line 3",
        "clock: time.time on line 9",
        "its calls lead through b and c",
    )
    found = [target("a:f", 1.0).model_copy(update={"level": "integration", "why": why}) for why in causes]
    guide = PyramidGuide(unit=80, integration=10, outside=10)
    assert pyramid(found, guide).endswith("; more integration because clock (2), it leads through other modules (1)")
    assert "pyramid: 0 % unit (guide 80 %)" in shown(TestPlan(targets=tuple(found)), replace(FACTS, guide=guide))


def test_more_than_a_screen_is_cut_and_says_so() -> None:
    assert "and 5 more;" in shown(TestPlan(targets=tuple(target(f"a:f{number}", 1.0) for number in range(35))))


def test_only_what_all_of_several_have_is_shared() -> None:
    assert [reason.points for reason in shared([target("a:f", 1.0, 2.0), target("a:g", 2.0)])] == [2.0]
    assert shared([target("a:f", 1.0)]) == ()


def test_names_of_code_cannot_break_the_page() -> None:
    evil = target("a|b`:x\u202e|y", 1.0, module="a|b`").model_copy(update={"why": "<script>|`*_x_"})
    text = pages(TestPlan(targets=(evil,)), SystemModel(modules=()), FACTS)["plan.md"]
    row = next(line for line in text.splitlines() if line.startswith("| 1.0"))
    assert row.replace("\\|", "").count("|") == 6
    assert "\u202e" not in text


@given(st.lists(st.sampled_from(("a", "A", "a/b", "a.b", "../..", "é", "ä", "", "x y", "~")), unique=True, max_size=9))
def test_every_module_has_a_page_of_its_own_inside_the_folder(names: list[str]) -> None:
    plan = TestPlan(targets=tuple(target(f"{name}:f", 1.0, module=name) for name in names))
    found = pages(plan, SystemModel(modules=()), FACTS)
    assert len({path.lower() for path in found}) == len(names) + 1
    assert all(".." not in path and path.count("/") <= 1 for path in found)


def text_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def sheets(names: Iterable[str], said: str = "x") -> dict[str, str]:
    return dict.fromkeys(names, f"{MARK}\n{said}\n")


def test_only_what_changed_is_written_and_what_is_stale_goes(tmp_path: Path) -> None:
    names = ("plan.md", "modules/a.md", "modules/b.md")
    assert keep(sheets(names), tmp_path).written == names
    before = (tmp_path / "plan.md").stat().st_mtime_ns
    again = keep({**sheets(names[:1]), **sheets(names[1:2], "y")}, tmp_path)
    assert (again.written, again.unchanged, again.removed) == (names[1:2], names[:1], names[2:])
    assert (tmp_path / "plan.md").stat().st_mtime_ns == before
    assert text_of(tmp_path) == {**sheets(names[:1]), **sheets(names[1:2], "y")}


def test_files_of_others_are_neither_overwritten_nor_removed(tmp_path: Path) -> None:
    theirs = {"modules/notes.md": "mine\n", "README.md": "mine\n"}
    (tmp_path / "modules").mkdir()
    for path, text in theirs.items():
        (tmp_path / path).write_text(text)
    keep(sheets(("plan.md",)), tmp_path)
    assert text_of(tmp_path) == {**theirs, **sheets(("plan.md",))}
    with pytest.raises(UsageError, match=r"modules/notes\.md was not written by QTest"):
        keep(sheets(("plan.md", "modules/notes.md"), "z"), tmp_path)
    assert text_of(tmp_path) == {**theirs, **sheets(("plan.md",))}


def test_pages_of_what_was_not_asked_for_stay(tmp_path: Path) -> None:
    names = ("plan.md", "modules/a.md", "modules/b.md", "modules/gone.md")
    keep(sheets(names), tmp_path)
    assert keep(sheets(names[:2]), tmp_path, others=names[:3]).removed == names[3:]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_not_replaced_and_not_removed(tmp_path: Path, there: bool) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    if there:
        elsewhere.write_text(f"{MARK}\nx\n")
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "plan.md").symlink_to(elsewhere)
    with pytest.raises(UsageError, match=r"plan\.md was not written by QTest"):
        keep(sheets(("plan.md",)), folder)
    assert keep({}, folder).removed == ()
    assert (folder / "plan.md").is_symlink()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written to"):
        keep(sheets(("plan.md",)), tmp_path / "file")


def test_line_ends_of_a_checkout_keep_a_page_ours(tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_bytes(f"{MARK}\r\nold\r\n".encode())
    assert keep(sheets(("plan.md",)), tmp_path).written == ("plan.md",)
