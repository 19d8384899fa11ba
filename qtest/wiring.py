"""The concrete parts of one machine."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from qtest.adapters import sandbox as sandboxes
from qtest.adapters.environment import LocalEnvironments
from qtest.adapters.fetcher import SpecFetcher
from qtest.adapters.folder import FolderFetcher
from qtest.adapters.formatter import RuffFormatter
from qtest.adapters.git.command import Git
from qtest.adapters.git.fetcher import GitFetcher
from qtest.adapters.git.past import files_at
from qtest.adapters.home import Home
from qtest.adapters.inline import InlineExecutor, LocalTools
from qtest.adapters.registry import PackageFetcher
from qtest.adapters.scratch import scratch
from qtest.adapters.store import FolderStore
from qtest.adapters.workbench import SandboxWorkbench
from qtest.config import Config
from qtest.generate.writer import Writer
from qtest.languages.python.toolchain import PythonToolchain
from qtest.ports import Executor, Fetcher, Sandbox, Store
from qtest.records.record import digest_of
from qtest.records.source import RawSourceBundle

MOST_WORKERS = 8  # judges in flight, and modules being written: each judge is a suite collected twice


def workers(sandbox: Sandbox) -> int:
    """How much is done side by side on this machine: one thing where mutants on disk would be seen by others."""
    if sandbox.name in sandboxes.SHARING:
        return 1
    return max(1, min(MOST_WORKERS, len(os.sched_getaffinity(0))))


def default_cache() -> Path:
    """`$XDG_CACHE_HOME/qtest`, else `~/.cache/qtest`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qtest"


def default_store() -> Path:
    """`$QTEST_STORE`, else `$XDG_DATA_HOME/qtest`, else `~/.local/share/qtest`."""
    if os.environ.get("QTEST_STORE"):
        return Path(os.environ["QTEST_STORE"])
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "qtest"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def home(store: str | None) -> Home:
    """What is remembered, in the folder that was asked for."""
    return Home(Path(store) if store else default_store())


@contextmanager
def hired(config: Config) -> Iterator[Writer | None]:
    """The language model that the settings ask for, with its connections; None where they ask for none. Raises UsageError."""
    if not config.llm.ask:
        yield None
        return
    from qtest.completers import completer  # HTTP takes a fifth of a second to import

    made = completer(config, home(config.where.store).folder)
    assert made is not None, "a model is asked for"
    with closing(made):
        yield Writer(made, _named(config.llm.ask))


def _named(ask: str) -> str:
    """Of recorded answers also what they are: the file may be another tomorrow."""
    kind, _, path = ask.partition(":")
    return f"{ask} {digest_of(Path(path).read_bytes())}" if kind == "recorded" else ask


@dataclass
class House:
    """What one process has. `folder` is private to it and gone when it ends."""

    sandbox: Sandbox
    toolchain: PythonToolchain
    store: Store
    fetcher: Fetcher
    environments: LocalEnvironments
    executor: Executor
    formatter: RuffFormatter
    folder: Path
    _making: Lock = field(default_factory=Lock)

    def tree(self, digest: str, bundle: RawSourceBundle) -> str:
        """This process's own copy of a bundle's files, where tests may be written beside them."""
        folder = self.folder / f"tree-{digest[:16]}"
        with self._making:
            if not folder.exists():
                scratch = folder.with_name(f"{folder.name}.new")
                files = ((file.path, file.sha256, file.executable) for file in bundle.files)
                self.store.materialise(files, str(scratch))
                scratch.rename(folder)
        return str(folder)

    def past(self, folder: Path, revision: str) -> Mapping[str, bytes]:
        """The Python files of a work tree when it and a revision parted. Raises UsageError."""
        return files_at(Git(dict(os.environ)), folder, revision)


@dataclass
class Library:
    """What reading needs: no sandbox, as nothing is run. The store is gone when it closes."""

    fetcher: Fetcher
    store: FolderStore


@contextmanager
def open_library(cache: Path | None = None) -> Iterator[Library]:
    with scratch() as folder:
        yield Library(fetcher(cache or default_cache()), FolderStore(folder / "store"))


@contextmanager
def open_house(
    *, unsafe: bool = False, store: Store | None = None, executor: Executor | None = None
) -> Iterator[House]:
    """With a store and an executor of its own, both gone with it, unless some are given. Raises SandboxError, before anything of the
    target is touched, when this machine cannot hold it."""
    sandbox = sandboxes.choose(unsafe=unsafe)
    with scratch() as folder, ExitStack() as opened:
        kept = store or FolderStore(folder / "store")
        tools = () if executor else tuple(tools_of(sandbox, kept) for _ in range(workers(sandbox)))
        for one in tools:
            opened.callback(one.close)
        yield House(
            sandbox=sandbox,
            toolchain=PythonToolchain(),
            store=kept,
            fetcher=fetcher(default_cache()),
            environments=LocalEnvironments(default_cache(), sandbox),
            executor=executor or InlineExecutor(tools),
            formatter=RuffFormatter(),
            folder=folder,
        )


def tools_of(sandbox: Sandbox, store: Store) -> LocalTools:
    """What one worker keeps warm."""
    return LocalTools(sandbox, SandboxWorkbench(sandbox, PythonToolchain()), store)


def fetcher(cache: Path) -> SpecFetcher:
    outer = dict(os.environ)
    return SpecFetcher(packages=PackageFetcher(cache), folders=FolderFetcher(Git(outer)), git=GitFetcher(cache, outer))
