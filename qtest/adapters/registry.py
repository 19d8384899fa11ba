"""Brings a package's archive here, from the index that pip is set up for, without running any of it."""

import base64
import hashlib
import html.parser
import http.client
import json
import os
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from qtest.adapters.credentials.variables import without_secrets
from qtest.errors import FetchError
from qtest.records.source import Repository, Revision

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_LARGEST = 256 << 20  # bytes of an archive, and of what it holds times four
_MOST = 50_000  # files
_UNPACKING = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, MemoryError,
)  # fmt: skip


@dataclass(frozen=True)
class Archive:
    url: str
    name: str
    version: Version
    sha256: str
    is_sdist: bool


@dataclass(frozen=True)
class PackageFetcher:
    """Answers the port `Fetcher`. `cache` keeps unpacked archives by digest."""

    cache: Path
    timeout_s: float = 60.0

    def fetch(self, spec: str) -> Repository:
        name, _, wanted = spec.removeprefix("pypi:").partition("==")
        name, wanted = name.strip(), wanted.strip()
        if not name or not all(c.isalnum() or c in "-_." for c in name):
            raise FetchError(f"{spec}: {name!r} is not a package's name; expected pypi:name or pypi:name==version")
        if wanted and not _is_version(wanted):
            raise FetchError(f"{spec}: {wanted!r} is not a version; expected one such as 1.2.3")
        kept = self._remembered(name, wanted)
        archive = kept or _choose(self._listed(name), spec, wanted)
        folder = self._unpacked(archive, spec)
        self._remember(name, archive)
        return Repository(
            spec=spec,
            folder=str(folder),
            revision=Revision(
                kind="pypi", name=f"{name}=={archive.version}", version=str(archive.version), sha256=archive.sha256
            ),
        )

    def _listed(self, name: str) -> list[Archive]:
        url = f"{_index().rstrip('/')}/{canonicalize_name(name)}/"
        data, kind = self._get(url, name)
        found = _from_json(data, url) if "json" in kind else _from_html(data.decode("utf-8", "replace"), url)
        return [archive for archive in found if archive is not None]

    def _get(self, url: str, name: str) -> tuple[bytes, str]:
        plain, login = _without_login(url)
        if not plain.startswith(("https://", "http://")):
            raise FetchError(f"pypi:{name}: the index is not reached by http; expected an index with an http address")
        request = urllib.request.Request(plain, headers={"Accept": _ACCEPT, "User-Agent": "qtest"})  # noqa: S310
        if login:
            request.add_unredirected_header("Authorization", login)  # another host must not see it
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s, context=_certificates()) as answer:  # noqa: S310
                return answer.read(_LARGEST + 1), answer.headers.get("content-type", "")
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 404:
                raise FetchError(f"pypi:{name}: the index has no package of that name") from error
            raise FetchError(f"pypi:{name}: the index answered {error.code}; try again later") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise FetchError(
                f"pypi:{name}: the index cannot be reached ({error}); check the network, or give a local folder"
            ) from error

    def _unpacked(self, archive: Archive, spec: str) -> Path:
        target = self.cache / "packages" / archive.sha256
        if target.exists():
            return _top(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        data, _ = self._get(archive.url, archive.name)
        if len(data) > _LARGEST:
            raise FetchError(f"{spec}: the archive is larger than {_LARGEST >> 20} MiB")
        if hashlib.sha256(data).hexdigest() != archive.sha256:
            raise FetchError(f"{spec}: the archive does not have the digest that the index names; it was not unpacked")
        scratch = Path(tempfile.mkdtemp(dir=target.parent))
        try:
            _unpack(data, archive, scratch)
            scratch.rename(target)
        except _UNPACKING as error:
            if not target.exists():
                raise FetchError(f"{spec}: the archive cannot be unpacked safely: {error}") from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return _top(target)

    def _remembered(self, name: str, version: str) -> Archive | None:
        """An exact version that was fetched before needs no network."""
        path = self.cache / "packages" / f"{canonicalize_name(name)}=={version and Version(version)}.json"
        if not version or not path.exists():
            return None
        try:
            facts: dict[str, Any] = json.loads(path.read_text())
        except ValueError:  # a run was cut off while it wrote
            return None
        return Archive(facts["url"], facts["name"], Version(facts["version"]), facts["sha256"], facts["is_sdist"])

    def _remember(self, name: str, archive: Archive) -> None:
        path = self.cache / "packages" / f"{canonicalize_name(name)}=={archive.version}.json"
        facts = {
            "url": archive.url,
            "name": archive.name,
            "version": str(archive.version),
            "sha256": archive.sha256,
            "is_sdist": archive.is_sdist,
        }
        path.write_text(json.dumps(facts))


def _choose(archives: list[Archive], spec: str, wanted: str) -> Archive:
    versions = sorted({archive.version for archive in archives})
    if not versions:
        raise FetchError(f"{spec}: the index lists no archive of it")
    if wanted:
        version = Version(wanted)
        if version not in versions:
            raise FetchError(
                f"{spec}: there is no such version; the last ones are {', '.join(map(str, versions[-4:]))}"
            )
    else:
        version = max([v for v in versions if not v.is_prerelease] or versions)
    fitting = [archive for archive in archives if archive.version == version]
    return min(fitting, key=lambda archive: (not archive.is_sdist, archive.name))


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _without_login(url: str) -> tuple[str, str]:
    """The address without `user:password@`, and the header that says it instead: urllib does not, and would print it."""
    parts = urllib.parse.urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, ""
    said = base64.b64encode(urllib.parse.unquote(login).encode()).decode()
    return parts._replace(netloc=host).geturl(), f"Basic {said}"


def _index() -> str:
    """The index pip would ask: its own configuration, read by itself."""
    said = subprocess.run(
        [sys.executable, "-I", "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        check=False,
        env=without_secrets(os.environ),
    )
    named = os.environ.get("PIP_INDEX_URL") or said.stdout.strip()
    if named:
        return named
    from pip._internal.models.index import PyPI  # the default stands there, and nowhere in our text

    return str(PyPI.simple_url)


def _certificates() -> ssl.SSLContext:
    named = next(
        (os.environ[name] for name in ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE") if os.environ.get(name)), None
    )
    return ssl.create_default_context(cafile=named)


def _from_json(data: bytes, base: str) -> list[Archive | None]:
    try:
        files = json.loads(data)["files"]
    except (ValueError, KeyError, TypeError) as error:
        raise FetchError(f"the index's answer cannot be read: {error}") from error
    return [
        _archive(
            urllib.parse.urljoin(base, file.get("url", "")),
            file.get("filename", ""),
            file.get("hashes", {}).get("sha256", ""),
        )
        for file in files
        if not file.get("yanked")
    ]


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "a" and named.get("href") and "data-yanked" not in named:
            self.found.append(str(named["href"]))


def _from_html(text: str, base: str) -> list[Archive | None]:
    links = _Links()
    links.feed(text)
    found = []
    for link in links.found:
        url, _, fragment = urllib.parse.urljoin(base, link).partition("#")
        digest = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else ""
        found.append(_archive(url, urllib.parse.unquote(PurePosixPath(urllib.parse.urlparse(url).path).name), digest))
    return found


def _archive(url: str, filename: str, sha256: str) -> Archive | None:
    """None for what we cannot use: other formats, wheels of compiled code, no digest."""
    if not sha256:
        return None
    try:
        if filename.endswith(".whl"):
            _, version, _, tags = parse_wheel_filename(filename)
            pure = any(tag.platform == "any" for tag in tags)
            return Archive(url, filename, version, sha256, False) if pure else None
        _, version = parse_sdist_filename(filename)
    except (InvalidSdistFilename, InvalidWheelFilename, InvalidVersion):
        return None
    return Archive(url, filename, version, sha256, True)


def _unpack(data: bytes, archive: Archive, folder: Path) -> None:
    """Plain files and folders only; nothing outside, no links out, bounded in size and number."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        if archive.name.endswith((".zip", ".whl")):
            with zipfile.ZipFile(file) as packed:
                infos = packed.infolist()
                if len(infos) > _MOST or sum(info.file_size for info in infos) > 4 * _LARGEST:
                    raise tarfile.TarError("it holds too much")
                packed.extractall(folder)
            return
        with tarfile.open(fileobj=file) as tar:
            total = 0
            for number, member in enumerate(tar):
                total += member.size
                if number > _MOST or total > 4 * _LARGEST:
                    raise tarfile.TarError("it holds too much")
                if member.isfile() or member.isdir():
                    tar.extract(member, folder, filter="data")


def _top(folder: Path) -> Path:
    """An sdist holds one folder; a wheel holds its packages side by side."""
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    inner = entries[0] if len(entries) == 1 and entries[0].is_dir() else folder
    return (
        inner
        if any((inner / name).exists() for name in ("PKG-INFO", "pyproject.toml", "setup.py", "setup.cfg"))
        else folder
    )
