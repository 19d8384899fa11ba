"""Which projects a tree holds, what can be imported from each, and where its tests lie; read from its files, nothing run."""

import ast
import configparser
import re
import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from qtest.ingest import filters
from qtest.records.source import Layout, Project

_MARKERS = ("pyproject.toml", "setup.cfg", "setup.py")
_ROOTS = ("src", "lib", "python", "")


def find_projects(files: Mapping[str, bytes], name: str) -> tuple[Project, ...]:
    """A project for each folder with build metadata and Python of its own; the top, when there is none. In order of path."""
    python = [path for path in files if path.endswith(".py")]
    roots = {_folder(path) for path in files if PurePosixPath(path).name in _MARKERS}
    roots = {root for root in roots if not _is_aside(root)}
    found = [_project(root, roots, files, python, name) for root in sorted(roots)]
    with_code = tuple(project for project in found if project.packages)
    return with_code or (_project("", {""}, files, python, name),)


def _is_aside(root: str) -> bool:
    return bool(set(PurePosixPath(root).parts) & (filters.TEST_FOLDERS | filters.AROUND | filters.VENDORED))


def _project(root: str, roots: set[str], files: Mapping[str, bytes], python: list[str], name: str) -> Project:
    prefix = f"{root}/" if root else ""
    inner = [other for other in roots if other != root and other.startswith(prefix)]
    mine = [
        path for path in python if path.startswith(prefix) and not any(path.startswith(f"{other}/") for other in inner)
    ]
    settings = Metadata(
        {
            path[len(prefix) :]: files[path]
            for path in files
            if path.startswith(prefix) and "/" not in path[len(prefix) :]
        }
    )
    relative = [path[len(prefix) :] for path in mine]
    layout, folder, packages = _layout(relative, settings)
    tests = _declared_tests(settings, folder, packages) or _usual_tests(relative)
    import_roots = tuple(dict.fromkeys(f"{prefix}{part}".rstrip("/") for part in (folder, *settings.python_path)))
    return Project(
        root=root,
        language="python",
        name=settings.name or (PurePosixPath(root).name if root else name),
        layout=layout,
        import_roots=import_roots,
        packages=packages,
        test_paths=tuple(f"{prefix}{path}" for path in tests),
        scripts=settings.scripts,
    )


def _declared_tests(settings: "Metadata", folder: str, packages: tuple[str, ...]) -> tuple[str, ...]:
    """Without those that are a package itself: some projects keep their tests inside."""
    own = {folder, *(f"{folder}/{package}".lstrip("/") for package in packages)}
    return tuple(path for path in settings.test_paths if path not in own)


def _layout(paths: list[str], settings: "Metadata") -> tuple[Layout, str, tuple[str, ...]]:
    """The layout's name, the folder that imports start from, and what can be imported."""
    candidates = _ROOTS if settings.package_folder is None else (settings.package_folder, *_ROOTS)
    for folder in candidates:
        packages = _importable(paths, folder, settings)
        if packages:
            regular = any(f"{folder}/{name}/__init__.py".lstrip("/") in paths for name in packages)
            modules = all(f"{folder}/{name}.py".lstrip("/") in paths for name in packages)
            layout: Layout = "module" if modules else "namespace" if not regular else "src" if folder else "flat"
            return layout, folder, packages
    return "unknown", "", ()


def _importable(paths: list[str], folder: str, settings: "Metadata") -> tuple[str, ...]:
    prefix = f"{folder}/" if folder else ""
    inside = [path[len(prefix) :] for path in paths if path.startswith(prefix)]
    tops = sorted({path.partition("/")[0] for path in inside})
    packages = [top for top in tops if f"{top}/__init__.py" in inside and not _is_around(top, folder)]
    modules = [
        top[:-3]
        for top in tops
        if top.endswith(".py")
        and top not in filters.BUILD_FILES
        and not filters.is_test(top)
        and top[:-3].isidentifier()
        and not top.startswith(("_", "conftest", "example", "demo"))
    ]
    if packages or (modules and (settings.import_name in modules or not _namespaces(tops, inside, folder))):
        if settings.modules:
            modules = [module for module in modules if module in settings.modules] or modules
        elif packages and not folder:
            modules = [module for module in modules if module == settings.import_name]
        return tuple(sorted({*packages, *modules}))
    return tuple(_namespaces(tops, inside, folder)) or tuple(modules)


def _namespaces(tops: list[str], inside: list[str], folder: str) -> list[str]:
    """Folders without `__init__.py` that hold packages or modules: implicit namespace packages (PEP 420)."""
    return [
        top
        for top in tops
        if not top.endswith(".py")
        and top.isidentifier()
        and not _is_around(top, folder)
        and any(path.startswith(f"{top}/") and not filters.is_test(path) for path in inside)
    ]


def _is_around(name: str, folder: str) -> bool:
    if name in filters.TEST_FOLDERS or not name.isidentifier():
        return True
    return not folder and (name in filters.AROUND or name in filters.BUILD_FOLDERS)


def _usual_tests(paths: list[str]) -> tuple[str, ...]:
    """The highest folders named for tests; files only where there is no such folder."""
    folders, loose = set(), set()
    for path in paths:
        parts = PurePosixPath(path).parts
        at = next((index for index, part in enumerate(parts[:-1]) if part in filters.TEST_FOLDERS), None)
        if at is not None:
            folders.add("/".join(parts[: at + 1]))
        elif filters.is_test(path) and parts[-1] != "conftest.py":
            loose.add(path)
    return tuple(sorted(folders)) + tuple(sorted(loose))


class Metadata:
    """What the build files of one project say, as far as it can be read without running them."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._toml = _toml(files.get("pyproject.toml", b""))
        self._cfg = _ini(files.get("setup.cfg", b""))
        self._tox = _ini(files.get("tox.ini", b""))
        self._pytest = _ini(files.get("pytest.ini", b""))
        self._setup = _setup_arguments(files.get("setup.py", b""))

    @property
    def name(self) -> str:
        found = (
            _get(self._toml, "project", "name")
            or _get(self._toml, "tool", "poetry", "name")
            or self._option(self._cfg, "metadata", "name")
        )
        return str(found or self._setup.get("name") or "")

    @property
    def import_name(self) -> str:
        return re.sub(r"[-.]+", "_", self.name).lower()

    @property
    def package_folder(self) -> str | None:
        """The folder that packages lie in, when it is declared."""
        declared = _get(self._toml, "tool", "setuptools", "package-dir") or self._setup.get("package_dir")
        if isinstance(declared, dict) and isinstance(declared.get(""), str):
            return str(declared[""]).strip("./")
        found = re.search(r"^\s*=\s*(\S+)", self._option(self._cfg, "options", "package_dir"), re.M)
        if found:
            return found.group(1).strip("./")
        where = _get(self._toml, "tool", "setuptools", "packages", "find", "where")
        if isinstance(where, list) and len(where) == 1:
            return str(where[0]).strip("./")
        poetry = _get(self._toml, "tool", "poetry", "packages")
        if isinstance(poetry, list) and poetry and isinstance(poetry[0], dict) and poetry[0].get("from"):
            return str(poetry[0]["from"]).strip("./")
        return None

    @property
    def modules(self) -> tuple[str, ...]:
        declared = (
            _get(self._toml, "tool", "setuptools", "py-modules")
            or self._setup.get("py_modules")
            or self._option(self._cfg, "options", "py_modules").split()
        )
        return tuple(str(name) for name in declared) if isinstance(declared, list) else ()

    @property
    def scripts(self) -> tuple[tuple[str, str], ...]:
        """In order of name, extras cut off."""
        found: dict[str, str] = {}
        for table in (_get(self._toml, "project"), _get(self._toml, "tool", "poetry")):
            for name in ("scripts", "gui-scripts"):
                declared = _get(table, name)
                if isinstance(declared, dict):
                    found |= {key: value for key, value in declared.items() if isinstance(value, str)}
        for lines in (*self._setup_scripts(), self._option(self._cfg, "options.entry_points", "console_scripts")):
            pairs = (line.partition("=") for line in lines.splitlines())
            found |= {name.strip(): value.strip() for name, mark, value in pairs if mark}
        return tuple(sorted((name, target.partition("[")[0].strip()) for name, target in found.items()))

    def _setup_scripts(self) -> list[str]:
        declared = self._setup.get("entry_points")
        lines = declared.get("console_scripts") if isinstance(declared, dict) else None
        return [str(line) for line in lines] if isinstance(lines, list | tuple) else [str(lines or "")]

    @property
    def test_paths(self) -> tuple[str, ...]:
        return tuple(path.strip("./") for path in self._pytest_option("testpaths") if path.strip("./"))

    @property
    def python_path(self) -> tuple[str, ...]:
        return tuple(path.strip("./") for path in self._pytest_option("pythonpath"))

    def _pytest_option(self, name: str) -> list[str]:
        for value in (
            self._option(self._pytest, "pytest", name),
            _get(self._toml, "tool", "pytest", "ini_options", name),
            self._option(self._tox, "pytest", name),
            self._option(self._cfg, "tool:pytest", name),
        ):
            if isinstance(value, str | list) and value:
                return value.split() if isinstance(value, str) else [str(part) for part in value]
        return []

    @staticmethod
    def _option(config: configparser.ConfigParser, section: str, name: str) -> str:
        return config.get(section, name, fallback="")


def _toml(data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _ini(data: bytes) -> configparser.ConfigParser:
    config = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        config.read_string(data.decode("utf-8"))
    except (configparser.Error, UnicodeDecodeError):
        return configparser.ConfigParser(interpolation=None)
    return config


def _setup_arguments(data: bytes) -> dict[str, Any]:
    """The literal arguments of `setup(...)`."""
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (
            getattr(node.func, "id", "") == "setup" or getattr(node.func, "attr", "") == "setup"
        ):
            for keyword in node.keywords:
                try:
                    found[keyword.arg or ""] = ast.literal_eval(keyword.value)
                except (ValueError, TypeError, MemoryError, RecursionError):
                    continue
    return found


def _get(table: Any, *path: str) -> Any:
    for part in path:
        if not isinstance(table, dict):
            return None
        table = table.get(part)
    return table


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
