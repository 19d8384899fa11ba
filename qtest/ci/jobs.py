"""Which framework runs a project's tests, and what a fresh machine needs for it; read from its files."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from qtest.ci import pytests
from qtest.ci.install import installed
from qtest.ci.runners import nox_session, tox_environment
from qtest.ci.settings import table, toml
from qtest.errors import UsageError
from qtest.records.job import Framework, Job
from qtest.records.source import Project

_PLAIN = re.compile(r"[A-Za-z0-9_./+@-]*")
_COVERAGE = "python -m coverage"


def find_jobs(projects: Sequence[Project], files: Mapping[str, bytes]) -> tuple[Job, ...]:
    """For each project that has tests; `files` by their path in the tree. Raises UsageError for a name that no workflow may hold."""
    found = (_job(project, _inside(project.root, files)) for project in projects if project.language == "python")
    return tuple(job for job in found if job is not None)


def _inside(root: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    prefix = f"{root}/" if root else ""
    return {path.removeprefix(prefix): data for path, data in files.items() if path.startswith(prefix)}


def _job(project: Project, files: Mapping[str, bytes]) -> Job | None:
    session, environment = nox_session(files.get("noxfile.py", b"")), tox_environment(files)
    if session:
        runs, why = f'nox --session {session} --force-python "$(which python)"', f"noxfile.py, session {session}"
        return _of_runner(project, files, "nox", runs, why)
    if environment:
        return _of_runner(project, files, "tox", f"tox run -e {environment}", f"the settings of tox, {environment}")
    tests = [path.removeprefix(f"{project.root}/" if project.root else "") for path in project.test_paths]
    texts = [data for path, data in files.items() if any(_below(path, test) for test in tests) and path.endswith(".py")]
    if not texts:
        return None
    told = pytests.told(files, texts)
    return _direct(project, files, "pytest" if told else "unittest", told or "tests of unittest alone", tests)


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _of_runner(project: Project, files: Mapping[str, bytes], framework: Framework, runs: str, why: str) -> Job:
    return Job(
        framework=framework,
        root=_plain(project.root),
        why=why,
        install=(f"python -m pip install {framework}",),
        test=(runs,),
        collect=(  # whether coverage is measured is for their own settings to say
            "python -m pip install coverage",
            _combined(""),
            f"if [ -f .coverage ]; then {_COVERAGE} xml; fi",
        ),
        python_file=_python_file(project.root, files),
    )


def _direct(project: Project, files: Mapping[str, bytes], framework: Framework, why: str, tests: Sequence[str]) -> Job:
    prefix, install = installed(files, _tools(files, framework))
    return Job(
        framework=framework,
        root=_plain(project.root),
        why=why,
        install=install,
        test=tuple(f"{prefix}{line}" for line in _runs(files, framework, tests)),
        collect=(_combined(prefix), f"{prefix}{_COVERAGE} xml"),
        python_file=_python_file(project.root, files),
    )


def _tools(files: Mapping[str, bytes], framework: Framework) -> tuple[str, ...]:
    if framework != "pytest":
        return ("coverage",)
    return ("coverage", "pytest", "pytest-cov") if pytests.measures_itself(files) else ("coverage", "pytest")


def _runs(files: Mapping[str, bytes], framework: Framework, tests: Sequence[str]) -> Iterator[str]:
    if framework == "unittest" and b"django" in files.get("manage.py", b""):
        yield f"{_COVERAGE} run --branch manage.py test"
    elif framework == "unittest":
        for folder in [test for test in tests if not test.endswith(".py")] or ["."]:
            yield f"{_COVERAGE} run --branch --parallel-mode -m unittest discover {_discovered(files, folder)}"
    elif pytests.measures_itself(files):
        yield "python -m pytest"
    else:
        yield f"{_COVERAGE} run --branch -m pytest"


def _discovered(files: Mapping[str, bytes], folder: str) -> str:
    """A folder that is no package is searched as if it were the top."""
    inside = [path.rpartition("/")[2] for path in files if folder == "." or _below(path, folder)]
    pattern = "" if any(re.match(r"test.*\.py$", name) for name in inside) else " -p '*_test.py'"
    top = "-t . " if f"{folder}/__init__.py" in files else ""
    return f"{top}-s {shlex.quote(_plain(folder))}{pattern}"


def _combined(prefix: str) -> str:
    return f"if ls .coverage.* > /dev/null 2>&1; then {prefix}{_COVERAGE} combine; fi"


def _python_file(root: str, files: Mapping[str, bytes]) -> str:
    prefix = f"{root}/" if root else ""
    if ".python-version" in files:
        return f"{prefix}.python-version"
    declared = table(toml(files.get("pyproject.toml", b"")), "project").get("requires-python")
    return f"{prefix}pyproject.toml" if declared else ""


def _plain(path: str) -> str:
    """Raises UsageError: an expression or a command in a folder's name would be run on the runner."""
    if not _PLAIN.fullmatch(path) or path.startswith("-"):
        raise UsageError(f"{path!r}: this name cannot stand in a workflow; expected letters, digits and . _ / + @ -")
    return path
