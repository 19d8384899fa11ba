"""Fixtures of a project that its tests can have for what they would otherwise make themselves."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import basename, dirname

from qtest.languages.python.importing import dotted, imported
from qtest.languages.python.meaning import Meaning
from qtest.languages.python.read import read
from qtest.languages.python.walk import walk
from qtest.records.case import Call, Construct, EnvValue, Expression, Ref, Step
from qtest.records.file import Fixture

_DECORATORS = ("pytest.fixture", "fixture")


def fixtures_of(path: str, text: str) -> tuple[Fixture, ...]:
    """Those of a conftest that ask for nothing and give back one new object for each test, in order."""
    if basename(path) != "conftest.py":
        return ()
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return ()
    scope: dict[str, Meaning] = {
        item.name: item.source
        for node in body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for item in imported(node, "conftest", package=False)
    }
    found: dict[str, Fixture | None] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = _fixture(node, path, scope)
    return tuple(fixture for fixture in found.values() if fixture is not None)


def visible(fixtures: Iterable[Fixture], path: str) -> tuple[Fixture, ...]:
    """Those that a test file has, nearest last; of one name the nearest."""
    near = [one for one in fixtures if path.startswith(f"{dirname(one.path)}/" if dirname(one.path) else "")]
    by_name = {one.name: one for one in sorted(near, key=lambda one: one.path.count("/"))}
    return tuple(by_name.values())


def reused(setup: Sequence[Step], fixtures: Sequence[Fixture]) -> Mapping[int, Fixture]:
    """By place, steps at the beginning of a set-up whose objects a fixture gives: each gives one."""
    found: dict[int, Fixture] = {}
    for at, step in enumerate(setup):
        left = (one for one in fixtures if one not in found.values() and _same(one.makes, step.does))
        fixture = next(left, None) if step.name else None
        if fixture is None:
            break
        found[at] = fixture
    return found


def _fixture(node: ast.FunctionDef, path: str, scope: Mapping[str, Meaning]) -> Fixture | None:
    if [_plain(decorator) for decorator in node.decorator_list] != [True] or any(_arguments(node)):
        return None
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    match body:
        case [ast.Return(value=ast.expr() as value)]:
            pass
        case [ast.Assign(targets=[ast.Name(id=bound)], value=value), ast.Return(value=ast.Name(id=given))] if (
            bound == given
        ):
            pass
        case _:
            return None
    makes = read(value, scope)
    if not isinstance(makes, Call | Construct) or any(isinstance(part, Ref | EnvValue) for part in walk(makes)):
        return None
    return Fixture(name=node.name, path=path, makes=makes)


def _plain(decorator: ast.expr) -> bool:
    """With a scope or parameters it gives something else than a new object for each test."""
    if isinstance(decorator, ast.Call):
        return not decorator.args and not decorator.keywords and dotted(decorator.func) in _DECORATORS
    return dotted(decorator) in _DECORATORS


def _arguments(node: ast.FunctionDef) -> Iterator[ast.arg]:
    given = node.args
    yield from (*given.posonlyargs, *given.args, *given.kwonlyargs)
    yield from (one for one in (given.vararg, given.kwarg) if one)


def _same(makes: Expression, does: Expression) -> bool:
    """A name that a package hands on is taken for what it is in its module: the gates would see a difference."""
    if not isinstance(makes, Call | Construct) or not isinstance(does, Call | Construct):
        return False
    if isinstance(does, Call) and (does.receiver is not None or does.awaited):
        return False
    home, _, name = makes.symbol.partition(":")
    other, _, called = does.symbol.partition(":")
    alike = name == called and home.partition(".")[0] == other.partition(".")[0]
    return alike and makes.arguments == does.arguments
