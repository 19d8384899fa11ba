"""Whole runs on a Ray that the command starts, as a user makes them: remembered, cut off and resumed, interrupted, refused."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.ray, pytest.mark.sandbox]

TABLE = '[project]\nname = "shop"\nversion = "1"\n'
HALF = "def half(number: int) -> int:\n    return number // 2\n"
PRICE = "def price(number: int) -> int:\n    return number + 1\n"
PRICE_FIRST = '[tool.qtest.plan]\nfirst = ["shop.price"]\n'
# one mutant is never killed, and a search that stalls counts CPU, which sleeping does not take: it goes on for hours
LONG = """import time


def echo(text: str) -> str:
    time.sleep(0.05)
    return text[: 10**6]
"""
FILES = {"pyproject.toml": TABLE, "shop/__init__.py": "", "shop/half.py": HALF, "shop/price.py": PRICE}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own, where Ray leaves its token, but the cache of packages that is there."""
    home = tmp_path / "home"
    home.mkdir()
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    return kept | {"HOME": str(home), "XDG_CACHE_HOME": cache}


def start(folder: Path, environment: Mapping[str, str], *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "qtest", *arguments],
        cwd=folder.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    )


def ran(folder: Path, environment: Mapping[str, str], *arguments: str) -> dict[str, Any]:
    with start(folder, environment, *arguments) as process:
        said, errors = process.communicate()
    assert process.returncode == 0, said + errors
    report: dict[str, Any] = json.loads((folder.parent / "out" / "qtest-report" / "report.json").read_text())
    return report


def when_let_go_of(folder: Path, environment: Mapping[str, str]) -> Any:
    """The runs, once the processes of a cluster whose driver was killed have followed it: until then one of them holds the store."""
    while True:
        asked = start(folder, environment, "runs", "--json")
        said, errors = asked.communicate()
        if asked.returncode == 0:
            return json.loads(said)
        assert "is in use by process" in errors, errors
        time.sleep(0.2)


def modules(report: Mapping[str, Any]) -> list[str]:
    return sorted(module["module"] for module in report["modules"])


def test_what_has_not_changed_is_remembered_and_a_change_redoes_its_module(
    sandboxed: None, project: Callable[[Mapping[str, str]], Path], environment: dict[str, str]
) -> None:
    folder = project(FILES)
    command = ("run", "project", "--standalone", "--evaluations", "200", "--out", "out")
    first = ran(folder, environment, *command)
    assert (modules(first), first["remembered"]) == (["shop.half", "shop.price"], [])
    second = ran(folder, environment, *command)
    assert sorted(second["remembered"]) == modules(first)
    assert "no work was done" in second["note"]
    assert second["modules"] == first["modules"]
    (folder / "shop" / "half.py").write_text(HALF.replace("half", "halved"))
    third = ran(folder, environment, *command)
    assert third["remembered"] == ["shop.price"]


def test_a_run_whose_driver_was_killed_is_resumed(
    sandboxed: None, project: Callable[[Mapping[str, str]], Path], environment: dict[str, str]
) -> None:
    folder = project(FILES)
    with start(
        folder, environment, "run", "project", "--standalone", "--evaluations", "200", "--out", "out"
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "] write " in line:
                break
        process.kill()
    (run,) = when_let_go_of(folder, environment)
    assert run["status"] == "running"
    report = ran(folder, environment, "resume", run["run"])
    assert (report["run"], report["status"], modules(report)) == (run["run"], "completed", ["shop.half", "shop.price"])
    assert all((folder.parent / path).is_file() for path in report["files"])


def test_an_interrupt_brings_what_was_proven(
    sandboxed: None, project: Callable[[Mapping[str, str]], Path], environment: dict[str, str]
) -> None:
    folder = project({**FILES, "pyproject.toml": TABLE + PRICE_FIRST, "shop/half.py": LONG})
    written = folder.parent / "out" / "tests" / "test_price.py"
    with start(
        folder, environment, "run", "project", "--standalone", "--evaluations", "1000000", "--out", "out"
    ) as process:
        while process.poll() is None and not written.exists():
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130, errors
    report = json.loads((folder.parent / "out" / "qtest-report" / "report.json").read_text())
    assert (report["status"], modules(report)) == ("partial", ["shop.price"])


def test_a_mistake_that_is_found_on_the_cluster_is_still_the_users(
    sandboxed: None, project: Callable[[Mapping[str, str]], Path], environment: dict[str, str]
) -> None:
    folder = project(FILES)
    with start(folder, environment, "run", "project", "--only", "nothing.py", "--out", "out") as process:
        _, errors = process.communicate()
    assert process.returncode == 2
    assert "nothing.py" in errors.splitlines()[-1]
    assert "Traceback" not in errors


def test_a_cluster_that_is_not_there_is_one_line(
    project: Callable[[Mapping[str, str]], Path], environment: dict[str, str]
) -> None:
    folder = project(FILES)
    with start(folder, environment, "run", "project", "--address", "127.0.0.1:1", "--out", "out") as process:
        _, errors = process.communicate()
    assert process.returncode == 3
    assert "the cluster at 127.0.0.1:1 cannot be had" in errors.splitlines()[-1]
