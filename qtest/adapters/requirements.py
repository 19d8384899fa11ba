"""What a project needs to run and to be tested, read from its files; nothing of it is run."""

import ast
import configparser
import email.parser
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

_TEST_GROUPS = frozenset({"test", "tests", "testing", "dev", "develop", "development", "unittest", "pytest"})
_TEST_FILES = (
    "requirements-test.txt", "requirements-tests.txt", "requirements_test.txt", "requirements-testing.txt", "test-requirements.txt", "test_requirements.txt",
    "tests/requirements.txt", "test/requirements.txt", "requirements/test.txt", "requirements/tests.txt", "requirements/testing.txt",
    "requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt", "requirements/dev.txt",
)  # fmt: skip
_NOT_FOR_TESTS = frozenset(
    canonicalize_name(name)
    for name in (
        "black", "ruff", "mypy", "flake8", "pylint", "isort", "pre-commit", "tox", "nox", "sphinx", "twine", "build", "bump2version", "mkdocs", "pyright", "bandit",
        "pytest-cov", "pytest-xdist", "pytest-sugar", "codecov", "coveralls", "sphinx-rtd-theme", "furo", "ipython", "ipdb", "wheel", "setuptools", "pip",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Needs:
    """`core` must be had; `tests` are wished for; `options` are what the project offers besides. `pins`, which stand in `lock`, constrain
    them all. `python` is requires-python. `said_in` names the file that says most of it."""

    core: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    lock: str = ""
    python: str = ""
    said_in: str = "no file: it declares no dependencies"
    name: str = ""
    version: str = ""


def read(folder: Path) -> Needs:
    """The most exact source wins: the metadata of a released archive, pyproject.toml, setup.cfg, setup.py, requirements.txt."""
    readers = (_metadata, _pyproject, _setup_cfg, _setup_py, _plain)
    own = next((needs for needs in (_tried(reader, folder) for reader in readers) if needs), Needs())
    project = _toml(folder / "pyproject.toml")
    groups = _groups(project)
    files = [line for name in _TEST_FILES for line in _lines(folder / name)]
    tests = _usable((*own.tests, *groups, *files, *_tox(folder)), canonicalize_name(own.name))
    lock, pins = _pins(folder)
    return Needs(
        core=_usable(own.core, canonicalize_name(own.name)),
        tests=tuple(text for text in tests if canonicalize_name(Requirement(text).name) not in _NOT_FOR_TESTS),
        options=_usable((*own.options, *_lines(folder / "requirements.txt")), canonicalize_name(own.name)),
        pins=pins,
        lock=lock,
        python=own.python,
        said_in=own.said_in,
        name=own.name,
        version=own.version,
    )


def _tried(reader: Callable[[Path], Needs | None], folder: Path) -> Needs | None:
    """Nothing, when a file holds a number where a list belongs: it is the target's, and the next file may say more."""
    try:
        return reader(folder)
    except (TypeError, AttributeError, ValueError):
        return None


def _tox(folder: Path) -> list[str]:
    """The plain requirements of `[testenv]`; those with a condition of tox's own are left out."""
    config = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        config.read_string((folder / "tox.ini").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return []
    return [line for line in (config.get("testenv", "deps", fallback="") or "").splitlines() if "{" not in line]


def _metadata(folder: Path) -> Needs | None:
    path = next(
        (path for path in (folder / "PKG-INFO", *sorted(folder.glob("*.dist-info/METADATA"))) if path.is_file()), None
    )
    if path is None:
        return None
    message = email.parser.HeaderParser().parsestr(path.read_text("utf-8", errors="replace"))
    listed = message.get_all("Requires-Dist", [])
    if not listed and "Requires-Dist" not in message and message.get("Metadata-Version", "1.0") < "2.1":
        return None  # an old archive does not say; its build files may
    core: list[str] = []
    tests: list[str] = []
    options: list[str] = []
    for text in listed:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        extras = re.findall(r"extra\s*==\s*[\"']([^\"']+)[\"']", str(requirement.marker or ""))
        if not extras:
            core.append(text)
            continue
        requirement.marker = None
        (tests if set(extras) & _TEST_GROUPS else options).append(str(requirement))
    others = _setup_cfg(folder) or _setup_py(folder)
    more = (*(others.core if others and not listed else ()),)
    return Needs(
        (*core, *more),
        (*tests, *(others.tests if others else ())),
        (*options, *(others.options if others else ())),
        python=message.get("Requires-Python", ""),
        said_in=path.name,
        name=message.get("Name", ""),
        version=message.get("Version", ""),
    )


def _pyproject(folder: Path) -> Needs | None:
    document = _toml(folder / "pyproject.toml")
    project = document.get("project")
    if isinstance(project, dict) and "dependencies" not in project.get("dynamic", []):
        extras = project.get("optional-dependencies", {})
        tests = [text for group, texts in extras.items() if group.lower() in _TEST_GROUPS for text in texts]
        return Needs(
            tuple(project.get("dependencies", ())),
            tuple(tests),
            tuple(text for group, texts in extras.items() if group.lower() not in _TEST_GROUPS for text in texts),
            python=project.get("requires-python", ""),
            said_in="pyproject.toml",
            name=project.get("name", ""),
            version=project.get("version", ""),
        )
    poetry = document.get("tool", {}).get("poetry") if isinstance(document.get("tool"), dict) else None
    if isinstance(poetry, dict) and poetry.get("dependencies"):
        groups = poetry.get("group", {})
        tests = {
            name: wanted for group in groups.values() for name, wanted in group.get("dependencies", {}).items()
        } | poetry.get("dev-dependencies", {})
        python = _poetry_range(poetry["dependencies"].get("python", ""))
        return Needs(
            tuple(_poetry(poetry["dependencies"])),
            tuple(_poetry(tests)),
            tuple(_poetry(poetry["dependencies"], optional=True)),
            python=python,
            said_in="pyproject.toml",
            name=poetry.get("name", ""),
            version=poetry.get("version", ""),
        )
    return None


def _setup_cfg(folder: Path) -> Needs | None:
    config = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        config.read_string((folder / "setup.cfg").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return None
    if not config.has_section("options"):
        return None
    extras = dict(config.items("options.extras_require")) if config.has_section("options.extras_require") else {}
    tests = [
        line for group, text in extras.items() if group.lower() in _TEST_GROUPS for line in (text or "").splitlines()
    ]
    tests += config.get("options", "tests_require", fallback="").splitlines()
    core = config.get("options", "install_requires", fallback="").splitlines()
    return Needs(
        tuple(core),
        tuple(tests),
        tuple(
            line
            for group, text in extras.items()
            if group.lower() not in _TEST_GROUPS
            for line in (text or "").splitlines()
        ),
        python=config.get("options", "python_requires", fallback=""),
        said_in="setup.cfg",
        name=config.get("metadata", "name", fallback=""),
    )


def _setup_py(folder: Path) -> Needs | None:
    try:
        tree = ast.parse((folder / "setup.py").read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    values: dict[str, Any] = {}
    names: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            names[node.targets[0].id] = _literal(node.value, names)
        if isinstance(node, ast.Call) and "setup" in (getattr(node.func, "id", ""), getattr(node.func, "attr", "")):
            values.update({keyword.arg or "": _literal(keyword.value, names) for keyword in node.keywords})
    extras = values.get("extras_require") if isinstance(values.get("extras_require"), dict) else {}
    offered = [(str(group), _strings(texts)) for group, texts in (extras or {}).items()]
    tests = [text for group, texts in offered if group.lower() in _TEST_GROUPS for text in texts]
    return Needs(
        tuple(_strings(values.get("install_requires"))),
        (*tests, *_strings(values.get("tests_require"))),
        tuple(text for group, texts in offered if group.lower() not in _TEST_GROUPS for text in texts),
        python=str(values.get("python_requires") or ""),
        said_in="setup.py",
        name=str(values.get("name") or ""),
    )


def _plain(folder: Path) -> Needs | None:
    lines = _lines(folder / "requirements.txt")
    return Needs(tuple(lines), said_in="requirements.txt") if lines else None


def _pins(folder: Path) -> tuple[str, tuple[str, ...]]:
    """Exact versions from a lock file, as constraints."""
    for name in ("uv.lock", "poetry.lock", "pdm.lock"):
        listed = _toml(folder / name).get("package", [])
        packages = listed if isinstance(listed, list) else []
        pins = [
            f"{package['name']}=={package['version']}{_when(package)}"
            for package in packages
            if isinstance(package, dict) and package.get("name") and package.get("version") and not _is_local(package)
        ]
        if pins:
            return name, tuple(sorted(set(_usable(pins, ""))))
    lines = _lines(folder / "requirements.txt")
    if lines and all("==" in line for line in lines):
        return "requirements.txt", tuple(sorted(set(lines)))
    return "", ()


def _when(package: dict[str, Any]) -> str:
    """A package may stand there once for old interpreters and again for new ones: in uv's, poetry's or pdm's words."""
    said = package.get("resolution-markers") or [package.get("markers") or package.get("marker")]
    markers = [f"({marker})" for marker in said if isinstance(marker, str) and marker]
    return f" ; {' or '.join(markers)}" if markers else ""


def _is_local(package: dict[str, Any]) -> bool:
    source = package.get("source")
    return isinstance(source, dict) and bool({"editable", "virtual", "directory", "path"} & set(source))


def _groups(document: dict[str, Any]) -> list[str]:
    groups = document.get("dependency-groups", {})
    if not isinstance(groups, dict):
        return []
    return [
        text
        for name, texts in groups.items()
        if str(name).lower() in _TEST_GROUPS and isinstance(texts, list)
        for text in texts
        if isinstance(text, str)
    ]


def _usable(texts: Iterable[str], own: str) -> tuple[str, ...]:
    """What reads as a requirement, by name from an index, of another package; in order, once."""
    found: dict[str, None] = {}
    for text in texts:
        line = str(text).partition(" #")[0].strip()
        if not line or line.startswith(("#", "-")):
            continue
        try:
            requirement = Requirement(line.partition(" --hash")[0].rstrip("\\ "))
        except InvalidRequirement:
            continue
        if canonicalize_name(requirement.name) != own and not requirement.url:
            found[str(requirement)] = None
    return tuple(found)


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    return list(_usable(text.replace("\\\n", " ").splitlines(), ""))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _literal(node: ast.expr, names: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return None


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.splitlines()
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple) else []


def _poetry(table: dict[str, Any], *, optional: bool = False) -> list[str]:
    found = []
    for name, wanted in table.items():
        if name == "python":
            continue
        offered = isinstance(wanted, dict) and bool(wanted.get("optional"))
        if offered != optional or (isinstance(wanted, dict) and not wanted.get("version")):
            continue
        version = wanted.get("version") if isinstance(wanted, dict) else wanted
        found.append(f"{name}{_poetry_range(str(version))}")
    return found


def _poetry_range(text: str) -> str:
    """`^1.2` and `~1.2` in the words of PEP 440."""
    parts = []
    for part in (part.strip() for part in text.split(",")):
        number = re.fullmatch(r"([\^~])\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?.*", part)
        if number:
            sign, major, minor = number.group(1), int(number.group(2)), int(number.group(3) or 0)
            lower = part.lstrip("^~ ")
            upper = f"{major + 1}" if sign == "^" and major else f"{major}.{minor + 1}"
            parts.append(f">={lower},<{upper}")
        elif part and part != "*":
            parts.append(part if part[0] in "<>=!~" else f"=={part}")
    return ",".join(parts)
