"""The part of a repository that the user named."""

import difflib
import fnmatch
import posixpath
from collections.abc import Iterable

from qtest.errors import UsageError
from qtest.records.system import SystemModel


def chosen(system: SystemModel, only: tuple[str, ...]) -> frozenset[str]:
    """Paths of modules under the files, folders or globs named; all when nothing was. Raises UsageError for what fits none."""
    paths = [module.path for module in system.modules]
    if not only:
        return frozenset(paths)
    found: set[str] = set()
    for named in only:
        hits = _matching(paths, named)
        if not hits:
            raise UsageError(_unmatched(named, system))
        found.update(hits)
    return frozenset(found)


def _matching(paths: Iterable[str], named: str) -> list[str]:
    wanted = posixpath.normpath(named.replace("\\", "/"))
    if wanted == ".":
        return list(paths)
    return [
        path for path in paths if path == wanted or path.startswith(f"{wanted}/") or fnmatch.fnmatchcase(path, wanted)
    ]


def _unmatched(named: str, system: SystemModel) -> str:
    broken = _matching([problem.path for problem in system.problems], named)
    if broken:
        reason = next(problem.reason for problem in system.problems if problem.path == broken[0])
        return f"{named}: {broken[0]} cannot be read as code: {reason}"
    return f"{named}: no source file or folder of that name; {_near(named, [module.path for module in system.modules])}"


def _near(named: str, paths: list[str]) -> str:
    folders = {path.rpartition("/")[0] for path in paths} - {""}
    names = sorted({*paths, *folders})
    close = difflib.get_close_matches(named, names, n=3, cutoff=0.0)
    return f"nearest are {', '.join(close)}" if close else "there is no source code here"
