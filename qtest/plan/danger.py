"""What must not be called even in a sandbox: it would end the process, wait for a person, or talk to others."""

from collections.abc import Iterable, Mapping

from qtest.records.system import Effect, Symbol, SystemModel

_ENDS = frozenset(("sys.exit", "exit", "quit", "os._exit", "os.abort", "raise SystemExit"))
_SPAWNS = ("subprocess", "multiprocessing", "concurrent.futures", "pty", "threading", "_thread")
_SIGNALS = ("os.kill", "os.killpg", "os.fork", "os.system", "os.popen", "os.wait", "os.waitpid", "signal")


def danger_in(effects: Iterable[Effect]) -> str:
    """One plain reason, or nothing."""
    return next((reason for effect in effects if (reason := _danger(effect))), "")


def _danger(effect: Effect) -> str:
    where = f"{effect.cause} on line {effect.line}"
    if effect.cause in _ENDS:
        return f"ends the process: {where}"
    if effect.kind == "input" and effect.cause not in ("sys.argv", "sys.stdin"):
        return f"waits for input: {where}"
    if effect.kind == "network":
        return f"needs a network: {where}"
    if _starts(effect.cause, _SIGNALS):
        return f"signals or starts processes: {where}"
    if _starts(effect.cause, _SPAWNS):
        return f"starts processes or threads: {where}"
    return ""


def _starts(cause: str, names: Iterable[str]) -> bool:
    return any(cause == name or cause.startswith(f"{name}.") for name in names)


def dangers(system: SystemModel, symbols: Mapping[str, Symbol]) -> dict[str, str]:
    """Reasons by symbol. A private helper's danger is its callers', as nobody else would be blamed for it."""
    found = {id_: reason for id_, symbol in symbols.items() if (reason := danger_in(symbol.effects))}
    callers: dict[str, list[str]] = {}
    for edge in system.calls:
        callers.setdefault(edge.callee, []).append(edge.caller)
    waiting = [id_ for id_ in sorted(found) if not symbols[id_].public]
    while waiting:
        helper = waiting.pop()
        for caller in callers.get(helper, ()):
            if caller in symbols and caller not in found:
                found[caller] = f"through {symbols[helper].qualname}, {found[helper].removeprefix('through ')}"
                if not symbols[caller].public:
                    waiting.append(caller)
    return found
