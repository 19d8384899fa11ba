"""Where a module's tests will be written: a name that nothing else wears."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import count

from qtest.records.file import TestStyle
from qtest.records.system import Module


class TestPaths:
    """The name of a module depends on all modules of the repository, never on which of them are planned."""

    __test__ = False

    def __init__(self, modules: Sequence[Module], nodes: Iterable[str], get_text: Callable[[str], str]) -> None:
        self._get_text = get_text
        self._stems = _stems([module.name for module in modules])
        self._files = sorted({node.partition("::")[0] for node in nodes})
        self._worn = {file.rpartition("/")[2].lower() for file in self._files}

    def path_of(self, module: Module, style: TestStyle) -> str:
        """Not the path of a file that exists, and not the file name of an existing test: pytest may refuse two of a name."""
        root, folder = module.project.strip("/"), style.folder.strip("/")
        folder = "" if folder == "." else folder
        if root and folder != root and not folder.startswith(f"{root}/"):
            folder = f"{root}/{folder}".rstrip("/")
        stem = self._stems[module.name]
        tries = (stem, *(f"{stem}_qtest{number}" for number in ("", *range(2, 1000))))
        for name in tries:
            file = style.name_pattern.format(module=name)
            path = f"{folder}/{file}" if folder else file
            if file.lower() not in self._worn and not self.exists(path):
                return path
        raise AssertionError("a thousand names cannot all be worn")

    def habit_of(self, module: Module) -> str:
        """The one file of tests that is named for the module alone; empty where there is none."""
        stem, prefix = self._stems[module.name], f"{module.project}/" if module.project else ""
        names = {f"test_{stem}.py", f"{stem}_test.py"}
        found = [file for file in self._files if file.startswith(prefix) and file.rpartition("/")[2].lower() in names]
        return found[0] if len(found) == 1 else ""

    def exists(self, path: str) -> bool:
        """As a file of the repository."""
        try:
            self._get_text(path)
        except KeyError:
            return False
        return True


def _stems(names: Sequence[str]) -> dict[str, str]:
    """The last part of each name, with as many parts before it as make it unlike every other."""
    parts = {name: tuple(part.strip("_").lower() or part for part in name.split(".")) for name in sorted(names)}
    wearers = Counter(own[-depth:] for own in parts.values() for depth in range(1, len(own) + 1))
    found: dict[str, str] = {}
    for name, own in parts.items():
        depth = next((depth for depth in range(1, len(own) + 1) if wearers[own[-depth:]] == 1), len(own))
        found[name] = _free("_".join(own[-depth:]), found.values())
    return found


def _free(stem: str, worn: Collection[str]) -> str:
    return next(text for number in count(1) if (text := stem if number == 1 else f"{stem}_{number}") not in worn)
