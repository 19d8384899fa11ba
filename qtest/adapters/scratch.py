"""Private folders of processes, and what is left of those that were killed."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "qtest-"
_LOCK = "in-use"


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards; also those that killed processes of this user have left."""
    sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    with open(folder / f"{_LOCK}.new", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the kernel lets go of it when we die, however we die
        (folder / f"{_LOCK}.new").rename(folder / _LOCK)  # nobody sees it unlocked
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(above: Path) -> None:
    """Remove the folders whose process is gone. One that has no lock yet, or is another user's, is left."""
    for folder in above.glob(f"{PREFIX}*"):
        try:
            if folder.stat().st_uid != os.geteuid():
                continue
            with open(folder / _LOCK) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue
