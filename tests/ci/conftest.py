"""Small projects, each with its own way to run its tests, and the workflows that are written for them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from qtest.cli import main

CODE = "def double(x):\n    return 2 * x\n"
PYTEST = "from shop import double\n\n\ndef test_double():\n    assert double(2) == 4\n"
UNITTEST = (
    "import unittest\n\nfrom shop import double\n\n\nclass TestDouble(unittest.TestCase):\n"
    "    def test_double(self):\n        self.assertEqual(double(2), 4)\n"
)
NOX = """
import nox

@nox.session
def lint(session):
    session.install("pytest")
    session.run("ruff", "check")

@nox.session(name="tests", python=["3.9", "3.12"])
def run_tests(session):
    session.install("pytest", ".")
    session.run("pytest", *session.posargs)
"""
TOX = "[tox]\nenvlist = py39,lint\n[testenv]\ndeps = pytest\ncommands = pytest {posargs}\n[testenv:lint]\ncommands = ruff check\n"
PYPROJECT = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n'

PROJECTS: Mapping[str, Mapping[str, str]] = {
    "pytest": {"shop.py": CODE, "tests/test_shop.py": PYTEST},
    "unittest": {"shop.py": CODE, "tests/test_shop.py": UNITTEST},
    "unittest-package": {"shop.py": CODE, "tests/__init__.py": "", "tests/test_shop.py": UNITTEST},
    "unittest-suffix": {"shop.py": CODE, "tests/shop_test.py": UNITTEST},
    "pytest-declared": {
        "shop.py": CODE,
        "tests/test_shop.py": UNITTEST,
        "pyproject.toml": f'{PYPROJECT}[project.optional-dependencies]\ntest = ["pytest"]\n',
    },
    "pytest-cov": {
        "shop.py": CODE,
        "test_shop.py": PYTEST,
        "setup.cfg": "[tool:pytest]\naddopts = --cov=shop\n[metadata]\nname = shop\n",
    },
    "groups": {
        "shop.py": CODE,
        "test_shop.py": PYTEST,
        "pyproject.toml": f'{PYPROJECT}[dependency-groups]\ndev = ["ruff"]\ntest = ["pytest"]\n',
    },
    "requirements": {"shop.py": CODE, "test_shop.py": PYTEST, "requirements-dev.txt": "pytest\n"},
    "uv": {"shop.py": CODE, "test_shop.py": PYTEST, "pyproject.toml": PYPROJECT, "uv.lock": "version = 1\n"},
    "poetry": {"shop.py": CODE, "test_shop.py": PYTEST, "pyproject.toml": PYPROJECT, "poetry.lock": ""},
    "tox": {"shop.py": CODE, "tests/test_shop.py": PYTEST, "tox.ini": TOX},
    "tox-named": {
        "shop.py": CODE,
        "test_shop.py": PYTEST,
        "tox.ini": "[testenv:lint]\ncommands = ruff\n[testenv:unit]\ncommands = python -m pytest\n",
    },
    "tox-native": {
        "shop.py": CODE,
        "test_shop.py": PYTEST,
        "pyproject.toml": f'{PYPROJECT}[tool.tox.env_run_base]\ncommands = [["pytest"]]\n',
    },
    "tox-only-lints": {
        "shop.py": CODE,
        "test_shop.py": PYTEST,
        "tox.ini": "[flake8]\nmax-line-length = 100\n[testenv]\ndeps = pytest\ncommands = ruff check\n",
    },
    "nox": {"shop.py": CODE, "test_shop.py": PYTEST, "noxfile.py": NOX},
    "django": {
        "shop/__init__.py": CODE,
        "shop/tests.py": UNITTEST,
        "manage.py": "from django.core.management import execute_from_command_line\n",
    },
    "poetry-group": {
        "shop.py": CODE,
        "test_shop.py": PYTEST,
        "pyproject.toml": '[tool.poetry]\nname = "shop"\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n',
    },
    "old-extras": {
        "shop.py": CODE,
        "test_shop.py": PYTEST,
        "setup.cfg": "[metadata]\nname = shop\n[options.extras_require]\ntests =\n  pytest\n",
    },
    "classes": {"shop.py": CODE, "test_shop.py": "class TestShop:\n    def test_it(self):\n        pass\n"},
    "several": {
        "a/pyproject.toml": PYPROJECT,
        "a/shop.py": CODE,
        "a/tests/test_shop.py": PYTEST,
        "b-2/setup.py": "from setuptools import setup\nsetup(name='other', py_modules=['other'])\n",
        "b-2/other.py": CODE,
        "b-2/tests/test_other.py": UNITTEST,
    },
    "no-tests": {"shop.py": CODE},
}


@pytest.fixture(scope="session")
def projects() -> Mapping[str, Mapping[str, str]]:
    return PROJECTS


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, str]], Path]:
    """Makes a folder of files."""

    def made(files: Mapping[str, str]) -> Path:
        folder = tmp_path_factory.mktemp("ci")
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    return made


@pytest.fixture(scope="session")
def workflows(
    laid: Callable[[Mapping[str, str]], Path], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Path]:
    """That of each project, in one folder."""
    folder = tmp_path_factory.mktemp("workflows")
    for name, files in PROJECTS.items():
        assert main(["ci", str(laid(files)), "--out", str(folder / f"{name}.yml")]) == 0
    return {name: folder / f"{name}.yml" for name in PROJECTS}
