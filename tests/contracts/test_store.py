"""One suite for every answer to port Store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import fs

from qtest.adapters.objects import ObjectStore, open_store
from qtest.adapters.store import FolderStore
from qtest.errors import LedgerError, QTestError, UsageError
from qtest.fakes import MemoryStore
from qtest.ports import Store
from qtest.records.record import digest_of

KINDS = ("memory", "folder", "subtree", "url", "mock", pytest.param("client", marks=pytest.mark.ray))


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    match request.param:
        case "memory":
            yield MemoryStore()
        case "folder":
            yield FolderStore(tmp_path / "store")
        case "url":
            yield open_store(f"file://{tmp_path}/store")
        case "subtree":
            (tmp_path / "top").mkdir()
            yield ObjectStore(fs.SubTreeFileSystem(str(tmp_path / "top"), fs.LocalFileSystem()), "store")
        case "mock":
            yield open_store("mock:///store")
        case _:
            from actors.artefacts import StoreClient
            from actors.ledger import Reach

            owner = request.getfixturevalue("owner_of")(tmp_path / "home")
            yield StoreClient(tmp_path / "cache", Reach(lambda: owner))


@pytest.mark.parametrize("data", [b"", b"a\r\n\0", bytes(range(256)) * 1000], ids=len)
def test_what_was_put_comes_back_under_its_digest(store: Store, data: bytes) -> None:
    name = store.put(data)
    assert name == digest_of(data)
    assert store.get(name) == data
    assert store.put(data) == name


@pytest.mark.parametrize("name", ["0" * 64, "../../secret", "", "/etc/hostname", "A" * 64])
def test_an_unknown_or_malformed_digest_is_a_key_error(store: Store, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("x")
    with pytest.raises(KeyError):
        store.get(name)


def test_a_tree_is_written_with_its_executable_bits(store: Store, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    store.materialise([("a/b.py", store.put(b"b"), False), ("run", store.put(b"r"), True)], str(tree))
    assert (tree / "a/b.py").read_bytes() == b"b"
    assert (tree / "run").stat().st_mode & 0o777 == 0o755
    assert (tree / "a/b.py").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("path", ["../out", "/abs", "a/../../out", ""])
def test_a_path_that_leaves_the_tree_is_refused(store: Store, tmp_path: Path, path: str) -> None:
    with pytest.raises(QTestError):
        store.materialise([(path, store.put(b"x"), False)], str(tmp_path / "tree"))
    assert not (tmp_path / "out").exists()


def test_a_tree_is_never_written_over_an_existing_one(store: Store, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    with pytest.raises(FileExistsError):
        store.materialise([], str(tmp_path / "tree"))


@pytest.mark.parametrize("store", ["folder", "subtree", "url"], indirect=True)
@pytest.mark.parametrize("damage", [b"", b"half", b"whole!"])
def test_damaged_bytes_are_named_and_moved_aside_so_that_they_can_be_put_again(
    store: Store, tmp_path: Path, damage: bytes
) -> None:
    name = store.put(b"whole.")
    file = next(tmp_path.rglob(name))
    file.write_bytes(damage)
    with pytest.raises(LedgerError, match=f"{name} is damaged"):
        store.get(name)
    assert file.with_name(f"{name}.damaged").read_bytes() == damage
    assert store.put(b"whole.") == name
    assert store.get(name) == b"whole."


@pytest.mark.parametrize("store", ["folder", "subtree", "url"], indirect=True)
def test_nothing_but_whole_artefacts_lies_in_the_folder(store: Store, tmp_path: Path) -> None:
    names = {store.put(bytes([number])) for number in range(20)}
    assert {file.name for file in tmp_path.rglob("*") if file.is_file()} == names


@pytest.mark.parametrize("where", ["gopher://x/y", "s4://bucket", "s3://"])
def test_a_url_that_cannot_be_a_store_is_said_in_one_line(where: str) -> None:
    with pytest.raises(UsageError, match="expected a folder, or a URL") as raised:
        open_store(where)
    assert where in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="another --store"):
        FolderStore(tmp_path / "file" / "store")


def test_an_object_store_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be used"):
        ObjectStore(fs.LocalFileSystem(), str(tmp_path / "file")).put(b"x")
