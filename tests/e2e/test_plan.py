"""`qtest plan` as a user calls it. Without --measure nothing of the project is run, so that no sandbox is needed."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from qtest.adapters import sandbox as sandboxes
from qtest.cli import main

SAMPLE = Path(__file__).parents[1] / "samples" / "prices"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "prices"))


def test_the_plan_is_shown_without_a_sandbox(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(sandboxes, "choose")
    assert main(["plan", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "prices.basket:discount" in said
    assert "coverage: not known; --measure" in said


def test_the_plan_as_json_is_all_of_standard_output(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(folder), "--json", "--write", str(folder / "specs")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {target["module"] for target in told["targets"]} == {"prices.basket", "prices.rates"}


def test_written_twice_it_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["plan", str(folder), "--write", str(folder / "specs")]
    assert [main(arguments), main(arguments)] == [0, 0]
    first, second = [line for line in capsys.readouterr().out.splitlines() if "pages written" in line]
    assert first.endswith("3 pages written, 0 unchanged, 0 removed")
    assert second.endswith("0 pages written, 3 unchanged, 0 removed")


def test_asking_for_one_file_keeps_the_pages_of_the_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["plan", str(folder), "--write", str(folder / "specs")]
    assert [main(arguments), main([*arguments, "--only", "prices/basket.py"])] == [0, 0]
    assert capsys.readouterr().out.splitlines()[-1].endswith("1 pages written, 1 unchanged, 0 removed")
    assert (folder / "specs" / "modules" / "prices.rates.md").is_file()


def test_what_cannot_be_read_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "prices" / "broken.py").write_text("def f(:\n")
    assert main(["plan", str(folder), "--write", str(folder / "specs")]) == 0
    assert "not read: prices/broken.py: line 1: " in capsys.readouterr().out
    assert "- Not read: prices/broken.py: line 1: " in (folder / "specs" / "plan.md").read_text()


def test_overrides_stand_in_pyproject(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pyproject.toml").write_text(
        '[tool.qtest.plan]\nskip = ["prices.rates"]\nfirst = ["prices.basket:total"]\n'
    )
    assert main(["plan", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["targets"][0]["symbol"] == "prices.basket:total"
    assert {"symbol": "prices.rates", "reason": "skipped in pyproject.toml"} in told["left_out"]


@pytest.mark.parametrize(
    ("settings", "arguments", "said"),
    [
        (
            'skip = ["prices.basket:totl"]',
            [],
            "skip names 'prices.basket:totl'; expected a function of this project, such as",
        ),
        ('level = {"prices.basket:total" = "unti"}', [], "plan.level.prices.basket:total is 'unti'; input should be"),
        ("", ["--only", "nowhere"], "nowhere: no source file or folder of that name"),
    ],
)
def test_a_mistake_is_one_line(
    folder: Path, settings: str, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.qtest.plan]\n{settings}\n")
    assert main(["plan", str(folder), *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1


@pytest.mark.sandbox
def test_measured_it_knows_what_the_tests_run(
    sandboxed: None, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(folder), "--measure", "--python", sys.executable]) == 0
    said = capsys.readouterr().out
    assert "coverage: the existing tests run " in said
    assert "no test is known" not in said
