"""The two environments of the benchmark: where tests run beside Pynguin, and where mutmut makes mutants."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generation.process import clean_environment
from benchmarks.generation.subjects import SUBJECTS

PYNGUIN = "pynguin==0.48.0"
MUTMUT = "mutmut==3.8.1"
COSMIC_RAY = "cosmic-ray==8.7.0"


@dataclass(frozen=True)
class Environment:
    """A virtual environment of the Python that runs the benchmark."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def versions(self) -> dict[str, str]:
        listed = subprocess.run(
            [str(self.python), "-m", "pip", "list", "--format=json", "--disable-pip-version-check"],
            env=clean_environment(),
            check=True,
            capture_output=True,
        )
        return {entry["name"].lower(): entry["version"] for entry in json.loads(listed.stdout)}

    def origin(self, module: str) -> Path:
        """The source file of a module, found without running the module itself."""
        code = f"import importlib.util; print(importlib.util.find_spec({module!r}).origin)"
        found = subprocess.run(
            [str(self.python), "-c", code], cwd="/", env=clean_environment(), check=True, capture_output=True, text=True
        )
        return Path(found.stdout.strip())

    def files(self, package: str) -> list[Path]:
        """All that the package installed: its sources, and in its metadata the page that introduces it."""
        code = (
            "import importlib.metadata, json; "
            f"print(json.dumps([str(file.locate()) for file in importlib.metadata.files({package!r}) or ()]))"
        )
        listed = subprocess.run(
            [str(self.python), "-c", code], cwd="/", env=clean_environment(), check=True, capture_output=True, text=True
        )
        return [Path(path) for path in json.loads(listed.stdout)]


def judging(store: Path) -> Environment:
    """Pynguin, pytest, coverage and every subject: both sides' tests run here."""
    return made(store, "pynguin", [PYNGUIN, "coverage", *(subject.package for subject in SUBJECTS)])


def mutating(store: Path) -> Environment:
    return made(store, "mutmut", [MUTMUT])


def peers(store: Path) -> Environment:
    """Both mutation testers of today beside pytest, in one environment."""
    return made(store, "peers", [MUTMUT, COSMIC_RAY, "pytest"])


def made(store: Path, name: str, wants: list[str]) -> Environment:
    """What it holds already keeps its release; remove the folder to move on to newer ones."""
    environment = Environment(store / "environments" / f"{name}-{sys.version_info.major}.{sys.version_info.minor}")
    done = environment.folder / "complete"
    held = done.read_text("utf-8").split() if done.exists() else []
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment.folder)], check=True)
    missing = [wanted for wanted in wants if wanted not in held]
    if missing:
        install = [str(environment.python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *missing]
        subprocess.run(install, env=clean_environment(), check=True)
        done.write_text(" ".join((*held, *missing)), "utf-8")
    return environment
