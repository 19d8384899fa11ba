"""The cluster's artefacts as seen from any process: in the folder itself where it is visible, else through the ledger's owner."""

from collections.abc import Iterable
from pathlib import Path

from actors.ledger import LARGEST, Reach, Whereabouts
from qtest.adapters.home import Home
from qtest.adapters.store import FolderStore, lay
from qtest.errors import LedgerError
from qtest.ports import Store
from qtest.records.record import digest_of


def nearest_store(cache: Path, reach: Reach | None = None) -> Store:
    """Decided here and nowhere else: a bucket is everyone's, a folder that bears the owner's mark is the owner's own folder, and
    everything else goes through the owner with a cache at `cache`."""
    line = reach or Reach()
    owned: Whereabouts = line.ask(lambda owner: owner.whereabouts.remote())
    home = Home(Path(owned.folder), owned.elsewhere)
    if "://" in owned.elsewhere or home.bears(owned.mark):
        return home.artefacts()
    return StoreClient(cache, line)


class StoreClient:
    """Bytes of the owner's store, with those seen before in a folder here. At most LARGEST bytes each."""

    def __init__(self, cache: Path, reach: Reach | None = None) -> None:
        self._cache = FolderStore(cache)
        self._reach = reach or Reach()

    def put(self, data: bytes) -> str:
        if len(data) > LARGEST:
            raise LedgerError(
                f"an artefact of {len(data)} bytes is too large to send; expected at most {LARGEST}: "
                "put the store where every node sees it"
            )
        name: str = self._reach.ask(lambda owner: owner.put_bytes.remote(data))
        self._cache.put(data)
        return name

    def get(self, sha256: str) -> bytes:
        try:
            return self._cache.get(sha256)
        except (KeyError, LedgerError):  # a damaged copy was moved aside, and the owner has a good one
            data: bytes = self._reach.ask(lambda owner: owner.get_bytes.remote(sha256))
        if digest_of(data) != sha256:
            raise LedgerError(f"artefact {sha256} arrived damaged from the ledger's owner: run again")
        self._cache.put(data)
        return data

    def materialise(self, files: Iterable[tuple[str, str, bool]], folder: str) -> None:
        lay(self.get, files, folder)
