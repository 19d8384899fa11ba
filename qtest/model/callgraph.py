"""Who calls whom inside the repository."""

from collections.abc import Iterator

from qtest.model.directory import Directory
from qtest.records.system import CallEdge, Module, Symbol


def call_graph(directory: Directory) -> tuple[CallEdge, ...]:
    """Only what can be resolved without running; the line is the caller's first."""
    found = {
        (edge.caller, edge.callee): edge
        for module in directory.modules.values()
        for edge in (*_of_module(module, directory), *_of_symbols(module, directory))
    }
    return tuple(found[key] for key in sorted(found))


def _of_module(module: Module, directory: Directory) -> Iterator[CallEdge]:
    for written in module.calls:
        for callee in _settled(callee_of(written, module.name, "", directory), directory):
            yield CallEdge(caller=module.name, callee=callee, line=1)


def _of_symbols(module: Module, directory: Directory) -> Iterator[CallEdge]:
    for symbol in module.symbols:
        for written in symbol.calls:
            for callee in _settled(callee_of(written, module.name, owner_of(symbol), directory), directory):
                yield CallEdge(caller=symbol.id, callee=callee, line=symbol.line)


def owner_of(symbol: Symbol) -> str:
    """The class a method belongs to; empty for functions."""
    if symbol.kind == "class" or "." not in symbol.qualname:
        return ""
    return symbol.id.removesuffix(".setter").removesuffix(".deleter").rpartition(".")[0]


def callee_of(written: str, module: str, owner: str, directory: Directory) -> str:
    """What a callee as written means: an id, a foreign `module:name`, or empty."""
    if written.startswith("super()."):
        return _above(owner, written.partition(".")[2], directory)
    head, made, method = written.partition("().")
    if made:
        maker = owner if head in ("cls", "self.__class__") else directory.meaning(module, head)
        return directory.method(maker, method)
    first, _, rest = written.partition(".")
    if first in ("self", "cls") and owner:
        return directory.method(owner, rest) if rest else owner
    return directory.meaning(module, written)


def _above(owner: str, method: str, directory: Directory) -> str:
    bases = directory.lineage(owner)[1:]
    return next((id_ for base in bases if (id_ := f"{base.id}.{method}") in directory.symbols), "")


def _settled(callee: str, directory: Directory) -> Iterator[str]:
    """A class that is called is also its initialiser."""
    if callee not in directory.symbols:
        return
    yield callee
    if directory.is_class(callee):
        initialiser = directory.method(callee, "__init__")
        if initialiser:
            yield initialiser
