"""New tests in a module of tests that is there already: text is only put in, so that all that stood there stands there still."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

Origin = tuple[str, str] | None  # (module, name) of an import, the name empty for a whole module; None for all else

_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.M)
_ACTING = {"pytestmark", "setup_module", "teardown_module", "setup_function", "teardown_function", "__test__"}
_FIXTURES = {"capsys", "monkeypatch", "request", "tmp_path"}


class UnfitError(Exception):
    """The module does not take these tests; its words say why."""


@dataclass(frozen=True)
class Binding:
    """A name at the top of a module. `plain`: by a statement that always runs; `near`: taken from a module relative to this one."""

    origin: Origin
    plain: bool = False
    near: bool = False


def unfit(host: str) -> str:
    """Why no test can be added; empty when some can."""
    try:
        tree = _parsed(host)
    except UnfitError as error:
        return str(error)
    cookie = _COOKIE.search("\n".join(host.split("\n", 2)[:2]))
    if cookie and cookie[1].lower() not in ("utf-8", "utf8", "ascii"):
        return f"it is encoded in {cookie[1]}"
    if re.search(r"\r(?!\n)", host) or "\f" in host:
        return "its lines end as few do"
    if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree)):
        return "it imports names that it does not name"
    acting = sorted(_ACTING & set(bindings(host)))
    if acting:
        return f"its {acting[0]} acts on every test in it"
    if any(_is_autouse(node) for node in tree.body):
        return "a fixture of its acts on every test in it"
    if any(isinstance(node, ast.ClassDef) and _is_unittest(node) for node in tree.body):
        return "its tests are of unittest"
    return "" if any(_holds_test(node) for node in tree.body) else "there is no test in it"


def in_classes(host: str) -> bool:
    """Whether all its tests, where there are some, are methods."""
    return not any(_is_test(node) for node in _parsed(host).body)


def _holds_test(node: ast.stmt) -> bool:
    return _is_test(node) or (isinstance(node, ast.ClassDef) and any(map(_is_test, node.body)))


def _is_unittest(node: ast.ClassDef) -> bool:
    """Who runs those by unittest would never run a function."""
    return any(ast.unparse(base).endswith("TestCase") for base in node.bases)


def _is_test(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")


def bindings(text: str) -> dict[str, list[Binding]]:
    """What its names stand for, which may be several things. Raises UnfitError for what is no Python."""
    found: dict[str, list[Binding]] = {}
    for node in _parsed(text).body:
        for name, binding in _bound(node, plain=True):
            found.setdefault(name, []).append(binding)
    return found


def extended(host: str, ours: str, width: int = 88) -> str:
    """`host` with the imports and the tests of `ours`, which is a module of its own. Raises UnfitError."""
    tree, own = _parsed(host), _parsed(ours)
    known = bindings(host)
    body = [node for node in own.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    _check_names(own, body, known)
    needed = [alias for node in own.body for alias in _aliases(node) if not _has(known, *alias)]
    fresh = [node for node in body if not _stands(node, ours, host, tree)]
    rows = ours.split("\n")
    head = [row for row in rows[: own.body[0].lineno - 1] if row.startswith("#")]
    said = [] if not head or head[0] in host.splitlines() else ["\n".join(head)]  # a file of ours says it at its top
    block = "\n\n\n".join((*said, *("\n".join(_rows(node, rows)) for node in fresh)))
    return _with(host, [*_imported(needed, host, tree, width), _appended(block, host, tree)])


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnfitError("it cannot be read as Python") from error


# --- what names stand for --------------------------------------------------------------------------------------------


def _bound(node: ast.AST, *, plain: bool) -> Iterator[tuple[str, Binding]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name, Binding(None, plain)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Global):
                yield from ((name, Binding(None)) for name in inner.names)
        return
    if isinstance(node, ast.Import | ast.ImportFrom):
        near = isinstance(node, ast.ImportFrom) and node.level > 0
        yield from ((name, Binding(origin, plain, near)) for name, origin, _ in _aliases(node))
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
        yield node.id, Binding(None)
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name, Binding(None)
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return
    for inner in ast.iter_child_nodes(node):
        yield from _bound(inner, plain=False)


Alias = tuple[str, Origin, str]  # the name it binds, what it stands for, and the statement that binds it


def _aliases(node: ast.stmt) -> Iterator[Alias]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            whole = alias.asname or alias.name.partition(".")[0]
            said = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
            yield whole, (alias.name if alias.asname else whole, ""), said
    elif isinstance(node, ast.ImportFrom):
        home = "." * node.level + (node.module or "")
        for alias in node.names:
            said = f"from {home} import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
            yield alias.asname or alias.name, (home, alias.name), said


def _has(known: Mapping[str, list[Binding]], name: str, origin: Origin, said: str) -> bool:
    """Whether the name stands for that already. One that a package hands on is taken for what it is in its module: the gates would see
    a difference."""
    there = known.get(name, [])
    if not there:
        return False
    if any(not _same(binding, name, origin) for binding in there):
        raise UnfitError(f"{name} is something else in it")
    return any(binding.plain for binding in there) and not ("." in said and said.startswith("import "))


def _same(binding: Binding, name: str, origin: Origin) -> bool:
    if binding.origin is None or origin is None or binding.origin == origin:
        return binding.origin == origin and origin is not None
    handed_on = binding.origin[1] == origin[1] == name
    return handed_on and (binding.near or binding.origin[0].partition(".")[0] == origin[0].partition(".")[0])


def _check_names(own: ast.Module, body: Iterable[ast.stmt], known: Mapping[str, list[Binding]]) -> None:
    """What is built in for `ours`, or a fixture of pytest's, must not be something else in the host."""
    imported = {name for node in own.body for name, _, _ in _aliases(node)}
    names = [node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Name)]
    taken = [node.arg for statement in body for node in ast.walk(statement) if isinstance(node, ast.arg)]
    local = {node.id for node in names if not isinstance(node.ctx, ast.Load)} | set(taken)
    local |= {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    used = ({node.id for node in names} - local - imported) | (set(taken) & _FIXTURES)
    both = sorted(used & set(known))
    if both:
        raise UnfitError(f"{both[0]} is something else in it")


def _stands(node: ast.stmt, ours: str, host: str, tree: ast.Module) -> bool:
    """Whether this very function is there, of earlier tests of ours. Raises UnfitError where another has its name."""
    name = getattr(node, "name", "")
    alike = [other for other in tree.body if getattr(other, "name", None) == name]
    if not alike and name not in bindings(host):
        return False
    if alike and ast.get_source_segment(host, alike[-1]) == ast.get_source_segment(ours, node):
        return True
    raise UnfitError(f"{name} is something else in it")


def _is_autouse(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
        isinstance(inner, ast.keyword) and inner.arg == "autouse"
        for decorator in node.decorator_list
        for inner in ast.walk(decorator)
    )


# --- where text is put in --------------------------------------------------------------------------------------------

Edit = tuple[int, int, str]  # before this line, counted from 0, and this sign of it


def _imported(needed: Iterable[Alias], host: str, tree: ast.Module, width: int) -> Iterator[Edit]:
    """Into a statement that imports from there in one line, else as statements of their own behind the last one."""
    groups: dict[str, list[str]] = {}
    for _, _, said in needed:
        home, between, name = said.partition(" import ")
        groups.setdefault(home if between else said, []).extend([name] if between else [])
    own: list[str] = []
    for home, names in groups.items():
        place = _line_of(home, names, host, tree, width) if names else None
        if place:
            yield place
        else:
            own.append(f"{home} import {', '.join(sorted(names, key=str.lower))}" if names else home)
    if own:
        yield _behind_imports(host, tree), 0, "".join(f"{statement}\n" for statement in own)


def _line_of(home: str, names: Iterable[str], host: str, tree: ast.Module, width: int) -> Edit | None:
    rows = host.split("\n")
    more = "".join(f", {name}" for name in sorted(names, key=str.lower))
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom) or node.level or f"from {node.module}" != home:
            continue
        row = rows[node.lineno - 1].rstrip("\r")
        whole = node.lineno == node.end_lineno and node.col_offset == 0 and node.end_col_offset == len(row)
        if whole and row.isascii() and not row.endswith(")") and len(row) + len(more) <= width:
            return node.lineno - 1, len(row), more
    return None


def _behind_imports(host: str, tree: ast.Module) -> int:
    """The line. Behind what is said about the module, where nothing is imported."""
    last = next(number for number, row in enumerate(host.split("\n")) if not row.startswith("#"))
    for number, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
        is_text = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text or isinstance(node, ast.Import | ast.ImportFrom):
            last = node.end_lineno or node.lineno
    if any(node.lineno <= last < (node.end_lineno or node.lineno) for node in tree.body):
        raise UnfitError("an import of its shares a line")
    return last


def _appended(block: str, host: str, tree: ast.Module) -> Edit:
    """At the end; but before what the module does when it is run as a script."""
    rows = host.split("\n")
    last = tree.body[-1] if tree.body else None
    if last is not None and _is_script(last):
        line, before = last.lineno - 1, tree.body[-2].end_lineno if len(tree.body) > 1 else 0
        while line > (before or 0) and rows[line - 1].startswith("#"):
            line -= 1
        return line, 0, f"{block}\n\n\n"
    end = len(host) - len(host.rstrip("\r\n"))
    ended = host[len(host) - end :].count("\n")
    return len(rows) - 1, len(rows[-1]), "\n" * max(0, 3 - ended) * bool(host.strip()) + block + "\n"


def _is_script(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in {
        one.id for one in ast.walk(node.test) if isinstance(one, ast.Name)
    }


def _rows(node: ast.stmt, rows: list[str]) -> list[str]:
    """With its decorators."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return rows[first - 1 : node.end_lineno]


def _with(host: str, edits: Iterable[Edit]) -> str:
    """Line ends as the host has them."""
    rows = host.split("\n")
    end = "\r\n" if "\r\n" in host else "\n"
    for line, column, text in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        row = rows[line]
        rows[line] = row[:column] + text.replace("\n", end) + row[column:]
    return "\n".join(rows)
