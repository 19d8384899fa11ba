"""Packages come from an index over its real protocol, are checked, and are unpacked without harm."""

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from qtest.adapters.registry import PackageFetcher
from qtest.errors import FetchError


class Index:
    """Pages by path, served on this machine."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, bytes]] = {}
        self.logins: list[str | None] = []
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.logins.append(self.headers.get("Authorization"))
                kind, body = index.pages.get(self.path, ("", b""))
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", kind or "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.host = f"127.0.0.1:{self.server.server_port}"

    def add(self, filename: str, data: bytes, form: str = "json", digest: str = "") -> None:
        digest = digest or hashlib.sha256(data).hexdigest()
        self.pages[f"/files/{filename}"] = ("application/octet-stream", data)
        page = f"/simple/{filename.partition('-')[0]}/"
        if form == "html":
            link = f'<a href="../../files/{filename}#sha256={digest}">{filename}</a>'
            self.pages[page] = ("text/html", self.pages.get(page, ("", b""))[1] + link.encode())
            return
        files = json.loads(self.pages[page][1])["files"] if page in self.pages else []
        files.append({"filename": filename, "url": f"../../files/{filename}", "hashes": {"sha256": digest}})
        self.pages[page] = ("application/vnd.pypi.simple.v1+json", json.dumps({"files": files}).encode())

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    served = Index()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{served.host}/simple")
    yield served
    served.close()


def sdist(top: str, files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in {"PKG-INFO": b"Name: sample\n", **files}.items():
            info = tarfile.TarInfo(f"{top}/{name}" if not name.startswith("/") else name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for name, to in (links or {}).items():
            info = tarfile.TarInfo(f"{top}/{name}")
            info.type, info.linkname = tarfile.SYMTYPE, to
            tar.addfile(info)
    return out.getvalue()


@pytest.mark.parametrize("form", ["json", "html"])
def test_the_newest_sdist_is_fetched_and_its_digest_named(index: Index, tmp_path: Path, form: str) -> None:
    new = sdist("sample-1.10", {"sample.py": b"new"})
    index.add("sample-1.9.tar.gz", sdist("sample-1.9", {"sample.py": b"old"}), form)
    index.add("sample-1.10.tar.gz", new, form)
    index.add("sample-2.0rc1.tar.gz", sdist("sample-2.0rc1", {}), form)
    found = PackageFetcher(tmp_path).fetch("pypi:sample")
    assert (found.revision.version, found.revision.sha256) == ("1.10", hashlib.sha256(new).hexdigest())
    assert Path(found.folder, "sample.py").read_bytes() == b"new"


def test_an_exact_version_that_was_fetched_before_needs_no_network(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("sample-1.0.tar.gz", sdist("sample-1.0", {"sample.py": b"x"}))
    first = PackageFetcher(tmp_path).fetch("pypi:sample==1.0")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    assert PackageFetcher(tmp_path).fetch("pypi:sample==1.0") == first
    with pytest.raises(FetchError, match="cannot be reached"):
        PackageFetcher(tmp_path).fetch("pypi:sample")


def test_an_archive_with_another_digest_is_not_unpacked(index: Index, tmp_path: Path) -> None:
    index.add("sample-1.0.tar.gz", sdist("sample-1.0", {"sample.py": b"x"}), digest="0" * 64)
    with pytest.raises(FetchError, match="digest"):
        PackageFetcher(tmp_path).fetch("pypi:sample")
    assert not list(tmp_path.rglob("sample.py"))


def test_links_and_files_outside_do_not_come_out_of_an_archive(index: Index, tmp_path: Path) -> None:
    index.add("sample-1.0.tar.gz", sdist("sample-1.0", {"sample.py": b"x"}, {"out": "/etc", "near": "sample.py"}))
    folder = Path(PackageFetcher(tmp_path / "in").fetch("pypi:sample").folder)
    assert sorted(path.name for path in folder.iterdir()) == ["PKG-INFO", "sample.py"]
    index.add("sample-2.0.tar.gz", sdist("sample-2.0", {"../../../../out.py": b"x"}))
    with pytest.raises(FetchError, match="safely"):
        PackageFetcher(tmp_path / "in").fetch("pypi:sample")
    assert not list(tmp_path.rglob("out.py"))


def test_a_damaged_archive_is_one_line_and_leaves_nothing(index: Index, tmp_path: Path) -> None:
    index.add("sample-1.0.tar.gz", sdist("sample-1.0", {"a.py": bytes(range(256)) * 99})[:-200] + b"\xff" * 200)
    with pytest.raises(FetchError, match="cannot be unpacked"):
        PackageFetcher(tmp_path).fetch("pypi:sample")
    assert list((tmp_path / "packages").iterdir()) == []


def test_a_login_in_the_index_address_is_used_and_never_said(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://me:pass%40word@{index.host}/simple")
    with pytest.raises(FetchError) as caught:
        PackageFetcher(tmp_path).fetch("pypi:nothing")
    assert index.logins == ["Basic bWU6cGFzc0B3b3Jk"]
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("pypi:absent", "no package of that name"),
        ("pypi:sample==9", "no such version; the last ones are 1.0"),
        ("pypi:sample==../x", "not a version"),
        ("pypi:a b", "not a package's name"),
    ],
)
def test_what_cannot_be_had_is_said_in_one_line(index: Index, tmp_path: Path, spec: str, said: str) -> None:
    index.add("sample-1.0.tar.gz", sdist("sample-1.0", {}))
    with pytest.raises(FetchError, match=said) as caught:
        PackageFetcher(tmp_path).fetch(spec)
    assert "\n" not in str(caught.value)
