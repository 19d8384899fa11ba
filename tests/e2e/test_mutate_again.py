"""`qtest mutate` on small projects: which mutants are judged, what is remembered, and what is said of suites that prove nothing."""

import json
import shutil
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from qtest.cli import main
from qtest.records.mutation import MutationReport
from qtest.wiring import fetcher

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("sandboxed")]

PRICES = Path(__file__).parent.parent / "samples" / "prices"
CUT_OFF = Path(__file__).with_name("cut_off.py")
SETTINGS = '[project]\nname = "ab"\nversion = "1"\n[tool.setuptools]\npy-modules = ["a", "b"]\n'
TWO = {
    "pyproject.toml": SETTINGS,
    "conftest.py": "",
    "a.py": "def clip(x):\n    if x > 10:\n        return 10\n    return x\n",
    "b.py": "def area(w, h):\n    if w < 0:\n        raise ValueError(w)\n    return w * h\n",
    "tests/test_a.py": "import a\n\n\ndef test_clip():\n    assert a.clip(11) == 10\n    assert a.clip(3) == 3\n",
    "tests/test_b.py": "import b\n\n\ndef test_area():\n    assert b.area(2, 3) == 6\n",
}
Mutate = Callable[..., tuple[int, MutationReport]]


def laid(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def read(out: Path) -> MutationReport:
    return MutationReport.from_json((out / "qtest-mutation" / "report.json").read_text())


def known(report: MutationReport) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        verdict.mutant.id: (verdict.result.status, getattr(verdict.result, "by", ())) for verdict in report.verdicts
    }


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return laid(tmp_path / "two", TWO)


@pytest.fixture
def mutate(tmp_path: Path) -> Mutate:
    """Runs it in this process; its exit code and its report, each in a folder of its own."""
    outs: list[Path] = []

    def run(folder: Path, *arguments: str) -> tuple[int, MutationReport]:
        outs.append(tmp_path / f"out-{len(outs)}")
        code = main(["mutate", str(folder), "--inline", "--ask", "0", "--out", str(outs[-1]), *arguments])
        return code, read(outs[-1])

    return run


def test_a_second_run_on_the_same_files_judges_nothing_and_says_so(
    two: Path, mutate: Mutate, capsys: pytest.CaptureFixture[str]
) -> None:
    _, first = mutate(two)
    capsys.readouterr()
    code, second = mutate(two)
    said = capsys.readouterr().out
    total = sum(status != "no coverage" for status, _ in known(first).values())
    assert (code, first.remembered, second.remembered) == (0, 0, total)
    assert f"{total} of {total} verdicts are remembered" in said
    assert known(second) == known(first)
    assert second.controls == first.controls
    assert sum(f"remembered from run {first.run}" in verdict.proof for verdict in second.verdicts) == total
    _, fresh = mutate(two, "--fresh")
    assert (fresh.remembered, known(fresh)) == (0, known(first))


def test_a_change_judges_again_only_what_it_may_change(two: Path, mutate: Mutate) -> None:
    mutate(two)
    (two / "b.py").write_text(TWO["b.py"].replace("w * h", "h * w"))
    _, second = mutate(two)
    remembered = {module.module: module.remembered for module in second.modules}
    assert remembered == {"a": len(second.modules[0].verdicts), "b": 0}
    assert known(second) == known(mutate(two, "--fresh")[1])


def test_of_a_file_with_a_change_the_other_functions_are_remembered(two: Path, mutate: Mutate) -> None:
    both = TWO["a.py"] + "\n\ndef double(x):\n    return x * 2\n"
    tests = TWO["tests/test_a.py"] + "\n\ndef test_double():\n    assert a.double(3) == 6\n"
    laid(two, {"a.py": both, "tests/test_a.py": tests})
    mutate(two, "--only", "a.py")
    changed = "# a line more\n" + both.replace("x * 2", "x + x")
    laid(two, {"a.py": changed, "tests/test_a.py": "# here too\n" + tests})
    _, second = mutate(two, "--only", "a.py")
    remembered = {verdict.mutant.symbol for verdict in second.verdicts if "remembered" in verdict.proof}
    judged = {verdict.mutant.symbol for verdict in second.verdicts if "remembered" not in verdict.proof}
    assert (remembered, judged) == ({"a:clip"}, {"a:double"})
    assert known(second) == known(mutate(two, "--only", "a.py", "--fresh")[1])


def test_a_better_test_judges_its_own_mutants_again(two: Path, mutate: Mutate) -> None:
    _, first = mutate(two)
    more = "\n\ndef test_negative():\n    try:\n        b.area(-1, 1)\n    except ValueError:\n        return\n    assert False\n"
    (two / "tests/test_b.py").write_text(TWO["tests/test_b.py"] + more)
    _, second = mutate(two)
    assert sum(status == "killed" for status, _ in known(second).values()) > sum(
        status == "killed" for status, _ in known(first).values()
    )
    again = {verdict.mutant.line for verdict in second.verdicts if "remembered" not in verdict.proof}
    assert again == {2, 3}  # of `area`, those that the new test runs
    assert known(second) == known(mutate(two, "--fresh")[1])


def test_damaged_rows_are_judged_again(two: Path, mutate: Mutate, tmp_path: Path) -> None:
    _, first = mutate(two)
    (file,) = (tmp_path / "qtest-store").rglob("*.duckdb")
    with duckdb.connect(str(file)) as connection:
        connection.execute("UPDATE judged_mutants SET record = replace(record, '\"failing\"', '\"finished\"')")
    code, second = mutate(two)
    assert (code, second.remembered, known(second)) == (0, 0, known(first))


def test_code_in_other_languages_is_left_alone(two: Path, mutate: Mutate) -> None:
    (two / "fast.c").write_text("int clip(int x) {\n    return x > 10 ? 10 : x;\n}\n")
    code, report = mutate(two, "--sample", "4")
    assert (code, [module.module for module in report.modules]) == (0, ["a", "b"])


def test_shards_merged_are_the_whole(two: Path, mutate: Mutate, tmp_path: Path) -> None:
    _, whole = mutate(two)
    for part in (1, 2):
        code, shard = mutate(two, "--shard", f"{part}/2", "--fresh")
        assert (code, shard.shard) == (0, f"{part}/2")
        assert 0 < len(shard.verdicts) < len(whole.verdicts)
    assert main(["merge", str(tmp_path / "out-2"), str(tmp_path / "out-1"), "--out", str(tmp_path / "all")]) == 0
    merged = read(tmp_path / "all")
    assert [verdict.mutant.id for verdict in merged.verdicts] == [verdict.mutant.id for verdict in whole.verdicts]
    assert known(merged) == known(whole)
    assert (merged.red, merged.shard, [module.made for module in merged.modules]) == (
        "", "", [module.made for module in whole.modules],
    )  # fmt: skip


def test_a_sample_is_of_that_many_and_says_how_many_were_left_out(two: Path, mutate: Mutate) -> None:
    _, report = mutate(two, "--sample", "5")
    assert len(report.verdicts) + sum(module.same_code for module in report.modules) == 5
    assert sum(module.sampled_out for module in report.modules) == sum(module.made for module in report.modules) - 5
    assert report.controls.no_op_total == report.controls.no_op_alive > 0


def committed(folder: Path) -> None:
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=A", "-c", "user.email=a@x", "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def test_only_mutants_on_lines_that_changed_also_below_the_top_of_a_repository(mutate: Mutate, tmp_path: Path) -> None:
    folder = laid(tmp_path / "top" / "below", TWO)
    committed(folder.parent)
    (folder / "b.py").write_text(TWO["b.py"].replace("w < 0", "w < 1"))
    code, report = mutate(folder, "--since", "HEAD")
    assert (code, [module.module for module in report.modules]) == (0, ["b"])
    assert {verdict.mutant.line for verdict in report.verdicts} == {2}
    assert report.modules[0].unchanged == report.modules[0].made - len(report.verdicts)
    assert report.controls.no_op_total == 1


def test_nothing_changed_is_green_and_said(two: Path, mutate: Mutate, capsys: pytest.CaptureFixture[str]) -> None:
    committed(two)
    (two / "tests/test_a.py").write_text(TWO["tests/test_a.py"] + "\n# more\n")
    code, report = mutate(two, "--since", "HEAD", "--floor", "0.9")
    assert (code, report.red, report.note) == (0, "", "nothing that can be mutated has changed since HEAD")
    assert report.note in capsys.readouterr().out


@pytest.mark.parametrize(
    ("target", "since", "said"),
    [
        ("two", "nowhere", "there is no such commit"),
        ("plain", "HEAD", "is no git repository"),
        ("pypi:isodate", "HEAD", "is fetched and has no work tree"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(
    two: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str, since: str, said: str
) -> None:
    committed(two)
    laid(tmp_path / "plain", TWO)
    spec = target if target.startswith("pypi") else str(tmp_path / target)
    assert main(["mutate", spec, "--inline", "--since", since, "--out", str(tmp_path / "out")]) == 2
    (last,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("qtest: ")]
    assert said in last


PASSING = "import a\n\n\ndef test_clip():\n    assert a.clip(11) == 10\n"
FLAKY = PASSING + "\n\ndef test_chance():\n    import os\n    assert os.environ['PYTHONHASHSEED'] != '1'\n"
SERVICE = "import socket\n\nimport a\n\n\ndef test_clip():\n    with socket.create_connection(('127.0.0.1', 1), 1):\n        assert a.clip(11) == 10\n"


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        (PASSING + "\n\ndef test_wrong():\n    assert a.clip(1) == 2\n", "test_wrong first: AssertionError"),
        (FLAKY, "1 of its tests fail or are flaky and are left aside"),
        (SERVICE, "test_clip first: ConnectionRefusedError"),
        ("import a\n", "no tests were collected"),
        ("import nothing_of_that_name\n", "nothing_of_that_name"),
        ("def test_other():\n    assert True\n", "no test runs any of the mutated code"),
        (None, "there are no tests"),
    ],
    ids=["failing", "flaky", "service", "empty", "broken", "elsewhere", "none"],
)
def test_a_suite_that_proves_nothing_is_red_with_the_reason(
    mutate: Mutate, tmp_path: Path, capsys: pytest.CaptureFixture[str], tests: str | None, said: str
) -> None:
    files = {"pyproject.toml": SETTINGS, "conftest.py": "", "a.py": TWO["a.py"]}
    code, report = mutate(laid(tmp_path / "bad", files | ({"tests/test_a.py": tests} if tests else {})))
    assert code == 1
    assert said in report.red
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("red: ")] == [f"red: {report.red}"]


def test_code_of_which_no_mutant_can_be_made_is_red(mutate: Mutate, tmp_path: Path) -> None:
    files = {
        "pyproject.toml": SETTINGS,
        "conftest.py": "",
        "a.py": "",
        "tests/test_a.py": "def test_a():\n    import a\n",
    }
    code, report = mutate(laid(tmp_path / "bare", files))
    assert (code, report.red) == (1, "no mutant could be made of the code that was asked for")


def test_a_suite_that_depends_on_its_order_is_judged_in_it(mutate: Mutate, tmp_path: Path) -> None:
    tests = "import a\n\nSEEN = []\n\n\ndef test_first():\n    SEEN.append(a.clip(11))\n\n\ndef test_second():\n    assert SEEN == [10]\n"
    files = {"pyproject.toml": SETTINGS, "conftest.py": "", "a.py": TWO["a.py"], "tests/test_a.py": tests}
    code, report = mutate(laid(tmp_path / "order", files))
    assert (code, report.red) == (0, "")
    assert "test_second would fail" in report.suites[0].reason
    assert {"tests/test_a.py::test_second"} == {node for _, nodes in known(report).values() for node in nodes}


def test_parameters_from_a_set_are_no_reason_to_be_red(mutate: Mutate, tmp_path: Path) -> None:
    tests = textwrap.dedent("""
        from datetime import date

        import pytest

        import a

        CASES = {(f"text {number}", date(2000, 1, number)) for number in range(5, 16)}


        @pytest.mark.parametrize("text,day", CASES)
        def test_clip(text, day):
            assert a.clip(day.day) == min(day.day, 10)
        """)
    files = {
        "pyproject.toml": SETTINGS,
        "conftest.py": "",
        "a.py": "TOP = 10\n" + TWO["a.py"].replace("10", "TOP"),
        "tests/test_a.py": tests,
    }
    code, report = mutate(laid(tmp_path / "sets", files))
    assert (code, report.red, report.suites[0].unusable) == (0, "", 0)
    assert {verdict.how for verdict in report.verdicts} == {"swap", "fresh import"}
    assert {status for status, _ in known(report).values()} == {"killed", "survived"}


def test_a_run_that_was_killed_goes_on_where_it_was(two: Path, mutate: Mutate, tmp_path: Path) -> None:
    store, out = tmp_path / "qtest-store", tmp_path / "out-killed"
    ended = subprocess.run([sys.executable, CUT_OFF, two, "killed", store, out, "12"], capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr.decode()
    assert main(["resume", "killed"]) == 0
    report = read(out)
    assert (report.run, report.status) == ("killed", "completed")
    assert report.remembered == sum("remembered from run killed" in verdict.proof for verdict in report.verdicts) > 0
    assert known(report) == known(mutate(two, "--fresh")[1])


def test_twenty_verdicts_of_a_sample_project_are_those_of_cold_runs(
    mutate: Mutate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(PRICES, tmp_path / "prices", ignore=shutil.ignore_patterns("__pycache__"))
    mutate(folder)
    capsys.readouterr()
    code = main(["audit", str(tmp_path / "out-0"), "--sample", "20"])
    said = capsys.readouterr().out
    assert (code, said.splitlines()[-1]) == (0, "20 verdicts re-judged, 0 disagree"), said


def test_a_false_verdict_is_found_by_an_audit(
    two: Path, mutate: Mutate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mutate(two)
    path = tmp_path / "out-0" / "qtest-mutation" / "report.json"
    report = json.loads(path.read_text())
    verdicts = [verdict for module in report["modules"] for verdict in module["verdicts"]]
    forged = next(verdict for verdict in verdicts if verdict["result"]["status"] == "killed")
    forged["result"] = {"status": "survived", "tests": 1}
    path.write_text(json.dumps(report))
    assert main(["audit", str(path.parent.parent), "--sample", str(len(verdicts))]) == 1
    said = capsys.readouterr().out
    assert f"DISAGREE {forged['id']}" in said
    assert f"qtest replay {forged['id']} --from {path.parent.parent}" in said


def test_files_that_have_changed_are_not_audited(
    two: Path, mutate: Mutate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mutate(two)
    (two / "a.py").write_text(TWO["a.py"] + "\n")
    assert main(["audit", str(tmp_path / "out-0")]) == 2
    assert "has changed since this report was made" in capsys.readouterr().err


@pytest.mark.soak
@pytest.mark.network
@pytest.mark.parametrize("package", ["isodate", "inflection", "python-slugify", "humanize", "toolz"])
def test_sixty_verdicts_of_a_package_are_those_of_cold_runs(
    mutate: Mutate, tmp_path: Path, capsys: pytest.CaptureFixture[str], package: str
) -> None:
    code = main(["mutate", f"pypi:{package}", "--inline", "--sample", "400", "--out", str(tmp_path / "out")])
    assert code == 0, read(tmp_path / "out").red
    capsys.readouterr()
    code = main(["audit", str(tmp_path / "out"), "--sample", "60"])
    assert code == 0, capsys.readouterr().out


@pytest.mark.network
def test_verdicts_of_a_package_with_an_extension_of_its_own_are_those_of_cold_runs(
    mutate: Mutate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Built in place, as its authors have it. One of its tests is too slow where others compute too."""
    folder = built(tmp_path, "pypi:markupsafe")
    _, report = mutate(folder, "--sample", "60", "--allow-red", "--python", sys.executable)
    assert {"killed", "survived"} <= {verdict.result.status for verdict in report.verdicts}
    assert any("markupsafe._speedups" in node for node in report.tests)
    capsys.readouterr()
    assert main(["audit", str(tmp_path / "out-0"), "--sample", "10"]) == 0, capsys.readouterr().out


def built(scratch: Path, spec: str) -> Path:
    """The source archive, with the compiled modules that the wheel has."""
    fetched = fetcher(scratch / "cache").fetch(spec)
    folder = shutil.copytree(fetched.folder, scratch / "built")
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(scratch)]
    subprocess.run([*command, fetched.revision.name], check=True, capture_output=True)
    (wheel,) = scratch.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "src", [name for name in archive.namelist() if name.endswith(".so")])
    return folder
