"""How Python is run: every command as data, and the readers of what the probe prints."""

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from qtest.languages.python.fixtures import fixtures_of
from qtest.records.baseline import Setting, SuiteRun
from qtest.records.file import TestStyle
from qtest.records.sandbox import Completed, Limits, SandboxSpec
from qtest.records.source import Project

PROBE = Path(__file__).with_name("probe")
_REFUSING = Path(__file__).with_name("refusing.py")
_FATAL = "E9,F63,F7,F82"  # ruff's rules for what cannot run
# what a test may do on purpose: hand over what the annotations forbid, look into what may be None, assert that nothing is returned
_TOLERATED = (
    "arg-type",
    "call-overload",
    "func-returns-value",
    "index",
    "operator",
    "type-var",
    "union-attr",
    "var-annotated",
)
_HOME = Path(sys.executable).parent


@dataclass(frozen=True)
class PythonToolchain:
    """Answers the port `Toolchain`."""

    limits: Limits = field(default_factory=Limits)

    def spec(self, setting: Setting, *, readable: Sequence[str] = (), overlaid: Sequence[str] = ()) -> SandboxSpec:
        environment = setting.environment
        roots = [str(Path(setting.folder, root)) for root in setting.project.import_roots]
        path = [*roots, *environment.site, *([environment.layer] if environment.layer else [])]
        layer = (environment.layer,) if environment.layer else ()
        return SandboxSpec(
            readable=tuple(dict.fromkeys((*environment.readable, *environment.site, *layer, str(PROBE), *readable))),
            overlaid=(setting.folder, *overlaid),
            cwd=str(Path(setting.folder, setting.project.root)),
            env=(
                ("PYTHONPATH", ":".join(dict.fromkeys(path))),
                ("PYTHONHASHSEED", "0"),
                ("PYTHONIOENCODING", "utf-8"),
                ("PYTHONNOUSERSITE", "1"),
                ("PATH", f"{Path(environment.python).parent}:/usr/local/bin:/usr/bin:/bin"),
                ("TZ", "UTC"),
                ("LC_ALL", "C.UTF-8"),
            ),
            limits=self.limits,
        )

    def probe(self, setting: Setting, what: str, **more: Any) -> tuple[str, ...]:
        settings = {"folder": setting.folder, "root": setting.project.root, **more}
        return (setting.environment.python, str(PROBE / "main.py"), what, json.dumps(settings))

    def style(self, project: Project, tests: Sequence[tuple[str, str]]) -> TestStyle:
        """Quotes and line length as most of its test files have them; the folder most of them lie in; the fixtures of its conftests."""
        files = [(path, text) for path, text in tests if _is_test(path)]
        fixtures = tuple(fixture for path, text in tests for fixture in fixtures_of(path, text))
        folder = _folder(project, [path for path, _ in files])
        if not files:
            return TestStyle(folder=folder, fixtures=fixtures)
        double = sum(text.count('"') for _, text in files)
        single = sum(text.count("'") for _, text in files)
        suffix = sum(path.endswith("_test.py") for path, _ in files)
        longest = sorted(len(line) for _, text in files for line in text.splitlines())
        wide = longest[int(len(longest) * 0.995)] if longest else 88
        return TestStyle(
            quote="'" if single > double else '"',
            line_length=79 if wide <= 79 else 88 if wide <= 88 else 100 if wide <= 100 else 120,
            folder=folder,
            name_pattern="{module}_test.py" if suffix > len(files) / 2 else "test_{module}.py",
            fixtures=fixtures,
        )

    def command(self, setting: Setting, files: Sequence[str]) -> tuple[str, ...]:
        return ("python", "-m", "pytest", *files)

    def run(
        self,
        setting: Setting,
        *,
        files: Sequence[str] = (),
        nodes: Sequence[str] = (),
        shuffle: int | None = None,
        hash_seed: int = 0,
        coverage: bool = False,
        sources: Sequence[str] = (),
        zone: str = "UTC",
        reverse: bool = False,
    ) -> tuple[str, ...]:
        """`sources` are the files to measure, relative to the tree; `zone` a time zone's name."""
        settings = {
            "files": list(files),
            "nodes": list(nodes),
            "shuffle": shuffle,
            "coverage": coverage,
            "sources": list(sources),
            "reverse": reverse,
        }
        return ("/usr/bin/env", f"PYTHONHASHSEED={hash_seed}", f"TZ={zone}", *self.probe(setting, "pytest", **settings))

    def read(self, completed: Completed) -> SuiteRun:
        if completed.limit:
            said = {
                "wall": f"it did not end within {completed.wall_s:.0f} s",
                "output": "it printed more than we keep",
                "memory": "it ran out of memory",
            }
            return SuiteRun(problem=said[completed.limit], wall_s=completed.wall_s, cpu_s=completed.cpu_s)
        line = completed.stdout.strip().rpartition("\n")[2]
        try:
            run = SuiteRun.from_json(line)
            if run.problem and not run.tests:
                return run.model_copy(update={"problem": ": ".join((run.problem, *_last_error(completed.stderr)))})
            return run
        except (ValidationError, json.JSONDecodeError):
            how = f"signal {completed.signal}" if completed.signal else f"exit code {completed.code}"
            errors = completed.stderr.strip().splitlines()
            return SuiteRun(
                problem=f"the run ended with {how} and no record" + (f": {errors[-1][:200]}" if errors else ""),
                wall_s=completed.wall_s,
            )

    def compile(self, setting: Setting, path: str) -> tuple[tuple[str, ...], ...]:
        """Byte-compiled by the target's Python, then ruff's fatal rules and mypy, both ours; mypy reads no configuration, so that no
        plugin of the target's is run."""
        whole = str(Path(setting.folder, path))
        version = ".".join(setting.environment.version.split(".")[:2])
        return (
            (
                setting.environment.python,
                "-I",
                "-c",
                "import sys; compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec')",
                whole,
            ),
            (
                str(_HOME / "ruff"),
                "check",
                "--isolated",
                "--no-cache",
                "--select",
                _FATAL,
                "--output-format=json",
                whole,
            ),
            (
                str(_HOME / "python"),
                "-m",
                "mypy",
                "--config-file=",
                "--no-error-summary",
                "--no-color-output",
                "--hide-error-context",
                "--ignore-missing-imports",
                "--follow-imports=silent",
                "--no-site-packages",
                "--cache-dir=/scratch/mypy",
                "--check-untyped-defs",
                *(f"--disable-error-code={code}" for code in _TOLERATED),
                f"--python-version={max(version, '3.10', key=_minor)}",
                whole,
            ),
        )

    def refusing(self, setting: Setting, path: str) -> tuple[str, ...]:
        """By the type checker's own defaults and without configuration, so that no plugin of the target's is run."""
        version = ".".join(setting.environment.version.split(".")[:2])
        return (
            str(_HOME / "python"),
            "-I",
            str(_REFUSING),
            str(Path(setting.folder, path)),
            "--config-file=",
            "--no-error-summary",
            "--no-color-output",
            "--hide-error-context",
            "--ignore-missing-imports",
            "--no-site-packages",
            "--cache-dir=/dev/null",
            f"--python-version={max(version, '3.10', key=_minor)}",
        )

    @property
    def own_paths(self) -> tuple[str, ...]:
        """What must be readable for the compile commands: our own environment, and the interpreter under it."""
        return tuple(
            dict.fromkeys(
                (str(_REFUSING), sys.prefix, str(Path(sys.base_prefix).resolve()), str(Path(sys.executable).resolve()))
            )
        )


def _last_error(stderr: str) -> tuple[str, ...]:
    """What pytest printed when it broke off before any test: the end of a traceback, or its own complaint."""
    said = [line for line in stderr.splitlines() if re.match(r"E  |ERROR: |.*: error: ", line)]
    return (re.sub(r"^(E +|ERROR: )", "", said[-1])[:200],) if said else ()


def _minor(version: str) -> int:
    return int(version.partition(".")[2] or 0)


def _is_test(path: str) -> bool:
    name = path.rpartition("/")[2]
    return (
        name.endswith(".py") and (name.startswith("test") or name.endswith("_test.py")) and bool(re.match(r"\w", name))
    )


def _folder(project: Project, files: Sequence[str]) -> str:
    """Relative to the tree; where most test files are, else the first declared test folder, else `tests`."""
    prefix = f"{project.root}/" if project.root else ""
    folders = [path.rpartition("/")[0] for path in files]
    if folders:
        return max(sorted(set(folders)), key=folders.count)
    declared = next((path for path in project.test_paths if not path.endswith(".py")), "")
    return declared or f"{prefix}tests"
