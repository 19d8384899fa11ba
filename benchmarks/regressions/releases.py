"""Each release in a folder of its own, beside one environment that runs tests and one that runs Pynguin."""

import importlib.machinery
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generation.environments import PYNGUIN, Environment, made
from benchmarks.generation.process import clean_environment
from qtest.adapters.registry import PackageFetcher


@dataclass(frozen=True)
class Release(Environment):
    """`site` holds the package and what it needs, and stands before the environment's own packages."""

    site: Path

    def versions(self) -> dict[str, str]:
        command = [str(self.python), "-m", "pip", "list", "--format=json", "--path", str(self.site)]
        listed = subprocess.run(command, env=clean_environment(), check=True, capture_output=True)
        return {entry["name"].lower().replace("_", "-"): entry["version"] for entry in json.loads(listed.stdout)}

    def origin(self, module: str) -> Path:
        path = self.site.joinpath(*module.split("."))
        return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")

    def pattern(self, module: str) -> str:
        """Fits the module's file in an archive of its sources, wherever it lies there."""
        return f"*{self.origin(module).relative_to(self.site).as_posix()}"


def running(store: Path) -> Environment:
    return made(store, "releases", ["pytest", "coverage"])


def searching(store: Path) -> Environment:
    """Pynguin without any subject, which would stand in the way of the release that is asked about."""
    return made(store, "pynguin-alone", [PYNGUIN])


def release(store: Path, environment: Environment, package: str, version: str) -> Release:
    """Installed once, whole or not at all; refused where some of it is compiled, for then its source is not what runs."""
    site = store / "releases" / f"{package}-{version}"
    if not site.exists():
        partial = site.with_suffix(site.suffix + ".part")
        shutil.rmtree(partial, ignore_errors=True)
        command = [str(environment.python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        command += ["--no-compile", "--target", str(partial), f"{package}=={version}"]
        subprocess.run(command, env=clean_environment(), check=True)
        compiled = [path.name for path in partial.rglob("*") if path.name.endswith(_COMPILED)]
        if compiled:
            raise RuntimeError(f"{package} {version} holds {compiled}; expected a package of Python alone")
        partial.rename(site)
    return Release(environment.folder, site)


def untested(store: Path, package: str, version: str) -> Path:
    """The sources of a release without its tests: those of a fixed one hold the input that shows the bug. Nor with its lock, which
    is for who develops it: what is installed from an index follows the package's own requirements."""
    folder = store / "sources" / f"{package}-{version}"
    if not folder.exists():
        fetched = PackageFetcher(store / "archives").fetch(f"pypi:{package}=={version}")
        partial = folder.with_suffix(folder.suffix + ".part")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(fetched.folder, partial, ignore=shutil.ignore_patterns(*_TESTS, "*.lock"))
        partial.rename(folder)
    return folder


_TESTS = ("test", "tests", "testing", "test_*.py", "*_test.py", "*_tests.py", "tests.py", "conftest.py")
_COMPILED = tuple(importlib.machinery.EXTENSION_SUFFIXES)
