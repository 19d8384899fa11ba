"""Through which public code a private function is tested."""

from collections.abc import Mapping

from qtest.records.system import Symbol, SystemModel


def public_callers(system: SystemModel, symbols: Mapping[str, Symbol]) -> dict[str, str]:
    """For each private symbol that public code leads to, the id of the first public symbol that does."""
    callees: dict[str, set[str]] = {}
    for edge in system.calls:
        callees.setdefault(edge.caller, set()).add(edge.callee)
    for symbol in symbols.values():
        named = (f"{symbol.module}:{name}" for name in symbol.reads)
        callees.setdefault(symbol.id, set()).update(name for name in named if name in symbols)
    found: dict[str, str] = {}
    waiting = [(id_, id_) for id_, symbol in sorted(symbols.items(), reverse=True) if symbol.public]
    while waiting:
        caller, public = waiting.pop()
        for callee in sorted(callees.get(caller, ())):
            if callee in symbols and callee not in found and not symbols[callee].public:
                found[callee] = public
                waiting.append((callee, public))
    return found
