"""Process 1 where bubblewrap has built the walls: bounds what bubblewrap cannot, fills the private copies, and gives up its rights.

Runs with the right to mount inside its namespaces and nothing else, until `prepare` has returned.
"""

import os
import shutil
import socket
from collections.abc import Mapping
from typing import Any, NoReturn

from qtest.adapters.sandbox import root
from qtest.adapters.sandbox import syscalls as sys_
from qtest.adapters.sandbox.init import Init, shut, start


def main(control: int) -> NoReturn:
    start(control, _prepare, Init)


def _prepare(spec: Mapping[str, Any], link: socket.socket) -> None:
    for where, size, files in spec["stores"]:
        _bound(where, size, files)
    shown = {inside for _, inside in (*spec["readable"], *spec["overlaid"])}
    for lower, inside in spec["copies"]:
        _fill(lower, inside, shown)
    root.terminals("/dev")
    shut(spec)


def _bound(where: str, size: int, files: int) -> None:
    flags = sys_.MS_REMOUNT | sys_.MS_NOSUID | sys_.MS_NODEV
    try:
        sys_.mount("none", where, "", flags, f"size={size},nr_inodes={files}")
    except OSError:
        pass  # its bytes are bounded all the same; the trial counts files, and says so


def _fill(lower: str, inside: str, shown: set[str]) -> None:
    def mounted(folder: str, names: list[str]) -> list[str]:
        """What is shown there in its own right stays what it is."""
        below = inside + folder[len(lower) :]
        return [name for name in names if os.path.join(below, name) in shown]

    try:
        shutil.copytree(lower, inside, symlinks=True, ignore=mounted, dirs_exist_ok=True)
    except shutil.Error as error:
        raise OSError(f"{inside} could not be copied: {str(error)[:300]}") from error
