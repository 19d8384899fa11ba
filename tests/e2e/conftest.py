"""Small projects and whole runs of them, as a user makes them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qtest.ports import Sandbox


@dataclass(frozen=True)
class Ran:
    """One run of `qtest run` in a process of its own: how it ended, what it said, and its report."""

    code: int
    said: str
    errors: str
    out: Path

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.out / "qtest-report" / "report.json").read_text())
        return found

    @property
    def whole(self) -> str:
        return self.said + self.errors

    def module(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(module for module in self.report["modules"] if module["module"] == name)
        return found

    def reasons(self, name: str) -> str:
        return "; ".join(outcome.get("reason", "") for outcome in self.module(name)["outcomes"])

    @property
    def command(self) -> str:
        line = next(line for line in self.said.splitlines() if line.startswith("run them: "))
        return line.removeprefix("run them: ")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, str]], Path]:
    """Makes a folder of files."""

    def made(files: Mapping[str, str]) -> Path:
        folder = tmp_path_factory.mktemp("e2e") / "project"
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    return made


@pytest.fixture(scope="session")
def qtest_run(sandboxed: Sandbox) -> Callable[..., Ran]:
    """`qtest run` from the folder above the project, so that what it prints can be copied into a shell there."""

    def run(folder: Path, *arguments: str) -> Ran:
        command = [sys.executable, "-m", "qtest", "run", folder.name, "--inline", "--out", "out", *arguments]
        done = subprocess.run(
            command,
            cwd=folder.parent,
            env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
            | {"QTEST_STORE": f"{folder.parent}-store"},  # runs beside each other, and each its own first
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr, folder.parent / "out")

    return run


@pytest.fixture(scope="session")
def pasted() -> Callable[[Ran], str]:
    """What a shell prints for the command that a run told; fails when it fails."""

    def shell(ran: Ran) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", ran.command], cwd=ran.out.parent, env={}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return shell


@pytest.fixture(scope="session")
def all_cores_taken() -> Callable[[], AbstractContextManager[None]]:
    """A context in which twice as many processes as there are cores do nothing but compute."""

    @contextmanager
    def taken() -> Iterator[None]:
        busy: list[subprocess.Popen[bytes]] = []
        try:
            for _ in range(2 * (os.cpu_count() or 1)):
                busy.append(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            yield
            assert all(process.poll() is None for process in busy)
        finally:
            for process in busy:
                process.kill()
                process.wait()

    return taken
