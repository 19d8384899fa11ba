"""What a user can ask of `qtest run`, and how it ends: thresholds, JSON, an interrupt, no sandbox, and mistakes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qtest.cli import main

if TYPE_CHECKING:
    from conftest import Ran

pytestmark = pytest.mark.sandbox

PROJECT_TABLE = '[project]\nname = "shop"\nversion = "1"\n'
HALF = "def half(number: int) -> int:\n    return number // 2\n"
PRICE = "def price(number: int) -> int:\n    return number + 1\n"
PRICE_FIRST = '[tool.qtest.plan]\nfirst = ["shop.price"]\n'
# one mutant is never killed, and a search that stalls counts CPU, which sleeping does not take: it goes on for hours
LONG = """import time


def echo(text: str) -> str:
    time.sleep(0.05)
    return text[: 10**6]
"""
SPIN = "def spin(number: int) -> int:\n    while True:\n        number += 1\n"
PROJECT = {"pyproject.toml": PROJECT_TABLE, "shop/__init__.py": "", "shop/half.py": HALF}


def test_a_missed_threshold_is_exit_code_1_and_json_is_all_that_is_printed(
    project: Callable[[Mapping[str, str]], Path], qtest_run: "Callable[..., Ran]"
) -> None:
    folder = project({**PROJECT, "shop/spin.py": SPIN})
    run = qtest_run(folder, "--standalone", "--evaluations", "60", "--floor", "1", "--json")
    assert (run.code, run.errors) == (1, "")
    *progress, report = [json.loads(line) for line in run.said.splitlines()]
    assert {"fetch", "read", "write", "assemble"} <= {line["stage"] for line in progress}
    assert report == run.report
    assert report["files"] == ["out/tests/test_half.py", "out/qtest-proof.json"]


def test_an_interrupt_is_exit_code_130_and_leaves_what_was_proven(
    sandboxed: None, project: Callable[[Mapping[str, str]], Path]
) -> None:
    folder = project(
        {
            "pyproject.toml": PROJECT_TABLE + PRICE_FIRST,
            "shop/__init__.py": "",
            "shop/price.py": PRICE,
            "shop/long.py": LONG,
        }
    )
    command = [sys.executable, "-m", "qtest", "run", "project", "--inline", "--out", "out", "--standalone", "--json"]
    with subprocess.Popen(
        [*command, "--evaluations", "1000000"],
        cwd=folder.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    ) as process:
        assert process.stdout and process.stderr
        written = folder.parent / "out" / "tests" / "test_price.py"
        while process.poll() is None and not written.exists():
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        *_, last = process.stdout
        assert process.wait() == 130
        assert process.stderr.read() == ""
    report = json.loads(last)
    assert (report["status"], report["note"]) == ("partial", "interrupted: this is what was proven until then")
    assert report == json.loads((folder.parent / "out" / "qtest-report" / "report.json").read_text())
    assert [module["module"] for module in report["modules"]] == ["shop.price"]
    assert all((folder.parent / path).is_file() for path in report["files"])
    assert report["files"]


def test_a_run_without_a_sandbox_works_and_every_report_says_so(
    project: Callable[[Mapping[str, str]], Path], qtest_run: "Callable[..., Ran]"
) -> None:
    folder = project(PROJECT)
    run = qtest_run(folder, "--standalone", "--evaluations", "60", "--unsafe-no-sandbox")
    assert run.code == 0, run.whole
    assert run.said.startswith("NO SANDBOX")
    assert run.module("shop.half")["file"], run.said
    reports = run.out / "qtest-report"
    assert run.report["unsafe"] is True
    assert "Run without a sandbox" in (reports / "report.html").read_text()
    assert "unprotected" in (reports / "junit.xml").read_text()
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == set(PROJECT)


@pytest.mark.parametrize(
    ("files", "arguments", "said"),
    [
        ({"notes.txt": ""}, [], "no Python file"),
        (PROJECT, ["--python", "3.2"], "no such interpreter"),
        (PROJECT, ["--python", "/bin/sh"], "not a Python"),
        (PROJECT, ["--out", "/proc/nothing"], "cannot be written to"),
        (PROJECT, ["--floor", "2"], "floor"),
        (PROJECT, ["--only", "nothing.py"], "no source file"),
    ],
)
def test_a_mistake_is_found_before_the_work_and_said_in_one_line(
    files: Mapping[str, str],
    arguments: list[str],
    said: str,
    project: Callable[[Mapping[str, str]], Path],
    sandboxed: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = project(files)
    out = [] if "--out" in arguments else ["--out", str(folder.parent / "out")]
    assert main(["run", str(folder), "--inline", *arguments, *out]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("[")]
    assert said in line


def test_a_package_without_functions_is_done_and_says_what_was_left_out(
    project: Callable[[Mapping[str, str]], Path], sandboxed: None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project({"numbers_of_mine.py": "ONE = 1\n"})
    assert main(["run", str(folder), "--inline", "--out", str(folder.parent / "out")]) == 0
    assert "left out: numbers_of_mine: has no functions" in capsys.readouterr().out
