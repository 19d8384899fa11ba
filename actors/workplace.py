"""What one worker process of the cluster has: a house of its own, and its own copy of every tree that it works on."""

import atexit
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TypeVar

from actors.artefacts import nearest_store
from actors.ledger import LedgerClient
from qtest.adapters.inline import LocalTools
from qtest.ports import Item, Result, Tools
from qtest.records.baseline import Environment, ProjectBaseline, Setting
from qtest.records.outcome import Failure
from qtest.records.record import Record
from qtest.records.source import RawSourceBundle
from qtest.wiring import House, default_cache, open_house, tools_of

Kind = TypeVar("Kind")
Read = TypeVar("Read", bound=Record)


class Workplace:
    """Made once in a process, and gone with it."""

    def __init__(self, unsafe: bool) -> None:
        self._open = ExitStack()
        self.store = nearest_store(default_cache() / "artefacts")
        self.ledger = LedgerClient()
        self.house: House = self._open.enter_context(open_house(unsafe=unsafe, store=self.store, executor=_Nobody()))
        self.tools: LocalTools = tools_of(self.house.sandbox, self.store)
        self._open.callback(self.tools.close)
        atexit.register(self._open.close)

    def read(self, kind: type[Read], artefact: str) -> Read:
        """Raises KeyError."""
        return kind.from_json(self.store.get(artefact))

    def adopted(self, item: Kind) -> Kind:
        """With the tree and the environment of this process, where the item has a setting."""
        setting = getattr(item, "setting", None)
        if not isinstance(setting, Setting) or not isinstance(item, Record):
            return item
        return item.model_copy(update={"setting": self.own(setting)})

    def grounded(self, ground: ProjectBaseline) -> ProjectBaseline:
        if ground.setting is None:
            return ground
        return ground.model_copy(update={"setting": self.own(ground.setting)})

    def own(self, setting: Setting) -> Setting:
        if not setting.bundle or setting.folder.startswith(str(self.house.folder)):
            return setting
        folder = self.house.tree(setting.bundle, self._bundle(setting.bundle))
        environment = setting.environment
        if not _is_here(environment):
            environment = self.house.environments.prepare(setting.project, folder)
        return setting.model_copy(update={"folder": folder, "environment": environment})

    @cache  # noqa: B019 - one object in a process, for its whole life
    def _bundle(self, digest: str) -> RawSourceBundle:
        return self.read(RawSourceBundle, digest)


@cache
def workplace(unsafe: bool = False) -> Workplace:
    """Raises SandboxError when this node cannot hold target code, LedgerError when the ledger is out of reach."""
    return Workplace(unsafe)


def _is_here(environment: Environment) -> bool:
    paths = (environment.python, *environment.readable, *environment.site, *filter(None, (environment.layer,)))
    return all(Path(path).exists() for path in paths)


class _Nobody:
    """The executor of a process that is itself an executor's worker: work does not hand work on."""

    def map(self, work: Callable[[Tools, Item], Result], items: Iterable[Item]) -> Iterator[Result | Failure]:
        raise RuntimeError("a task asked for an executor of its own")
