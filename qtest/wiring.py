"""The concrete parts of one machine."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import gates
from qtest.adapters import sandbox as sandboxes
from qtest.adapters.environment import LocalEnvironments
from qtest.adapters.formatter import RuffFormatter
from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.adapters.registry import PackageFetcher
from qtest.adapters.store import FolderStore
from qtest.adapters.workbench import SandboxWorkbench
from qtest.languages.python.toolchain import PythonToolchain
from qtest.ports import Sandbox

MOST_WORKERS = 8  # judges in flight, and modules being written: each judge is a suite collected twice


def workers(sandbox: Sandbox) -> int:
    """How much is done side by side on this machine: one thing where mutants on disk would be seen by others."""
    if sandbox.name in sandboxes.SHARING:
        return 1
    return max(1, min(MOST_WORKERS, len(os.sched_getaffinity(0))))


def default_cache() -> Path:
    """`$XDG_CACHE_HOME/qtest`, else `~/.cache/qtest`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qtest"


@dataclass(frozen=True)
class Desk:
    """What reading needs: nothing of the target runs, so there is no sandbox."""

    store: FolderStore
    fetcher: PackageFetcher


@contextmanager
def open_desk(cache: Path | None = None) -> Iterator[Desk]:
    folder = Path(tempfile.mkdtemp(prefix="qtest-"))
    try:
        yield Desk(store=FolderStore(folder / "store"), fetcher=PackageFetcher(cache or default_cache()))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class House:
    """What one machine has. `folder` is private to the run and gone when it ends."""

    sandbox: Sandbox
    toolchain: PythonToolchain
    store: FolderStore
    fetcher: PackageFetcher
    environments: LocalEnvironments
    workbench: SandboxWorkbench
    executor: InlineExecutor
    formatter: RuffFormatter
    checkers: gates.Checkers
    folder: Path


@contextmanager
def open_house(*, unsafe: bool = False, cache: Path | None = None) -> Iterator[House]:
    """Raises SandboxError, before anything of the target is touched, when this machine cannot hold it."""
    kept = cache or default_cache()
    folder = Path(tempfile.mkdtemp(prefix="qtest-"))
    sandbox = sandboxes.choose(unsafe=unsafe)
    toolchain = PythonToolchain()
    store = FolderStore(folder / "store")
    benches = [SandboxWorkbench(sandbox, toolchain) for _ in range(workers(sandbox))]
    workbench = benches[0]
    checkers = gates.Checkers(sandbox, toolchain, toolchain.own_paths)
    try:
        yield House(
            sandbox=sandbox,
            toolchain=toolchain,
            store=store,
            fetcher=PackageFetcher(kept),
            environments=LocalEnvironments(kept, sandbox),
            workbench=workbench,
            executor=InlineExecutor(tuple(LocalTools(sandbox, bench, store) for bench in benches)),
            formatter=RuffFormatter(),
            checkers=checkers,
            folder=folder,
        )
    finally:
        checkers.close()
        for bench in benches:
            bench.close()
        shutil.rmtree(folder, ignore_errors=True)
