"""What a test may depend on inside the repository."""

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


def of(path: str) -> set[str] | None:

    return of_files(path, FILES)


def of_files(path: str, files: dict[str, str]) -> set[str] | None:
    texts = {digest_of(text): text.encode() for text in files.values()}
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
    found = Dependencies(bundle, texts.__getitem__).of([path])
    return None if found is None else set(found)


def test_all_that_is_imported_directly_or_not_with_packages_and_data() -> None:
    assert of("tests/test_a.py") == ALWAYS | {
        "tests/test_a.py", "src/pkg/__init__.py", "src/pkg/a.py", "src/pkg/b.py",
    }  # fmt: skip


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
    assert of_files("tests/test_a.py", FILES | {"src/pkg/b.py": text}) is None


def test_asking_for_a_version_is_not_an_import_that_is_hidden() -> None:
    text = "from importlib.metadata import version\nimport re\nX = re.compile('a')\n"
    assert of_files("tests/test_a.py", FILES | {"src/pkg/b.py": text}) is not None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[project.entry-points.pytest11]\nx = "pkg.deep.d"\n'),
        ("pytest.ini", "[pytest]\naddopts = -p pkg.deep.d\n"),
    ],
)
def test_a_plugin_that_the_settings_name_may_be_any_file(name: str, text: str) -> None:
    assert of_files("tests/test_a.py", FILES | {name: text}) is None


def test_a_plugin_that_is_switched_off_is_none() -> None:
    assert of_files("tests/test_a.py", FILES | {"pytest.ini": "[pytest]\naddopts = -p no:randomly\n"}) is not None


def test_a_file_that_is_not_there_may_be_any() -> None:
    assert of("tests/test_gone.py") is None
