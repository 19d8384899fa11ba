"""How the files changed: how often, how lately, to mend what, and together with which others."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from qtest.records.source import Commit, RawSourceBundle
from qtest.records.system import FileHistory

# Zimmermann et al., "Mining Version Histories to Guide Software Changes", TSE 2005: larger transactions are branches merged,
# licences changed, code formatted; they say nothing of what belongs together.
_SWEEP = 30
_SUPPORT = 2  # one common commit is a coincidence (the least support in the same paper)
_PARTNERS = 10
_HALF_LIFE_S = 180 * 24 * 3600
# Śliwerski et al., "When Do Changes Induce Fixes?", MSR 2005, without "patch", which names releases today
_FIX = re.compile(r"\b(fix(e[sd]|ing)?|bugs?|bugfix(es)?|hotfix(es)?|defects?|regressions?)\b", re.IGNORECASE)


def histories(bundle: RawSourceBundle) -> tuple[FileHistory, ...]:
    """Of the source files that are there today and that a commit touched, by path. Sweeps are not counted.

    Ages are counted back from the newest commit, never from the clock.
    """
    if not bundle.commits:
        return ()
    newest = max(commit.when for commit in bundle.commits)
    sources = {file.path for file in bundle.files if file.role == "source"}
    touching: dict[str, list[Commit]] = {}
    for commit in bundle.commits:
        if len(set(commit.paths)) <= _SWEEP:
            for path in sources.intersection(commit.paths):
                touching.setdefault(path, []).append(commit)
    return tuple(_history(path, touching[path], newest, sources) for path in sorted(touching))


def _history(path: str, commits: Sequence[Commit], newest: int, sources: set[str]) -> FileHistory:
    return FileHistory(
        path=path,
        commits=len(commits),
        fixes=sum(bool(_FIX.search(commit.subject)) for commit in commits),
        recency=round(sum(0.5 ** ((newest - commit.when) / _HALF_LIFE_S) for commit in commits), 3),
        together=tuple(_together(path, commits, sources))[:_PARTNERS],
    )


def _together(path: str, commits: Sequence[Commit], sources: set[str]) -> Iterator[tuple[str, int]]:
    counts = Counter(other for commit in commits for other in sources.intersection(commit.paths) if other != path)
    for other, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if count >= _SUPPORT:
            yield other, count
