"""Layouts of Python projects, read from their files alone."""

import pytest

from qtest.ingest.projects import find_projects
from qtest.records.source import Project


def found(*paths: str, **texts: str) -> tuple[Project, ...]:
    files = dict.fromkeys(paths, b"") | {name.replace("_toml", ".toml"): text.encode() for name, text in texts.items()}
    return find_projects(files, "folder")


@pytest.mark.parametrize(
    ("paths", "layout", "root", "packages"),
    [
        (("setup.py", "src/pkg/__init__.py", "tests/test_a.py"), "src", "src", ("pkg",)),
        (("setup.py", "pkg/__init__.py", "docs/conf.py", "examples/__init__.py"), "flat", "", ("pkg",)),
        (("setup.py", "one.py", "test_one.py"), "module", "", ("one",)),
        (("setup.py", "src/space/part/__init__.py"), "namespace", "src", ("space",)),
        (("pkg/__init__.py", "noxfile.py", "conftest.py", "tests/__init__.py"), "flat", "", ("pkg",)),
    ],
)
def test_a_layout_is_told_from_the_paths(
    paths: tuple[str, ...], layout: str, root: str, packages: tuple[str, ...]
) -> None:
    (project,) = found(*paths)
    assert (project.layout, project.import_roots, project.packages) == (layout, (root,), packages)


def test_a_monorepo_has_a_project_for_each_folder_with_metadata_and_code() -> None:
    projects = found("a/pyproject.toml", "a/src/one/__init__.py", "b/setup.py", "b/two/__init__.py", "c/notes.py")
    assert [(item.root, item.import_roots, item.packages) for item in projects] == [
        ("a", ("a/src",), ("one",)),
        ("b", ("b",), ("two",)),
    ]


def test_a_project_that_serves_as_a_test_sample_is_none_of_ours() -> None:
    projects = found("setup.py", "pkg/__init__.py", "tests/sample/setup.py", "tests/sample/inner/__init__.py")
    assert [item.root for item in projects] == [""]


def test_declared_test_paths_win_over_usual_ones() -> None:
    text = '[project]\nname = "a-b"\n[tool.pytest.ini_options]\ntestpaths = ["checks"]\n'
    (project,) = found("a_b/__init__.py", "checks/test_a.py", "tests/test_b.py", pyproject_toml=text)
    assert (project.name, project.test_paths) == ("a-b", ("checks",))


@pytest.mark.parametrize(
    "text",
    [
        "[project]\nname = 5\n",
        "project = 5\n",
        "tool = 5\n",
        "[tool.pytest.ini_options]\ntestpaths = 5\npythonpath = {a = 1}\n",
        "[tool.setuptools]\npy-modules = 5\npackage-dir = 5\n",
        "[tool.poetry]\npackages = [{from = 5}]\n",
        "[[[",
    ],
)
def test_broken_metadata_does_not_hide_the_code(text: str) -> None:
    (project,) = found("pkg/__init__.py", "setup.py", pyproject_toml=text)
    assert project.packages == ("pkg",)
