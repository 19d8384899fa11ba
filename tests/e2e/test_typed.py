"""`qtest mutate --type-check` on a small typed project."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from qtest.cli import main
from qtest.mutation.score import score
from qtest.records.mutant import Refused, Verdict
from qtest.records.mutation import MutationReport
from qtest.report.mutation.files import read

pytestmark = pytest.mark.sandbox

FILES = {
    "pyproject.toml": '[project]\nname = "till"\nversion = "1"\n[tool.qtest.mutate]\ntype_check = "mypy"\n',
    "typed.py": 'def fee(amount: int) -> int:\n    if amount > 10:\n        return 2\n    return 1\n\n\ndef tag(text: str) -> str:\n    return "<" + text\n',
    "wrong.py": 'def name(amount: int) -> int:\n    return "a"\n',
    "test_till.py": (
        "import typed\nimport wrong\n\n\n"
        "def test_fee():\n    assert typed.fee(20) == 2\n    assert typed.fee(1) == 1\n    assert typed.tag('a') == '<a'\n\n\n"
        "def test_name():\n    assert wrong.name(1) == 'a'\n"
    ),
}


def judge(folder: Path, out: Path, *more: str) -> MutationReport:
    assert (
        main(["mutate", str(folder), "--out", str(out), "--store", str(out / "store"), "--inline", "--ask", "0", *more])
        == 0
    )
    return read(out)


@pytest.fixture(scope="module")
def folder(sandboxed: None, project: Callable[[Mapping[str, str]], Path]) -> Path:
    return project(FILES)


@pytest.fixture(scope="module")
def out(folder: Path) -> Path:
    judge(folder, folder.parent / "out")
    return folder.parent / "out"


def refused(report: MutationReport) -> dict[str, Verdict]:
    return {one.mutant.id: one for one in report.verdicts if isinstance(one.result, Refused)}


def test_a_refused_mutant_is_counted_and_listed_and_neither_dead_nor_alive(out: Path) -> None:
    report = read(out)
    aside = refused(report)
    assert {one.mutant.path for one in aside.values()} == {"typed.py"}
    assert {one.mutant.symbol for one in aside.values()} == {"typed:tag"}
    assert any(
        isinstance(one.result, Refused) and "Incompatible return" in one.result.message for one in aside.values()
    )
    told = score(report.verdicts)
    assert told.counted + told.unclear + len(aside) == len(report.verdicts)
    assert not {one.id for one in report.alive} & {one.id for one in aside.values()}
    assert all(one.how == "not run" for one in aside.values())


def test_with_and_without_the_switch_the_other_verdicts_are_the_same(folder: Path, out: Path) -> None:
    text = FILES["pyproject.toml"]
    (folder / "pyproject.toml").write_text(text.replace('"mypy"', '""'))
    plain = judge(folder, out / "plain")
    switched = judge(folder, out / "switched", "--type-check")
    (folder / "pyproject.toml").write_text(text)
    aside = refused(switched)
    assert aside.keys() == refused(read(out)).keys()
    assert not refused(plain)
    ends = {one.mutant.id: one.result.status for one in plain.verdicts}
    assert {one.mutant.id: one.result.status for one in switched.verdicts if one.mutant.id not in aside} == {
        name: status for name, status in ends.items() if name not in aside
    }
    assert aside.keys() < ends.keys()


def test_a_module_that_the_checker_refuses_as_it_is_is_named_and_sets_nothing_aside(out: Path) -> None:
    said = [problem.reason for problem in read(out).problems if problem.path == "wrong.py"]
    assert len(said) == 1
    assert said[0].startswith("--type-check sets no mutant of it aside: it is refused without any mutant: Incompatible")
    assert any(one.mutant.path == "wrong.py" and one.result.status == "killed" for one in read(out).verdicts)


def test_every_report_tells_refused_mutants_apart(out: Path) -> None:
    report = read(out)
    names = {one.stable for one in refused(report).values()}
    folder = out / "qtest-mutation"
    schema = json.loads((folder / "mutation.json").read_text())["files"]["typed.py"]["mutants"]
    assert {one["id"] for one in schema if one["status"] == "CompileError"} == names
    cases = ET.fromstring((folder / "junit.xml").read_text()).iter("testcase")
    assert {case.get("name", "").split()[0] for case in cases if case.find("skipped") is not None} == names
    page = (folder / "report.html").read_text()
    assert all(name in page for name in names)


def test_an_audit_asks_about_no_refused_mutant(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(out), "--sample", "3"]) == 0
    assert "refused" not in capsys.readouterr().out
