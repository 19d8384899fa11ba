"""What of some Python files a test can run: the code that runs when they are imported, and what that and the test name, directly or not.

A function or class of the top level that nothing of it names cannot be entered, unless names are made up while the program runs. Where
code that counts may do that, or look at source text, every line of every file counts.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import basename

from qtest.records.record import digest_of

_WORD = re.compile(r"[^\W\d]\w*")
# these name an attribute by a text
_BY_TEXT = frozenset({"getattr", "setattr", "delattr", "hasattr", "attrgetter", "methodcaller", "import_string"})
_PATCHING = frozenset({"patch", "object"})
# by these, code finds what it does not name, or reads how it is written
_SEEING = frozenset(
    {
        *("globals", "locals", "vars", "dir", "eval", "exec", "__dict__", "__subclasses__", "gc", "inspect", "pickle"),
        *("copyreg", "shelve", "marshal", "__doc__", "doctest", "__file__", "__code__", "getsource", "linecache"),
        *("traceback", "lineno", "co_firstlineno", "settrace", "setprofile"),
        *("glob", "rglob", "walk", "scandir", "listdir", "iterdir"),
    }
)
_CALLED_BY_PYTEST = ("pytest_", "setup", "teardown", "load_tests", "__")
_Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class _Part:
    """Some statements of one file: those of the top level that count in any case, or the functions and classes of one name, which count
    when it is named."""

    nodes: tuple[ast.stmt, ...]

    @cached_property
    def digest(self) -> str:
        """Of what is compiled: neither its lines nor comments."""
        return digest_of(repr([ast.dump(node) for node in self.nodes]))

    @cached_property
    def words(self) -> frozenset[str]:
        """All that may name something: identifiers, and words of texts."""
        return frozenset(word for node in self.nodes for word in (*_names(node), *_said(node)))

    @cached_property
    def sees(self) -> bool:
        """Whether it may find what it does not name, or look at source text."""
        return any(not _SEEING.isdisjoint(_names(node)) or _by_value(node) for node in self.nodes) or any(
            _names_a_source(node) or _hides(node) for top in self.nodes for node in ast.walk(top)
        )


@dataclass(frozen=True)
class _File:
    """`defined` are all functions and classes of its top level."""

    defined: frozenset[str]
    always: _Part
    named: Mapping[str, _Part]
    aliases: Mapping[str, str]


@dataclass(frozen=True)
class Slices:
    """`tree_at` gives a file's tree by its path. Files are read once."""

    tree_at: Callable[[str], ast.Module]
    _files: dict[tuple[str, bool], _File] = field(default_factory=dict)

    def of(
        self, paths: Iterable[str], tests: Mapping[str, Iterable[str]], names: Iterable[str], text: str
    ) -> tuple[tuple[str, str], ...] | None:
        """Path and digest of each file's part in it. `tests` gives by path the functions or classes of it that are run; `names` are others
        that count, whoever names them; `text` is code that may come in. None: every line may count."""
        files = {path: self._file(path, path in tests) for path in sorted(paths)}
        if any(path not in files or not set(chosen) <= files[path].defined for path, chosen in tests.items()):
            return None  # a doctest, or a test that comes from another file
        wanted = {*names, *_WORD.findall(text), *(name for chosen in tests.values() for name in chosen)}
        parts = _closed(files, wanted)
        if any(part.sees for part in parts) or wanted & _SEEING:
            return None
        return tuple((path, _digest(file, parts)) for path, file in files.items())

    def _file(self, path: str, of_tests: bool) -> _File:
        if (path, of_tests) not in self._files:
            self._files[path, of_tests] = _cut(self.tree_at(path), _is_test if of_tests else _is_any, path)
        return self._files[path, of_tests]


def _closed(files: Mapping[str, _File], wanted: Iterable[str]) -> set[_Part]:
    """All that runs at import, and what is wanted or named on the way."""
    by_name: dict[str, list[_Part]] = {}
    aliases: dict[str, set[str]] = {}
    for file in files.values():
        for name, part in file.named.items():
            by_name.setdefault(name, []).append(part)
        for alias, name in file.aliases.items():
            aliases.setdefault(alias, set()).add(name)
    found = {file.always for file in files.values()}
    todo = [*wanted, *(word for part in found for word in part.words)]
    for word in todo:  # it grows meanwhile
        todo += aliases.pop(word, ())
        for part in by_name.pop(word, ()):
            found.add(part)
            todo += part.words
    return found


def _digest(file: _File, chosen: set[_Part]) -> str:
    return digest_of(repr([part.digest for part in (file.always, *file.named.values()) if part in chosen]))


def _cut(tree: ast.Module, able: Callable[[_Defined], bool], path: str) -> _File:
    """In a conftest everything counts: pytest calls its functions by rules of its own."""
    always: list[ast.stmt] = []
    named: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        if isinstance(node, _Defined) and basename(path) != "conftest.py" and able(node) and _inert(node):
            named.setdefault(node.name, []).append(node)
        else:
            always.append(node)
    return _File(
        defined=frozenset(node.name for node in tree.body if isinstance(node, _Defined)),
        always=_Part(tuple(always)),
        named={name: _Part(tuple(nodes)) for name, nodes in named.items()},
        aliases={
            alias.asname: alias.name.rpartition(".")[2]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
            if alias.asname
        },
    )


def _is_any(node: _Defined) -> bool:
    return not node.name.startswith(_CALLED_BY_PYTEST)


def _is_test(node: _Defined) -> bool:
    """Other functions beside tests may be called by pytest, or be asked for by a parameter's name."""
    return node.name.lower().startswith("test")


def _inert(node: _Defined) -> bool:
    """Nothing happens when it is defined but that its name is bound."""
    if not all(map(_is_mark, node.decorator_list)):
        return False
    if isinstance(node, ast.ClassDef):
        return not node.keywords and _quiet(node)
    arguments = node.args
    given = (*arguments.defaults, *arguments.kw_defaults)
    hints = [one.annotation for one in _every_argument(arguments)] + [node.returns]
    return not any(_calls(part) for part in (*given, *hints) if part)


def _quiet(node: ast.ClassDef) -> bool:
    """Only methods, themselves inert, and plain values. One that is derived from elsewhere may be registered there."""
    if any(
        not isinstance(base, ast.Name) or base.id not in ("object", "Exception", "ValueError") for base in node.bases
    ):
        return False
    return all(_inert(inner) if isinstance(inner, _Defined) else not _calls(inner) for inner in node.body)


def _every_argument(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (one for one in (arguments.vararg, arguments.kwarg) if one)


def _is_mark(decorator: ast.expr) -> bool:
    """`pytest.mark` with constants: it only notes something about a test. And what Python itself makes of methods."""
    if isinstance(decorator, ast.Name) and decorator.id in ("staticmethod", "classmethod", "property"):
        return True
    given: Sequence[ast.AST] = ()
    if isinstance(decorator, ast.Call):
        given, decorator = (*decorator.args, *decorator.keywords), decorator.func
    return ast.unparse(decorator).startswith("pytest.mark.") and not any(map(_calls, given))


def _calls(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Call | ast.Await) for part in ast.walk(node))


def _names(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.keyword(arg=str(name)):
                yield name
            case ast.MatchClass(kwd_attrs=names):
                yield from names
            case ast.Import() | ast.ImportFrom() if isinstance(node, _Defined):  # it may run a module's code late
                yield from (word for alias in part.names for word in alias.name.split("."))


def _said(node: ast.AST) -> Iterator[str]:
    """Words of the texts that are not only there to be read."""
    read = {id(part.value) for part in ast.walk(node) if isinstance(part, ast.Expr)}
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in read:
            yield from _WORD.findall(part.value)


def _by_value(node: ast.AST) -> bool:
    """An attribute whose name is no text that can be read here."""
    calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    if any(_last(call.func) in _PATCHING and (call.args or call.keywords) and not _has_text(call) for call in calls):
        return True
    mentioned = sum(_last(part) in _BY_TEXT for part in ast.walk(node))
    return mentioned > sum(_last(call.func) in _BY_TEXT and _has_text(call) for call in calls)


def _has_text(call: ast.Call) -> bool:
    """Where a name is expected."""
    return any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in call.args[:2])


def _last(node: ast.AST) -> str | None:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return None


def _hides(node: ast.AST) -> bool:
    """An import by which one of these gets another name, or something out of such a module."""
    if isinstance(node, ast.ImportFrom) and node.module and not _SEEING.isdisjoint(node.module.split(".")):
        return True
    return isinstance(node, ast.Import | ast.ImportFrom) and any(
        alias.asname and not (_SEEING | _BY_TEXT | _PATCHING).isdisjoint(alias.name.split(".")) for alias in node.names
    )


def _names_a_source(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".py")
