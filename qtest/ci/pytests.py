"""Whether a project is tested by pytest, and what its settings of pytest ask for."""

import ast
import configparser
import re
from collections.abc import Iterator, Mapping, Sequence

from qtest.ci.install import TEST_FILES
from qtest.ci.settings import table, text_of, toml

_DECLARED = ("pyproject.toml", "setup.cfg", "setup.py", "requirements.txt", *TEST_FILES)
_SECTIONS = {"pytest.ini": "pytest", "tox.ini": "pytest", "setup.cfg": "tool:pytest"}


def told(files: Mapping[str, bytes], tests: Sequence[bytes]) -> str:
    """What says that pytest is used; empty when nothing does."""
    if "pytest.ini" in files or "pytest.toml" in files:
        return "its own settings file"
    if table(toml(files.get("pyproject.toml", b"")), "tool", "pytest"):
        return "pyproject.toml [tool.pytest]"
    if re.search(r"^\[(tool:)?pytest\]", text_of(files, "setup.cfg", "tox.ini"), re.MULTILINE):
        return "a section of setup.cfg or tox.ini"
    if re.search(r"\bpytest\b", text_of(files, *_DECLARED)):
        return "the declared dependencies"
    return "the tests themselves" if any(_of_pytest(text) for text in tests) else ""


def measures_itself(files: Mapping[str, bytes]) -> bool:
    """By pytest-cov, in every run: two that measure disturb each other."""
    return any("--cov" in options for options in _options(files))


def _options(files: Mapping[str, bytes]) -> Iterator[str]:
    settings = table(toml(files.get("pyproject.toml", b"")), "tool", "pytest")
    for found in (settings, table(settings, "ini_options"), table(toml(files.get("pytest.toml", b"")), "pytest")):
        yield str(found.get("addopts", ""))
    for name, section in _SECTIONS.items():
        config = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
        try:
            config.read_string(text_of(files, name))
        except configparser.Error:
            continue
        yield config.get(section, "addopts", fallback="") or ""


def _of_pytest(source: bytes) -> bool:
    """Imports it, or has a test that unittest would not find."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    if re.search(rb"^\s*(import|from)\s+pytest\b", source, re.MULTILINE):
        return True
    functions = (node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    classes = (node.name for node in tree.body if isinstance(node, ast.ClassDef) and not node.bases)
    return any(name.startswith("test") for name in functions) or any(name.startswith("Test") for name in classes)
