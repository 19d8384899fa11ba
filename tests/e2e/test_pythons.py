"""The whole line on other CPythons than our own: the oldest and the newest that this machine has."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qtest.adapters import interpreters
from qtest.adapters.interpreters import Interpreter
from qtest.errors import TargetEnvironmentError

if TYPE_CHECKING:
    from conftest import Ran

pytestmark = pytest.mark.sandbox

PROJECT = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n',
    "shop/__init__.py": "",
    "shop/fees.py": "def fee(amount: int, member: bool) -> int:\n    if member:\n        return amount // 10\n    return amount + 1\n",
    "tests/test_fees.py": "from shop.fees import fee\n\n\ndef test_a_member():\n    assert fee(100, True) == 10\n",
}
OURS = sys.version_info[:2]
UV = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local" / "share" / "uv" / "python")
PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"


def others() -> list[Interpreter]:
    """CPython 3.9 to 3.14 of another version than ours, oldest first, one of each version."""
    found: dict[tuple[int, int], Interpreter] = {}
    for path in places():
        try:
            python = interpreters.ask(os.path.realpath(path))
        except TargetEnvironmentError:
            continue
        found.setdefault(python.version[:2], python)
    return [found[version] for version in sorted(found) if version != OURS]


def places() -> Iterator[Path]:
    """On PATH, in /usr/bin and /usr/local/bin, and where pyenv and uv keep theirs."""
    (_, oldest), (_, newest) = interpreters.OLDEST, interpreters.NEWEST
    for name in (f"python3.{minor}" for minor in range(oldest, newest + 1)):
        on_path = shutil.which(name)
        if on_path and "shims" not in on_path:
            yield Path(on_path)
        yield from (path for top in ("/usr/bin", "/usr/local/bin") if (path := Path(top, name)).exists())
        for top in (PYENV, UV):
            yield from sorted(top.glob(f"*/bin/{name}"))


@pytest.fixture(scope="module")
def runs(
    project: Callable[[Mapping[str, str]], Path], qtest_run: "Callable[..., Ran]"
) -> "Iterator[list[tuple[Interpreter, Future[Ran]]]]":
    """Side by side."""
    pythons = others()
    with ThreadPoolExecutor(2) as pool:
        yield [
            (python, pool.submit(qtest_run, project(PROJECT), "--evaluations", "60", "--python", python.path))
            for python in (pythons[:1] + pythons[1:][-1:])
        ]


@pytest.mark.parametrize("which", ["oldest", "newest"])
def test_the_line_runs_on_another_python(
    which: str, runs: "list[tuple[Interpreter, Future[Ran]]]", pasted: "Callable[[Ran], str]"
) -> None:
    if not runs:
        pytest.skip(f"there is no CPython 3.9 to 3.14 here beside our own {OURS[0]}.{OURS[1]}")
    if which == "newest" and len(runs) == 1:
        pytest.skip(f"there is one CPython here beside our own, {runs[0][0].full}, which is tried as the oldest")
    python, future = runs[0 if which == "oldest" else -1]
    run = future.result()
    if run.code == 3 and "cannot be had" in run.said:
        said = f"pytest for Python {python.full} cannot be fetched here"
        if os.environ.get("QTEST_REQUIRE_ALL") == "1":
            pytest.fail(f"{said}: {run.said}")
        pytest.skip(said)
    assert run.code == 0, run.whole
    assert run.report["python"] == python.full
    first = run.said.splitlines()[0]
    assert re.fullmatch(r"your suite killed [1-9]\d* of \d+ mutants; \d+ new tests? kills? [1-9]\d* more", first), first
    controls = run.module("shop.fees")["controls"]
    assert controls["no_op_alive"] == controls["no_op_total"] > 0
    assert controls["raise_dead"] == controls["raise_total"] > 0
    assert re.search(r"\b[1-9]\d* passed", pasted(run))
