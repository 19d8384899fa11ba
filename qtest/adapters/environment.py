"""An interpreter with the target's dependencies: an existing environment as it is, or one made of wheels, kept by digest."""

import fcntl
import importlib.metadata
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from qtest.adapters import interpreters, requirements
from qtest.adapters.imported import Import, lacking, unrequired
from qtest.adapters.interpreters import Interpreter
from qtest.adapters.requirements import Needs
from qtest.adapters.wheels import TOOLS, Wheels, problem, run
from qtest.errors import TargetEnvironmentError
from qtest.ports import Sandbox
from qtest.records.baseline import Environment
from qtest.records.record import digest_of
from qtest.records.source import Project

_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")
_MADE = "qtest-complete"


@dataclass(frozen=True)
class LocalEnvironments:
    """Answers the port `Environments`. Fetching needs the network and runs nothing of what it fetches: wheels only."""

    cache: Path
    sandbox: Sandbox

    def check(self, python: str) -> None:
        """Raises TargetEnvironmentError when there is no such interpreter, or none that can be worked with."""
        if python:
            interpreters.choose(python, "")

    def prepare(self, project: Project, folder: str, python: str = "", original: str = "") -> Environment:
        """`original` is the user's own folder, where a `.venv` may lie: the private copy has none."""
        needs = requirements.read(Path(folder, project.root))
        existing = _existing(project, python, original)
        chosen = (
            interpreters.ask(str(existing[0] / "bin" / "python"))
            if existing
            else interpreters.choose(python, needs.python)
        )
        imports = unrequired(Path(folder), project, needs, chosen.version)
        return self._mounted(chosen, *existing, needs, imports) if existing else self._made(chosen, needs, imports)

    def _mounted(
        self, python: Interpreter, folder: Path, origin: str, needs: Needs, imports: Sequence[Import]
    ) -> Environment:
        """An existing environment, which is only read; what it lacks comes beside it, pytest and coverage in a layer after its own."""
        site = _site(folder, python)
        beside, notes = self._beside(python, lacking(imports, site), _installed(site))
        layer = self._layer(python, site)
        return self._environment(
            python, (str(folder),), origin, needs, _installed(site), layer=layer, notes=notes, beside=beside
        )

    def _made(self, python: Interpreter, needs: Needs, imports: Sequence[Import]) -> Environment:
        wanted = (*needs.core, *needs.tests, "pins", *needs.pins, "imports", *(one.requirement for one in imports))
        key = digest_of("\n".join((python.path, python.full, *wanted)))[:24]
        folder = self.cache / "environments" / key
        notes_file = folder / _MADE
        with _locked(folder.with_suffix(".lock")):
            if not notes_file.exists():
                shutil.rmtree(folder, ignore_errors=True)
                notes_file.write_text("\n".join(self._make(folder, python, needs, imports)))
        notes = tuple(line for line in notes_file.read_text().splitlines() if line)
        inside = Interpreter(str(folder / "bin" / "python"), python.version, python.readable)
        site = _site(folder, python)
        layer = self._layer(inside, site)
        return self._environment(
            inside,
            (str(folder), *python.readable),
            f"dependencies from {needs.said_in}" + (f", versions from {needs.lock}" if needs.lock else ""),
            needs,
            _installed(site),
            layer=layer,
            notes=notes,
        )

    def _make(self, folder: Path, python: Interpreter, needs: Needs, imports: Sequence[Import]) -> list[str]:
        """Notes on what was left out or added. Nothing that was installed is run by a later step: see `_installer`."""
        _empty_venv(python, folder)
        site = _site(folder, python)
        notes: list[str] = []
        if (
            needs.core or needs.tests
        ):  # else pytest and coverage come as a layer, which is shared and may need no network
            notes = Wheels(self._installer(python), site, folder).install(needs)
        missing = lacking(imports, site)
        return [
            *notes,
            *(Wheels(self._installer(python), site, folder).add(missing, _installed(site)) if missing else ()),
        ]

    def _beside(
        self, python: Interpreter, missing: Sequence[Import], installed: Sequence[str]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """A folder with what modules import and that environment has not, and what is said about it."""
        if not missing:
            return (), ()
        wanted = "\n".join((python.full, *(one.requirement for one in missing), "installed", *installed))
        folder = self.cache / "beside" / digest_of(wanted)[:24]
        with _locked(folder.with_suffix(".lock")):
            if not (folder / _MADE).exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                notes = Wheels(self._installer(python), folder, folder).add(missing, installed)
                (folder / _MADE).write_text("\n".join(notes))
        return (str(folder),), tuple((folder / _MADE).read_text().splitlines())

    def _layer(self, python: Interpreter, site: Path) -> str:
        """A folder with what that environment lacks of pytest and coverage, to stand last on the path; or nothing."""
        names = tuple(name for name in TOOLS if not (site / name).is_dir())
        if not names:
            return ""
        folder = self.cache / "layers" / f"{python.minor}-{'-'.join(names)}"
        with _locked(folder.with_suffix(f".{python.version[1]}.lock")):
            if not (folder / _MADE).exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                versions = {"pytest": "pytest>=8.4", "coverage": "coverage>=7.10"}
                said = problem((*self._installer(python), "--target", str(folder), *(versions[name] for name in names)))
                if said and not _own_copy(folder, python):
                    raise TargetEnvironmentError(f"pytest for Python {python.minor} cannot be had: {said}")
                (folder / _MADE).touch()
        return str(folder)

    def _installer(self, python: Interpreter) -> tuple[str, ...]:
        """pip, resolving for that Python inside an environment that stays empty.

        An interpreter runs the `.pth` files of its own site folder as it starts, so pip is never started by one that has
        something of the target's installed. Nor can pip resolve for another version from outside: markers would be ours.
        """
        base = _base(python)
        folder = self.cache / "installers" / digest_of(f"{base.path}\n{base.full}")[:24]
        with _locked(folder.with_suffix(".lock")):
            if not (folder / _MADE).exists():
                shutil.rmtree(folder, ignore_errors=True)
                _empty_venv(base, folder)
                inside = str(folder / "bin" / "python")
                start = [*_pip(), "--python", inside]
                if problem((*start, "--version")):  # our pip is too new for it: its own, from its standard library
                    run([inside, "-I", "-m", "ensurepip"], f"there is no pip for Python {python.minor}")
                    start = [inside, "-I", *_PIP]
                (folder / _MADE).write_text(json.dumps(start))
            start = json.loads((folder / _MADE).read_text())
        return (*start, "install", "--only-binary=:all:", "--quiet", "--retries", "2")

    def _environment(
        self,
        python: Interpreter,
        folders: Sequence[str],
        origin: str,
        needs: Needs,
        packages: tuple[str, ...],
        *,
        layer: str = "",
        notes: tuple[str, ...] = (),
        beside: tuple[str, ...] = (),
    ) -> Environment:
        return Environment(
            python=python.path,
            version=python.full,
            origin=origin,
            readable=tuple(dict.fromkeys((*folders, *python.readable))),
            site=(*beside, *(() if _has(packages, needs.name) else self._metadata(needs))),
            layer=layer,
            packages=packages,
            notes=notes,
        )

    def _metadata(self, needs: Needs) -> Iterator[str]:
        """A folder in which importlib.metadata finds the project itself, as if it were installed."""
        if not needs.name:
            return
        try:
            name = canonicalize_name(needs.name, validate=True).replace("-", "_")
            version = str(Version(needs.version or "0.0.0"))
        except (InvalidName, InvalidVersion):
            return  # both become part of a path, so they must be what they say
        folder = self.cache / "metadata" / digest_of(f"{name}=={version}")[:24]
        info = folder / f"{name}-{version}.dist-info"
        if not info.is_dir():
            info.mkdir(parents=True, exist_ok=True)
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {needs.name}\nVersion: {version}\n")
        yield str(folder)


def _existing(project: Project, python: str, original: str) -> tuple[Path, str] | None:
    """A virtual environment named with --python, the active one, or `.venv`; never our own."""
    named = Path(python).expanduser() if python else None
    if named and (named / "pyvenv.cfg").is_file():
        return named.resolve(), "--python"
    if named and (named.parent.parent / "pyvenv.cfg").is_file():
        return named.parent.parent.resolve(), "--python"
    if python:
        return None
    active = os.environ.get("VIRTUAL_ENV", "")
    if active and (Path(active) / "pyvenv.cfg").is_file() and Path(active).resolve() != Path(sys.prefix).resolve():
        return Path(active).resolve(), "the active virtual environment"
    for folder in (Path(original, project.root), Path(original)) if original else ():
        candidate = folder / ".venv"
        if (candidate / "pyvenv.cfg").is_file() and candidate.resolve() != Path(sys.prefix).resolve():
            return candidate.resolve(), ".venv"
    return None


def _site(folder: Path, python: Interpreter) -> Path:
    return folder / "lib" / f"python{python.minor}" / "site-packages"


def _pip() -> list[str]:
    # isolated: in the target's folder, a module of its own called `json` or `html` would be imported by pip
    return [sys.executable, "-I", *_PIP]


def _base(python: Interpreter) -> Interpreter:
    """The interpreter below a virtual environment, which has nothing of that environment on its path."""
    for folder in reversed(python.readable):
        candidate = Path(folder, "bin", f"python{python.minor}")
        if not (Path(folder) / "pyvenv.cfg").exists() and candidate.is_file():
            return Interpreter(str(candidate), python.version, python.readable)
    return python


def _empty_venv(python: Interpreter, folder: Path) -> None:
    run(
        [python.path, "-I", "-S", "-m", "venv", "--without-pip", str(folder)],
        "a virtual environment could not be made",
    )


def _has(packages: Sequence[str], name: str) -> bool:
    return any(canonicalize_name(package.partition("==")[0]) == canonicalize_name(name) for package in packages)


def _own_copy(folder: Path, python: Interpreter) -> bool:
    """With no network: our own pytest and coverage serve, when the Python is of the same version. Every file that their distributions
    say they have, single modules too."""
    if python.version[:2] != sys.version_info[:2]:
        return False
    for name in ("pytest", "pluggy", "iniconfig", "packaging", "pygments", "coverage"):
        distribution = importlib.metadata.distribution(name)
        for file in distribution.files or ():
            if ".." in file.parts or "__pycache__" in file.parts:
                continue  # a script outside of the site folder, or what any interpreter makes anew
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(distribution.locate_file(file)), target)
    return (folder / "pytest").is_dir()


def _installed(site: Path) -> tuple[str, ...]:
    names = (info.name.removesuffix(".dist-info").partition("-") for info in site.glob("*.dist-info"))
    return tuple(sorted(f"{name}=={version}" for name, _, version in names))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time makes a cached thing; the others wait and find it made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
