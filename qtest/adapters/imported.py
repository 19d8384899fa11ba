"""What the project's own modules import as they load, read from their text, and which distribution brings what nothing requires."""

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from qtest.adapters.requirements import Needs
from qtest.records.source import Project

SETUPTOOLS = "setuptools<81"  # the last with pkg_resources
_PARTS_OF_SETUPTOOLS = frozenset(("pkg_resources", "setuptools", "distutils"))
_LAST_DISTUTILS = (3, 11)
_FILES = 2_000  # a larger project declares what it needs
_ASIDE = frozenset(("test", "tests"))
_CALLED = {
    "attr": "attrs", "bs4": "beautifulsoup4", "cv2": "opencv-python", "Crypto": "pycryptodome", "dateutil": "python-dateutil", "dotenv": "python-dotenv",
    "git": "gitpython", "jwt": "pyjwt", "OpenSSL": "pyopenssl", "PIL": "pillow", "serial": "pyserial", "skimage": "scikit-image", "sklearn": "scikit-learn",
    "socks": "pysocks", "yaml": "pyyaml", "zmq": "pyzmq",
}  # fmt: skip


@dataclass(frozen=True)
class Import:
    """A top-level name, the first file that needs it, and the requirement that brings it."""

    name: str
    path: str
    requirement: str


def unrequired(folder: Path, project: Project, needs: Needs, python: Sequence[int]) -> tuple[Import, ...]:
    """What modules need and only an option, a test or nobody asks for; in order of name. The environment may have it all the same."""
    found = ((name, path, _bringing(name, needs, python)) for name, path in sorted(_needed(folder, project).items()))
    return tuple(Import(name, path, requirement) for name, path, requirement in found if requirement)


def lacking(imports: Iterable[Import], site: Path) -> tuple[Import, ...]:
    return tuple(one for one in imports if not (site / one.name).is_dir() and not any(site.glob(f"{one.name}.*")))


def _bringing(name: str, needs: Needs, python: Sequence[int]) -> str:
    if name == "distutils" and tuple(python[:2]) <= _LAST_DISTUTILS:
        return ""
    if name in _PARTS_OF_SETUPTOOLS:
        return SETUPTOOLS
    if name in sys.stdlib_module_names:
        return ""
    called = {canonicalize_name(text) for text in (_CALLED.get(name, name), f"python-{name}", f"py{name}")}
    offered = (*needs.options, *needs.tests)
    return next((text for text in offered if canonicalize_name(Requirement(text).name) in called), "")


def _needed(folder: Path, project: Project) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in islice(_sources(folder, project), _FILES):
        try:
            tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for name in _loaded(tree.body):
            found.setdefault(name, path.relative_to(folder).as_posix())
    return {name: path for name, path in found.items() if name not in project.packages}


def _sources(folder: Path, project: Project) -> Iterator[Path]:
    for root in project.import_roots:
        for name in project.packages:
            module = Path(folder, root, f"{name}.py")
            if module.is_file():
                yield module
            inside = sorted(Path(folder, root, name).rglob("*.py"))
            yield from (path for path in inside if not _ASIDE & set(path.relative_to(folder).parts))


def _loaded(body: Iterable[ast.stmt]) -> Iterator[str]:
    """Without what stands under a condition, or has something else to fall back on."""
    for node in body:
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case ast.Try(body=inside, handlers=handlers) if all(_only_says(handler) for handler in handlers):
                yield from _loaded(inside)
            case ast.ClassDef(body=inside) | ast.With(body=inside):
                yield from _loaded(inside)


def _only_says(handler: ast.ExceptHandler) -> bool:
    """It ends in an error of its own, which tells the user what to install."""
    return isinstance(handler.body[-1], ast.Raise)
