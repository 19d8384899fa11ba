"""What a dotted path stands for: a symbol of the repository, or something that a library made."""

from collections.abc import Iterator

from qtest.model.directory import Directory
from qtest.records.system import Site

_DEEPEST = 8  # names that stand for names
_STEPS = 32  # paths looked at for one question: methods that give back each other's results have no end of them
_LONGEST = 300  # characters


class Objects:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._ours = {name.partition(".")[0] for name in directory.modules}
        self._meanings: dict[str, str] = {}
        self._left = _STEPS
        self.made: dict[str, list[Site]] = {}
        for module in directory.modules.values():
            for site in module.sites:
                if site.bound:
                    self.made.setdefault(site.bound, []).append(site)

    def symbol(self, path: str) -> str:
        """The id of the symbol that a path names; empty when it is none of ours."""
        module = self._module(path)
        rest = path[len(module) + 1 :]
        if not module or not rest:
            return ""
        found = self._directory.canonical(f"{module}:{rest}")
        return found if found in self._directory.symbols else ""

    def canonical(self, path: str) -> str:
        """The path of the place where the object is made: re-exports are followed."""
        module = self._module(path)
        rest = path[len(module) + 1 :]
        if not module or not rest:
            return path
        first, dot, more = rest.partition(".")
        called = "()" if first.endswith("()") else ""
        found = self._directory.canonical(f"{module}:{first.removesuffix('()')}").replace(":", ".")
        return f"{found}{called}{dot}{more}"

    def foreign(self, path: str) -> str:
        """The path from a library's own name, `httpx.Client().get`; empty when nothing tells."""
        self._left = _STEPS
        return self._foreign(path, 0)

    def _foreign(self, path: str, depth: int) -> str:
        """Remembered for every path on the way, also while it is looked for: names that go round in a circle mean nothing."""
        if path not in self._meanings and depth <= _DEEPEST and self._left > 0 and len(path) <= _LONGEST:
            self._left -= 1
            self._meanings[path] = ""
            self._meanings[path] = self._looked_up(path, depth)
        return self._meanings.get(path, "")

    def _looked_up(self, path: str, depth: int) -> str:
        path = self.canonical(path)
        if path.partition(".")[0].removesuffix("()") not in self._ours:
            return path
        for prefix, rest in _splits(path):
            for site in self.made.get(prefix, ()):
                callee = site.callee if site.how == "alias" else f"{site.callee}()"
                found = self._foreign(f"{callee}{rest}", depth + 1)
                if found:
                    return found
            symbol = self.symbol(prefix.removesuffix("()"))
            if rest and self._directory.is_class(symbol):
                return self._inherited(symbol, rest, depth)
        return ""

    def _inherited(self, owner: str, rest: str, depth: int) -> str:
        """A member that the class has from somewhere else."""
        for item in self._directory.lineage(owner):
            if f"{item.id}.{rest[1:].partition('.')[0].removesuffix('()')}" in self._directory.symbols:
                return ""
            held = f"{item.id.replace(':', '.')}{rest}"
            kept = any(prefix in self.made for prefix, _ in _splits(held) if len(prefix) > len(item.id))
            if kept and item.id != owner:
                return self._foreign(held, depth + 1)
        for base in self.bases(owner, depth):
            return f"{base}(){rest}"
        return ""

    def bases(self, owner: str, depth: int = 0) -> Iterator[str]:
        """Foreign classes that the class comes from, as paths, nearest first."""
        for item in self._directory.lineage(owner):
            for base in item.bases:
                plain = base.partition("[")[0]
                meaning = self._directory.meaning(item.module, plain)
                if meaning and meaning not in self._directory.symbols:
                    found = self._foreign(meaning.replace(":", "."), depth + 1)
                    if found:
                        yield found

    def _module(self, path: str) -> str:
        """The longest beginning that is a module."""
        found, seen = "", ""
        for part in path.split("."):
            seen = f"{seen}.{part}" if seen else part
            if seen not in self._directory.packages:
                break
            if seen in self._directory.modules:
                found = seen
        return found


def _splits(path: str) -> Iterator[tuple[str, str]]:
    """Every beginning and the rest, longest beginning first; a call splits off, too."""
    end = len(path)
    while end > 0:
        yield path[:end], path[end:]
        if path[:end].endswith("()"):
            end -= 2
        else:
            end = path.rfind(".", 0, end)
