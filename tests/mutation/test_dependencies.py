"""What a test may depend on inside the repository."""

from collections.abc import Sequence

import pytest

from qtest.mutation.dependencies import Dependencies
from qtest.records.record import digest_of
from qtest.records.source import RawSourceBundle, Revision, SourceFile

FILES = {
    "src/pkg/__init__.py": "",
    "src/pkg/a.py": "from . import b\n",
    "src/pkg/b.py": "import json\n",
    "src/pkg/c.py": "def late():\n    from pkg.deep.d import x\n    return x\n",
    "src/pkg/deep/__init__.py": "",
    "src/pkg/deep/d.py": "x = 1\n",
    "src/pkg/data.json": "{}",
    "tests/conftest.py": "import support\n",
    "tests/support.py": "",
    "tests/other.py": "",
    "tests/test_a.py": "import pkg.a\n",
    "tests/test_c.py": "from pkg.c import late\n",
    "tests/test_none.py": "import other\n",
}
ALWAYS = {"src/pkg/data.json", "tests/conftest.py", "tests/support.py"}


def of(*paths: str) -> set[str] | None:
    return of_files(paths, FILES)


def of_files(paths: Sequence[str], files: dict[str, str]) -> set[str] | None:
    texts = {digest_of(text): text.encode("utf-8", "surrogateescape") for text in files.values()}
    bundle = RawSourceBundle(
        revision=Revision(kind="folder", name="/x"),
        files=tuple(
            SourceFile(
                path=name, sha256=digest_of(text), size=len(text), language="python" if name.endswith(".py") else ""
            )
            for name, text in files.items()
        ),
        projects=(),
    )
    found = Dependencies(bundle, texts.__getitem__).of(paths)
    return None if found is None else set(found)


def test_all_that_is_imported_directly_or_not_with_packages_and_data() -> None:
    assert of("tests/test_a.py") == ALWAYS | {
        "tests/test_a.py", "src/pkg/__init__.py", "src/pkg/a.py", "src/pkg/b.py",
    }  # fmt: skip


def test_several_files_depend_on_what_each_does_also_when_a_conftest_is_among_them() -> None:
    both = of("tests/test_a.py", "tests/test_none.py", "tests/conftest.py")
    assert both == (of("tests/test_a.py") or set()) | (of("tests/test_none.py") or set())


def of_test(text: str) -> set[str]:
    """What a file of tests with that text depends on beyond itself and what counts always."""
    return (of_files(["tests/test_a.py"], FILES | {"tests/test_a.py": text}) or set()) - ALWAYS - {"tests/test_a.py"}


def test_a_package_is_its_own_file() -> None:
    assert of_test("import pkg\n") == {"src/pkg/__init__.py"}


def test_a_package_counts_though_what_is_imported_from_it_is_no_python() -> None:
    assert of_test("import pkg.speed\n") == {"src/pkg/__init__.py"}


def test_the_packages_around_a_module_count_by_whatever_name_it_is_imported() -> None:
    assert of_test("import d\n") == {"src/pkg/deep/d.py", "src/pkg/deep/__init__.py", "src/pkg/__init__.py"}


def test_the_packages_that_a_test_file_lies_in_count() -> None:
    files = FILES | {"tests/__init__.py": "", "tests/unit/__init__.py": "import other\n", "tests/unit/test_x.py": ""}
    assert of_files(["tests/unit/test_x.py"], files) == ALWAYS | {
        "tests/unit/test_x.py", "tests/unit/__init__.py", "tests/__init__.py", "tests/other.py",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["from . import b\n", "from .b import x\n"])
def test_a_relative_import_is_of_its_own_package_only(text: str) -> None:
    files = FILES | {"src/pkg/a.py": text, "lib/b.py": ""}
    assert (of_files(["tests/test_a.py"], files) or set()) - ALWAYS == {
        "tests/test_a.py", "src/pkg/__init__.py", "src/pkg/a.py", "src/pkg/b.py",
    }  # fmt: skip


def test_a_relative_import_may_start_further_up() -> None:
    files = FILES | {
        "tests/test_a.py": "import pkg.deep.d\n",
        "src/pkg/deep/d.py": "from ..b import x\n",
        "lib/b.py": "",
    }
    found = of_files(["tests/test_a.py"], files) or set()
    assert {name for name in found if name.endswith("/b.py")} == {"src/pkg/b.py"}


def test_an_import_inside_a_function_counts() -> None:
    assert {"src/pkg/deep/d.py", "src/pkg/deep/__init__.py"} <= (of("tests/test_c.py") or set())


def test_another_file_of_tests_does_not_count_unless_it_is_imported() -> None:
    assert of("tests/test_none.py") == ALWAYS | {"tests/test_none.py", "tests/other.py"}


@pytest.mark.parametrize(
    "text",
    [
        "import importlib\nimportlib.import_module('pkg.deep.d')\n",
        "__import__('pkg')\n",
        "exec('import pkg')\n",
        "import sys\nsys.path.insert(0, 'x')\n",
        "import subprocess\n",
        "pytest_plugins = ['pkg.deep.d']\n",
        "def broken(:\n",
    ],
)
def test_where_it_cannot_be_told_it_is_the_whole_tree(text: str) -> None:
    assert of_files(["tests/test_a.py"], FILES | {"src/pkg/b.py": text}) is None


def test_asking_for_a_version_is_not_an_import_that_is_hidden() -> None:
    text = "from importlib.metadata import version\nimport re\nX = re.compile('a')\n"
    assert of_files(["tests/test_a.py"], FILES | {"src/pkg/b.py": text}) is not None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[project.entry-points.pytest11]\nx = "pkg.deep.d"\n'),
        ("sub/pyproject.toml", '[tool.pytest.ini_options]\naddopts = ["-p", "pkg.deep.d"]\n'),
        ("pytest.ini", "[pytest]\naddopts = -p pkg.deep.d\n"),
        ("pytest.toml", '[pytest]\naddopts = "-p pkg.deep.d"\n'),
        ("tox.ini", "[pytest]\naddopts = -p pkg.deep.d\n"),
        ("setup.cfg", "[tool:pytest]\naddopts = -p pkg.deep.d\n"),
        ("setup.py", "setup(entry_points={'pytest11': ['x = pkg.deep.d']})\n"),
        ("x.egg-info/entry_points.txt", "[pytest11]\nx = pkg.deep.d\n"),
        ("setup.cfg", "# caf\udce9\n[tool:pytest]\naddopts = -p pkg.deep.d\n"),
    ],
)
def test_a_plugin_that_the_settings_name_may_be_any_file(name: str, text: str) -> None:
    assert of_files(["tests/test_a.py"], FILES | {name: text}) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\naddopts = -p no:randomly\n"),
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = ["-p", "no:randomly", "-ra"]\n'),
    ],
)
def test_a_plugin_that_is_switched_off_is_none(name: str, text: str) -> None:
    assert of_files(["tests/test_a.py"], FILES | {name: text}) is not None


def test_a_file_that_is_not_there_may_be_any() -> None:
    assert of("tests/test_gone.py") is None
