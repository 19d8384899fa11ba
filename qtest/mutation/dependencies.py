"""What a test file may depend on inside the repository: everything it imports, directly or not; the whole tree when that cannot be told."""

import ast
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from qtest.languages.python.source import decoded, tree_of
from qtest.records.source import RawSourceBundle

# what may bring code in without an import that can be read
_HIDDEN = re.compile(
    r"\b(importlib(?!(\.|\s+import\s+)(metadata|resources)\b)|__import__|pkgutil|runpy|zipimport|imp|pytest_plugins|pytester"
    r"|entry_points|iter_entry_points|sys\s*\.\s*(path|modules|meta_path|path_hooks)|from\s+sys\s+import"
    r"|subprocess|multiprocessing|create_subprocess_\w+|os\s*\.\s*(system|popen|exec\w*|spawn\w*|posix_spawn\w*|fork))\b"
    r"|\b(exec|eval)\s*\("
)
_SETTINGS = ("pyproject.toml", "setup.cfg", "setup.py", "pytest.ini", "pytest.toml", "tox.ini", "entry_points.txt")
_PLUGINS = re.compile(r"pytest11|(^|[\s\"'=])-p[\s\"',=]*(?!no:)[A-Za-z_]")


class Dependencies:
    """Of one bundle. `read` gives a file's bytes by its digest. Names are matched by their ends, so that it does not matter what stands
    on the import path: rather a file too many than one too few."""

    def __init__(self, bundle: RawSourceBundle, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._shas = {file.path: file.sha256 for file in bundle.files}
        self._python = frozenset(file.path for file in bundle.files if file.language == "python")
        self._named = _by_ending(self._python)
        self._imports: dict[str, frozenset[str] | None] = {}
        self._around = frozenset(
            path for path in self._shas if path not in self._python or posixpath.basename(path) == "conftest.py"
        )
        self._plain = not any(self._loads_plugins(path) for path in self._shas)

    def of(self, paths: Iterable[str]) -> frozenset[str] | None:
        """The files themselves and all they import, every conftest.py, and every file that is no code. None: it may be any file."""
        if not self._plain:
            return None
        found: set[str] = set()
        waiting = [*paths, *(path for path in self._around if path in self._python)]
        while waiting:
            path = waiting.pop()
            if path in found:
                continue
            imported = self._imported(path)
            if imported is None:
                return None
            found.add(path)
            waiting.extend(imported - found)
        return frozenset(found) | self._around

    def _imported(self, path: str) -> frozenset[str] | None:
        if path not in self._imports:
            self._imports[path] = self._look(path)
        return self._imports[path]

    def _look(self, path: str) -> frozenset[str] | None:
        """Its packages' own files count: importing a module runs them."""
        if path not in self._python:
            return None
        try:
            text = decoded(self._read(self._shas[path]))
            tree = tree_of(text, path)
        except SyntaxError:
            return None
        if _HIDDEN.search(text):
            return None
        found = {file for name in _names(tree, path) for file in self._named.get(name, ())}
        return frozenset(found.union(self._packages(path)))

    def _packages(self, path: str) -> Iterator[str]:
        for folder in PurePosixPath(path).parents:
            if f"{folder}/__init__.py" not in self._python:
                return
            yield f"{folder}/__init__.py"

    def _loads_plugins(self, path: str) -> bool:
        if posixpath.basename(path) not in _SETTINGS:
            return False
        return bool(_PLUGINS.search(self._read(self._shas[path]).decode("utf-8", "replace")))


def trees(bundle: RawSourceBundle, read: Callable[[str], bytes]) -> Callable[[str], ast.Module]:
    """Of its Python files, by path."""
    shas = {file.path: file.sha256 for file in bundle.files}
    return lambda path: tree_of(decoded(read(shas[path])), path)


def _by_ending(paths: Iterable[str]) -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for path in sorted(paths):
        parts = path.removesuffix(".py").split("/")
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        for start in range(len(parts)):
            found.setdefault(tuple(parts[start:]), []).append(path)
    return {ending: tuple(files) for ending, files in found.items()}


def _names(tree: ast.Module, path: str) -> Iterator[tuple[str, ...]]:
    """Every module that may be meant, packages on the way among them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _beginnings(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = [*_above(path, node.level), *(node.module.split(".") if node.module else ())]
            yield from _beginnings(base)
            for alias in node.names:
                yield (*base, alias.name)


def _above(path: str, level: int) -> Sequence[str]:
    """The package that a relative import starts from, as the end of a name; nothing for an absolute one, whose level is 0."""
    return path.split("/")[:-level]


def _beginnings(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for end, _ in enumerate(parts, 1):
        yield tuple(parts[:end])
