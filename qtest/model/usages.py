"""How the repository uses its own symbols."""

from collections.abc import Callable

from qtest.model.directory import Directory
from qtest.records.source import RawSourceBundle
from qtest.records.system import Usage


def usages(bundle: RawSourceBundle, store_get: Callable[[str], bytes], directory: Directory) -> tuple[Usage, ...]:
    return ()
