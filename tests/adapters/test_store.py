"""The store keeps bytes by digest and writes trees that cannot leave their folder."""

from pathlib import Path

import pytest

from qtest.adapters.store import FolderStore
from qtest.errors import QTestError
from qtest.records.record import digest_of


def test_what_was_put_comes_back_under_its_digest(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    name = store.put(b"a\r\n\0")
    assert name == digest_of(b"a\r\n\0")
    assert store.get(name) == b"a\r\n\0"
    assert store.put(b"a\r\n\0") == name


@pytest.mark.parametrize("name", ["0" * 64, "../../secret", "", "/etc/hostname"])
def test_an_unknown_or_malformed_digest_is_a_key_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("x")
    with pytest.raises(KeyError):
        FolderStore(tmp_path / "a" / "store").get(name)


def test_a_tree_is_written_with_its_executable_bits(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    store.materialise([("a/b.py", store.put(b"b"), False), ("run", store.put(b"r"), True)], str(tmp_path / "tree"))
    assert (tmp_path / "tree/a/b.py").read_bytes() == b"b"
    assert (tmp_path / "tree/run").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "tree/a/b.py").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("path", ["../out", "/abs", "a/../../out", ""])
def test_a_path_that_leaves_the_tree_is_refused(tmp_path: Path, path: str) -> None:
    store = FolderStore(tmp_path / "store")
    with pytest.raises(QTestError):
        store.materialise([(path, store.put(b"x"), False)], str(tmp_path / "tree"))
    assert not (tmp_path / "out").exists()


def test_a_tree_is_never_written_over_an_existing_one(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    with pytest.raises(FileExistsError):
        FolderStore(tmp_path / "store").materialise([], str(tmp_path / "tree"))
