"""Finds Python interpreters and asks them who they are, in a way that runs nothing of the packages installed in them."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from qtest.errors import TargetEnvironmentError

OLDEST, NEWEST = (3, 9), (3, 14)
# `-S` keeps `.pth` files, which may hold code, from being run
_ASK = "import sys, json; print(json.dumps([list(sys.version_info[:3]), sys.base_prefix, sys.implementation.name]))"


@dataclass(frozen=True)
class Interpreter:
    """`path` is how it is started; `readable` what must be seen for it to start."""

    path: str
    version: tuple[int, int, int]
    readable: tuple[str, ...]

    @property
    def minor(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"

    @property
    def full(self) -> str:
        return ".".join(map(str, self.version))


def ask(path: str) -> Interpreter:
    """Raises TargetEnvironmentError when it is no Python that QTest can work with."""
    try:
        said = subprocess.run(
            [path, "-I", "-S", "-c", _ASK], capture_output=True, text=True, timeout=30, check=True, env={}
        )
        version, prefix, name = json.loads(said.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise TargetEnvironmentError(
            f"{path}: is not a Python that can be started ({type(error).__name__}); give one with --python"
        ) from error
    number = (version[0], version[1], version[2])
    if name != "cpython" or not OLDEST <= number[:2] <= NEWEST:
        raise TargetEnvironmentError(
            f"{path}: is {name} {'.'.join(map(str, number))}; expected CPython 3.9 to 3.14, give one with --python"
        )
    return Interpreter(path, number, tuple(dict.fromkeys((*_hops(path), os.path.realpath(prefix)))))


def choose(wanted: str, requires: str) -> Interpreter:
    """`wanted` as given with --python: a path, a virtual environment or a version; else the first that fits requires-python."""
    if wanted and re.fullmatch(r"3\.\d+", wanted):
        found = next((python for python in known() if python.minor == wanted), None)
        if found is None:
            raise TargetEnvironmentError(f"--python {wanted}: there is no such interpreter on PATH; give its path")
        return found
    if wanted:
        return ask(_executable(wanted))
    try:
        fits = SpecifierSet(requires)
    except InvalidSpecifier:
        fits = SpecifierSet()
    found = next((python for python in known() if fits.contains(python.full, prereleases=True)), None)
    if found is None:
        raise TargetEnvironmentError(
            f"no interpreter here fits requires-python {requires!r}; install one, or give it with --python"
        )
    return found


def known() -> Iterator[Interpreter]:
    """Ours first, then those on PATH and beside ours, newest first."""
    yield ask(_base())
    seen = {os.path.realpath(_base())}
    for path in _candidates():
        real = os.path.realpath(path)
        if real in seen:
            continue
        seen.add(real)
        try:
            yield ask(real)
        except TargetEnvironmentError:
            continue


def _base() -> str:
    """The interpreter under our own virtual environment."""
    return os.path.realpath(sys.executable)


def _candidates() -> Iterator[str]:
    versions = Path(sys.base_prefix).parent
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = f"python3.{minor}"
        found = shutil.which(name)
        if found and "shims" not in found:
            yield found
        yield from sorted((str(path) for path in versions.glob(f"*/bin/{name}")), reverse=True)
        if Path("/usr/bin", name).exists():
            yield f"/usr/bin/{name}"


def _executable(wanted: str) -> str:
    path = Path(wanted).expanduser()
    if path.is_dir():
        path = path / "bin" / "python"
    found = str(path) if path.exists() else shutil.which(wanted)
    if not found:
        raise TargetEnvironmentError(
            f"--python {wanted}: there is no such interpreter; expected a path, a virtual environment, or a version such as 3.12"
        )
    return str(Path(found).absolute())  # not resolved: a virtual environment is known by its link


def _hops(path: str) -> Iterator[str]:
    """The file and every link on the way to it."""
    for _ in range(20):
        yield path
        here = Path(path)
        if not here.is_symlink():
            return
        path = os.path.normpath(here.parent / here.readlink())
