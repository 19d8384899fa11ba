"""Environments are found or made without running anything of the target's, and without network where nothing is needed."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from qtest.adapters import requirements
from qtest.adapters.environment import LocalEnvironments
from qtest.adapters.sandbox.unsafe import UnsafeSandbox
from qtest.errors import TargetEnvironmentError
from qtest.records.baseline import Environment
from qtest.records.source import Project

PROJECT = Project(root="", language="python", name="sample", layout="flat", import_roots=("",))


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)


def project(folder: Path, text: str) -> str:
    folder.mkdir()
    (folder / "pyproject.toml").write_text(text)
    return str(folder)


def run(environment: Environment, code: str) -> str:
    path = ":".join((*environment.site, environment.layer))
    done = subprocess.run(
        [environment.python, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_project_without_dependencies_needs_no_network(tmp_path: Path, offline: None) -> None:
    folder = project(tmp_path / "tree", '[project]\nname = "sample-one"\nversion = "1.2"\n')
    made = LocalEnvironments(tmp_path / "cache", UnsafeSandbox()).prepare(PROJECT, folder)
    code = "import pytest, coverage, importlib.metadata as m; print(m.version('sample-one'))"
    assert run(made, code) == "1.2"


def test_a_dependency_that_cannot_be_had_is_named_in_one_line(tmp_path: Path, offline: None) -> None:
    folder = project(tmp_path / "tree", '[project]\nname = "a"\nversion = "1"\ndependencies = ["absent-thing"]\n')
    with pytest.raises(TargetEnvironmentError, match="absent-thing") as caught:
        LocalEnvironments(tmp_path / "cache", UnsafeSandbox()).prepare(PROJECT, folder)
    assert "\n" not in str(caught.value)


def test_a_name_or_version_that_would_leave_the_cache_is_not_written(tmp_path: Path, offline: None) -> None:
    folder = project(tmp_path / "tree", '[project]\nname = "a"\nversion = "1/../../../../out"\n')
    made = LocalEnvironments(tmp_path / "cache", UnsafeSandbox()).prepare(PROJECT, folder)
    assert made.site == ()


@pytest.mark.parametrize("text", ["[project]\ndependencies = 5\n", "project = 5\n", "[[[", "tool = 5\n"])
def test_broken_metadata_needs_nothing(tmp_path: Path, text: str) -> None:
    assert requirements.read(Path(project(tmp_path / "tree", text))).core == ()


def test_test_requirements_come_from_extras_groups_and_tox_without_linters(tmp_path: Path) -> None:
    text = """[project]
name = "a"
dependencies = ["core>=1"]
[project.optional-dependencies]
test = ["one", "black"]
docs = ["sphinx"]
[dependency-groups]
dev = ["two"]
"""
    folder = Path(project(tmp_path / "tree", text))
    (folder / "tox.ini").write_text("[testenv]\ndeps =\n  three>2\n  -r other.txt\n  {posargs}\n")
    needs = requirements.read(folder)
    assert (needs.core, needs.tests) == (("core>=1",), ("one", "two", "three>2"))


@pytest.mark.parametrize(
    ("lock", "old", "new"),
    [
        ("uv.lock", "resolution-markers = [\"python_version < '3.10'\"]", "resolution-markers = [\"python_version >= '3.10'\"]"),
        ("poetry.lock", "markers = \"python_version < '3.10'\"", "markers = \"python_version >= '3.10'\""),
    ],
)  # fmt: skip
def test_a_package_is_pinned_once_for_old_interpreters_and_once_for_new_ones(
    tmp_path: Path, lock: str, old: str, new: str
) -> None:
    folder = Path(project(tmp_path / "tree", '[project]\nname = "a"\n'))
    packages = [("one", "1.0", ""), ("two", "1.0", old), ("two", "2.0", new)]
    (folder / lock).write_text(
        "\n".join(f'[[package]]\nname = "{name}"\nversion = "{version}"\n{when}' for name, version, when in packages)
    )
    pins = [Requirement(pin) for pin in requirements.read(folder).pins]
    found = {
        python: {
            str(pin.specifier)
            for pin in pins
            if pin.name == "two" and pin.marker and pin.marker.evaluate({"python_version": python})
        }
        for python in ("3.9", "3.11")
    }
    assert found == {"3.9": {"==1.0"}, "3.11": {"==2.0"}}
    assert "one==1.0" in requirements.read(folder).pins


LOCKED = '[project]\nname = "a"\nversion = "1"\ndependencies = ["{}"]\n'


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that stands for the index, with pytest and coverage so that nothing else is asked."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in ("pytest", "coverage"):
        wheel(folder, name, "9.9")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    return folder


def wheel(folder: Path, name: str, version: str, *modules: str) -> None:
    """A wheel with empty modules; one called like it, unless others are named."""
    info = f"{name}-{version}.dist-info"
    files = {f"{module}/__init__.py": "" for module in modules or (name,)} | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)


def lock(folder: Path | str, *pins: tuple[str, str]) -> None:
    text = "\n".join(f'[[package]]\nname = "{name}"\nversion = "{version}"\n' for name, version in pins)
    Path(folder, "uv.lock").write_text(text)


def test_versions_of_a_lock_file_are_taken_where_they_can_be_had(tmp_path: Path, index: Path) -> None:
    for version in ("1.0", "2.0"):
        wheel(index, "one", version)
    folder = project(tmp_path / "tree", LOCKED.format("one"))
    lock(folder, ("one", "1.0"))
    made = LocalEnvironments(tmp_path / "cache", UnsafeSandbox()).prepare(PROJECT, folder)
    assert ("one==1.0" in made.packages, made.notes) == (True, ())


def test_a_lock_file_that_does_not_resolve_is_left_aside_and_said_so(tmp_path: Path, index: Path) -> None:
    wheel(index, "one", "2.0")
    folder = project(tmp_path / "tree", LOCKED.format("one>=1"))
    lock(folder, ("one", "1.0"))
    made = LocalEnvironments(tmp_path / "cache", UnsafeSandbox()).prepare(PROJECT, folder)
    assert "one==2.0" in made.packages
    assert [note.partition(",")[0] for note in made.notes] == ["uv.lock is left aside"]


def test_without_the_lock_file_what_cannot_be_had_is_still_an_error(tmp_path: Path, index: Path) -> None:
    folder = project(tmp_path / "tree", LOCKED.format("one>=1"))
    lock(folder, ("one", "1.0"))
    with pytest.raises(TargetEnvironmentError, match=r"pyproject\.toml.*one"):
        LocalEnvironments(tmp_path / "cache", UnsafeSandbox()).prepare(PROJECT, folder)


def with_module(folder: str, text: str) -> None:
    Path(folder, "sample").mkdir()
    Path(folder, "sample", "__init__.py").write_text(text)


PACKAGE = PROJECT.model_copy(update={"packages": ("sample",)})


def test_setuptools_comes_in_an_old_version_where_the_source_imports_what_newer_ones_lack(
    tmp_path: Path, index: Path
) -> None:
    wheel(index, "setuptools", "80.9", "setuptools", "pkg_resources")
    wheel(index, "setuptools", "82.0")
    folder = project(tmp_path / "tree", LOCKED.format("setuptools"))
    with_module(folder, "import pkg_resources\n")
    made = LocalEnvironments(tmp_path / "cache", UnsafeSandbox()).prepare(PACKAGE, folder)
    assert run(made, "import pkg_resources; print(pkg_resources.__name__)") == "pkg_resources"
    assert made.notes == ("setuptools<81 is added, as sample/__init__.py imports pkg_resources",)


OPTIONAL = '[project]\nname = "a"\nversion = "1"\n[project.optional-dependencies]\nmore = ["PyYAML>=1"]\n'


def test_an_option_that_a_module_imports_is_added_and_said_so(tmp_path: Path, index: Path) -> None:
    wheel(index, "PyYAML", "6.0", "yaml")
    folder = project(tmp_path / "tree", OPTIONAL)
    with_module(
        folder, "try:\n    import yaml\nexcept ImportError as error:\n    raise SystemError('no yaml') from error\n"
    )
    made = LocalEnvironments(tmp_path / "cache", UnsafeSandbox()).prepare(PACKAGE, folder)
    assert run(made, "import yaml; print(yaml.__name__)") == "yaml"
    assert made.notes == ("PyYAML>=1 is added, as sample/__init__.py imports yaml",)


@pytest.mark.parametrize(
    "text",
    ["try:\n    import yaml\nexcept ImportError:\n    yaml = None\n", "def f():\n    import yaml\n", "import absent\n"],
)
def test_what_modules_can_do_without_is_not_added(tmp_path: Path, index: Path, text: str) -> None:
    wheel(index, "PyYAML", "6.0", "yaml")
    folder = project(tmp_path / "tree", OPTIONAL)
    with_module(folder, text)
    made = LocalEnvironments(tmp_path / "cache", UnsafeSandbox()).prepare(PACKAGE, folder)
    assert (made.packages, made.notes) == ((), ())


def test_an_option_that_cannot_be_had_is_named_with_what_imports_it(tmp_path: Path, index: Path) -> None:
    folder = project(tmp_path / "tree", OPTIONAL)
    with_module(folder, "import yaml\n")
    made = LocalEnvironments(tmp_path / "cache", UnsafeSandbox()).prepare(PACKAGE, folder)
    assert [note.partition(":")[0] for note in made.notes] == [
        "sample/__init__.py imports yaml, and PyYAML>=1 cannot be had"
    ]


def test_an_environment_of_the_users_stays_as_it_is_and_the_option_stands_beside_it(
    tmp_path: Path, index: Path
) -> None:
    wheel(index, "PyYAML", "6.0", "yaml")
    folder = project(tmp_path / "tree", OPTIONAL)
    with_module(folder, "import yaml\n")
    own = tmp_path / "own"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(own)], check=True)
    made = LocalEnvironments(tmp_path / "cache", UnsafeSandbox()).prepare(PACKAGE, folder, str(own))
    assert run(made, "import yaml; print(yaml.__name__)") == "yaml"
    assert not list(own.rglob("yaml"))


def test_what_only_the_requirements_file_names_is_added_when_a_module_imports_it(tmp_path: Path, index: Path) -> None:
    wheel(index, "six", "1.0")
    folder = project(tmp_path / "tree", '[project]\nname = "a"\nversion = "1"\n')
    Path(folder, "requirements.txt").write_text("six>=1\nother\n")
    with_module(folder, "import six\n")
    made = LocalEnvironments(tmp_path / "cache", UnsafeSandbox()).prepare(PACKAGE, folder)
    assert made.packages == ("six==1.0",)
