"""What a user means by a git repository: its address, the revision wanted of it, and a login that goes nowhere else."""

import os
import re
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

from qtest.errors import FetchError

FORMS = "https://host/owner/repo.git@branch, owner/repo for GitHub, git@host:owner/repo.git, or a path to a repository"
_SCHEMES = ("https", "http", "ssh", "file")
_SCHEME = re.compile(r"(?:git\+)?([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_SCP = re.compile(r"[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:\S+")
_GITHUB = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[\w.-]+(?:[@#].*)?")
_AT = re.compile(r"(?P<address>.*?\.git/?|[^@#]*)(?:(?P<mark>[@#])(?P<wanted>.*))?", re.DOTALL)
_REF = re.compile(r"[^-~^:?*\[\\\s\x00-\x1f\x7f][^~^:?*\[\\\s\x00-\x1f\x7f]*")


@dataclass(frozen=True)
class Login:
    """Either may be empty."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class GitSpec:
    """`url` and `shown` (the spec as it may be printed) hold no login. `wanted` is a branch, a tag, a sha, `pr/number`, or empty
    for the default branch; `github` whether the spec only named an owner and a repository."""

    shown: str
    url: str
    wanted: str = ""
    login: Login | None = None
    github: bool = False

    @property
    def scheme(self) -> str:
        return self.url.partition("://")[0] if "://" in self.url else "ssh"

    @property
    def host(self) -> str:
        """With its port; empty for a path."""
        rest = self.url.partition("://")[2] if "://" in self.url else self.url.partition(":")[0]
        return rest.partition("/")[0].rpartition("@")[2]

    @property
    def name(self) -> str:
        """The last part of the address, as a folder may be called."""
        last = urllib.parse.unquote(re.split(r"[/:]", self.url.rstrip("/"))[-1]).removesuffix(".git")
        return re.sub(r"[^\w.-]", "_", last).lstrip(".-") or "repository"


def parse(spec: str) -> GitSpec | None:
    """None for a package and for a folder: a folder that is there wins over a repository of that name on GitHub. Raises FetchError."""
    if spec.startswith("pypi:"):
        return None
    if os.path.exists(Path(spec).expanduser()):
        return _local(spec, "") if is_bare(Path(spec).expanduser()) else None
    if found := _SCHEME.fullmatch(spec):
        return _address(found[1].lower(), found[2])
    if _SCP.fullmatch(spec):
        return _remote(*_split(spec, spec), spec)
    for mark in re.finditer("[@#]", spec):
        if is_repository(Path(spec[: mark.start()]).expanduser()):
            return _local(spec[: mark.start()], _revision(mark[0], spec[mark.end() :], spec))
    if _GITHUB.fullmatch(spec):
        address, wanted = _split(spec, spec)
        return GitSpec(spec, f"https://github.com/{address.removesuffix('.git')}.git", wanted, github=True)
    return None


def is_repository(folder: Path) -> bool:
    return (folder / ".git").exists() or is_bare(folder)


def is_bare(folder: Path) -> bool:
    return (
        (folder / "HEAD").is_file()
        and (folder / "objects").is_dir()
        and (folder / "refs").is_dir()
        and not (folder / ".git").exists()
    )


def _address(scheme: str, rest: str) -> GitSpec:
    place, slash, path = rest.partition("/")
    said, _, host = place.rpartition("@")
    port = host.rpartition("]")[2].partition(":")[2]
    if port and not port.isdigit():
        raise FetchError(
            f"{scheme}://…: the port is no number; in a password, write / as %2F and @ as %40, or use QTEST_GIT_TOKEN"
        )
    shown = f"{scheme}://{host}{slash}{path.partition('?')[0]}"
    if scheme not in _SCHEMES:
        raise FetchError(f"{shown}: git over {scheme} is not supported; expected one of {', '.join(_SCHEMES)}")
    if "?" in path:
        raise FetchError(f"{shown}: the address has a query; expected one without, such as https://host/owner/repo.git")
    if not path or not (host or scheme == "file"):
        raise FetchError(f"{shown}: is no address of a repository; expected {FORMS}")
    user, _, password = (urllib.parse.unquote(part) for part in said.partition(":"))
    if not f"{user}{password}".isprintable():
        raise FetchError(f"{shown}: the login holds a control character; expected user:password@ in printable text")
    address, wanted = _split(path, shown)
    if scheme != "ssh":
        return _remote(f"{scheme}://{host}/{address}", wanted, shown, Login(user, password) if said else None)
    if password:
        raise FetchError(f"{shown}: ssh takes no password from an address; use a key, or https")
    return _remote(f"ssh://{user}@{host}/{address}" if user else f"ssh://{host}/{address}", wanted, shown)


def _remote(url: str, wanted: str, shown: str, login: Login | None = None) -> GitSpec:
    if not url.isprintable() or (" " in url and not url.startswith("file:")):
        raise FetchError(f"{shown}: the address holds a space or a control character; expected {FORMS}")
    return GitSpec(shown, url, wanted, login)


def _local(path: str, wanted: str) -> GitSpec:
    real = Path(path).expanduser().resolve()
    url = "file://" + urllib.parse.quote(os.fsencode(real))
    return GitSpec(f"{path}@{wanted}" if wanted else path, url, wanted)


def _split(text: str, shown: str) -> tuple[str, str]:
    """The address and the revision after it: `@` behind `.git`, else the first one after the host."""
    user, at, rest = text.partition("@") if _SCP.fullmatch(text) else ("", "", text)
    found = _AT.fullmatch(rest)
    if found is None:
        raise FetchError(f"{shown}: is no address of a repository; expected {FORMS}")
    return f"{user}{at}{found['address']}", _revision(found["mark"] or "", found["wanted"] or "", shown)


def _revision(mark: str, wanted: str, shown: str) -> str:
    if mark == "#" and not wanted.isdecimal():
        raise FetchError(f"{shown}: {wanted!r} is not the number of a pull request; expected #12, or @branch")
    if mark and not _REF.fullmatch(wanted):
        raise FetchError(f"{shown}: {wanted!r} cannot be a revision; expected @branch, @tag, @sha or @pr/12")
    return f"pr/{wanted}" if mark == "#" else wanted
