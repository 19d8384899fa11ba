"""Which commit a branch, tag, pull request or sha names on a server."""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qtest.adapters.git.spec import GitSpec
from qtest.errors import FetchError

List = Callable[[Sequence[str]], bytes]  # what `git ls-remote --symref` prints for these patterns; for none, everything
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = re.compile(r"[0-9a-f]{7,63}")


@dataclass(frozen=True)
class Found:
    """`version` is what the user would call it."""

    sha: str
    version: str


def find(spec: GitSpec, listed: List) -> Found:
    """A whole sha asks nobody. Raises FetchError, with names that are near."""
    if _SHA.fullmatch(spec.wanted):
        return Found(spec.wanted, spec.wanted)
    names = _names(spec.wanted)
    refs, head = _read(listed([pattern for name in names for pattern in (name, f"{name}^{{}}")]))
    for name in names:
        if name in refs:
            return Found(refs[name], spec.wanted or head or "HEAD")
    return _otherwise(spec, _read(listed(()))[0])


def _names(wanted: str) -> tuple[str, ...]:
    """In order of preference."""
    if not wanted:
        return ("HEAD",)
    if pull := re.fullmatch(r"pr/(\d+)", wanted):
        return (f"refs/pull/{pull[1]}/head", f"refs/merge-requests/{pull[1]}/head", f"refs/heads/{wanted}")
    full = (wanted,) if wanted.startswith("refs/") else ()
    return (*full, f"refs/heads/{wanted}", f"refs/tags/{wanted}")


def _otherwise(spec: GitSpec, refs: dict[str, str]) -> Found:
    if not refs:
        raise FetchError(f"{spec.shown}: the repository is empty; expected one with a commit")
    tips = {sha for sha in refs.values() if sha.startswith(spec.wanted)} if _SHORT.fullmatch(spec.wanted) else set()
    if len(tips) == 1:
        return Found(tips.pop(), spec.wanted)
    names = sorted(
        name.removeprefix("refs/heads/").removeprefix("refs/tags/")
        for name in refs
        if name.startswith(("refs/heads/", "refs/tags/"))
    )
    near = difflib.get_close_matches(spec.wanted, names, n=3, cutoff=0.5)
    if not spec.wanted:
        said = f"its default branch does not exist; name one with @, such as {', '.join(names[:5])}"
    elif spec.wanted.startswith("pr/"):
        said = f"there is no pull request {spec.wanted.removeprefix('pr/')}"
    elif _SHORT.fullmatch(spec.wanted):
        said = f"no branch or tag is called {spec.wanted} or stands at it; give a commit by all 40 digits"
    else:
        said = f"there is no branch or tag {spec.wanted!r}; " + (
            f"near it are {', '.join(near)}" if near else f"there are {', '.join(names[:5]) or 'none'}"
        )
    raise FetchError(f"{spec.shown}: {said}")


def _read(said: bytes) -> tuple[dict[str, str], str]:
    """Commits by name, tags followed to theirs, and the default branch."""
    refs: dict[str, str] = {}
    head = ""
    for line in said.decode("utf-8", "replace").splitlines():
        sha, _, name = line.partition("\t")
        if sha.startswith("ref: ") and name == "HEAD":
            head = sha.removeprefix("ref: refs/heads/")
        elif _SHA.fullmatch(sha) and name.endswith("^{}"):
            refs[name.removesuffix("^{}")] = sha
        elif _SHA.fullmatch(sha):
            refs.setdefault(name, sha)
    return refs, head
