"""A commit made without a work tree: files laid over another commit. It holds nothing of the moment, so that the same change is the same
commit whoever makes it, and whenever."""

from qtest.adapters.git.objects import Objects
from qtest.records.delivery import AUTHOR, Change

_MODES = (b"100644", b"100755")


def commit(objects: Objects, change: Change) -> str:
    """Its id. The base's files need not be there, only its trees. Raises GitFailed."""
    objects.read("read-tree", change.base)
    rows = [_row(objects, file.path, file.text) for file in change.files]
    objects.read("update-index", "-z", "--index-info", stdin=b"".join(rows))
    tree = _line(objects.read("write-tree", "--missing-ok"))
    who = f"QTest <{AUTHOR}> {_when(objects, change.base)} +0000"
    text = f"tree {tree}\nparent {change.base}\nauthor {who}\ncommitter {who}\n\n{change.message}\n"
    return _line(objects.read("hash-object", "-t", "commit", "-w", "--stdin", stdin=text.encode()))


def _row(objects: Objects, path: str, text: str) -> bytes:
    blob = _line(objects.read("hash-object", "-w", "--stdin", stdin=text.encode("utf-8")))
    return b"%s %s\t%s\0" % (_mode(objects, path), blob.encode(), path.encode())


def _mode(objects: Objects, path: str) -> bytes:
    """As it was, for a file that was there."""
    said = objects.read("ls-files", "--stage", "-z", "--", path).partition(b" ")[0]
    return said if said in _MODES else _MODES[0]


def _when(objects: Objects, base: str) -> str:
    return _line(objects.read("log", "-1", "--format=%ct", base))


def _line(said: bytes) -> str:
    return said.decode("ascii", "replace").strip()
