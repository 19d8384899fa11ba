"""What tox and nox are told to do in a project, as far as it is about tests; read, never run."""

import ast
import configparser
import re
from collections.abc import Iterator, Mapping

from qtest.ci.settings import table, toml

_TESTS = re.compile(r"\b(pytest|py\.test|unittest|trial|stestr|nose2?)\b")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def tox_environment(files: Mapping[str, bytes]) -> str:
    """The environment that runs tests: `py`, which is the common one on the Python at hand, or one with a name; empty for none."""
    testing = [name for name, text in _tox_sections(files) if _TESTS.search(text)]
    if "" in testing:
        return "py"
    return next((name for name in testing if _NAME.fullmatch(name)), "")


def nox_session(source: bytes) -> str:
    """The first session that runs tests; empty for none."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    testing = (node for node in functions if any(_TESTS.search(word) for word in _words_run(node)))
    return next((name for node in testing if _NAME.fullmatch(name := _session_name(node))), "")


def _tox_sections(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Each environment's commands, the common one's under an empty name."""
    native = table(toml(files.get("pyproject.toml", b"")), "tool", "tox")
    legacy = native.get("legacy_tox_ini")
    for text in (files.get("tox.ini", b"").decode("utf-8", "replace"), legacy if isinstance(legacy, str) else ""):
        yield from _ini_sections(text)
    for settings in (native, toml(files.get("tox.toml", b""))):
        yield "", str(table(settings, "env_run_base").get("commands", ""))
        for name, told in table(settings, "env").items():
            yield name, str(told.get("commands", "")) if isinstance(told, dict) else ""


def _ini_sections(text: str) -> Iterator[tuple[str, str]]:
    config = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        config.read_string(text)
    except configparser.Error:
        return
    for section in config.sections():
        if section == "testenv" or section.startswith("testenv:"):
            yield section.partition(":")[2], config.get(section, "commands", fallback="") or ""


def _session_name(node: ast.FunctionDef) -> str:
    """Of a function with nox's decorator; empty for another."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if ast.unparse(called) not in ("nox.session", "session", "nox_poetry.session"):
            continue
        keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
        named = next((keyword.value for keyword in keywords if keyword.arg == "name"), None)
        if isinstance(named, ast.Constant):
            return str(named.value)
        return node.name if named is None else ""
    return ""


def _words_run(node: ast.FunctionDef) -> Iterator[str]:
    """The texts in calls of `session.run` and its kin, but for those that install."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr.startswith("run"):
            parts = [part.value for part in ast.walk(call) if isinstance(part, ast.Constant)]
            words = [part for part in parts if isinstance(part, str)]
            yield from () if "install" in words else words
