"""A GitHub of this test's own, and what a run would hand over to it."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from qtest.records.file import RenderedTest, TestFile
from qtest.records.outcome import ModuleOutcome, ValidatedTest
from qtest.records.report import RunReport
from qtest.records.sandbox import Guarantees
from qtest.records.source import Revision

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def first_commit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository to begin with: making one takes longer than copying it."""
    from hub.state import Repo, empty

    bare = empty(tmp_path_factory.mktemp("hub") / "first.git")
    Repo(0, "", "", bare, {}).commit({"tools.py": "def double(x):\n    return 2 * x\n"})
    return bare


@pytest.fixture
def hub(tmp_path: Path, first_commit: Path) -> Iterator[Any]:
    """With a repository `org/tools` of one commit, to which the login `robot` with the token `robot-secret` may push."""
    from hub.server import opened

    with opened(tmp_path / "hub") as hub:
        hub.state.repo("org/tools", {"robot": "write", "owner": "admin"}, like=first_commit)
        hub.state.token("robot", "robot-secret")
        yield hub


@pytest.fixture
def courier(hub: Any) -> Any:
    from hub.courier import Courier

    return Courier(hub.host, hub.api, "org/tools", "robot-secret")


@pytest.fixture
def report_of() -> Callable[..., RunReport]:
    """Of a commit and the text of the tests of each module."""

    def made(sha: str, files: Mapping[str, str]) -> RunReport:
        return RunReport(
            qtest="0",
            target="the repository",
            revision=Revision(kind="git", name="the repository", version="main", sha256=sha),
            seed="0",
            settings="{}",
            python="3",
            environment="",
            guarantees=Guarantees(adapter="none", items=()),
            modules=tuple(_module(name, text) for name, text in files.items()),
        )

    return made


def _module(name: str, text: str) -> ModuleOutcome:
    path, rows = f"tests/test_{name}.py", text.splitlines()
    starts = [number for number, row in enumerate(rows, 1) if row.startswith("def test_")]
    tests = tuple(
        RenderedTest(name=rows[start - 1][4:].partition("(")[0], nodes=(), cases=(), line=start, end_line=end - 1)
        for start, end in zip(starts, [*starts[1:], len(rows) + 1], strict=True)
    )
    outcomes = tuple(
        ValidatedTest(target=name, file=path, name=test.name, nodes=(), text="", cases=(), kills=()) for test in tests
    )
    file = TestFile(path=path, text=text, language="python", module=name, tests=tests)
    return ModuleOutcome(module=name, path=f"{name}.py", project="", source="", file=file, outcomes=outcomes)
