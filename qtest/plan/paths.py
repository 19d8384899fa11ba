"""The critical paths: from where the outside comes in to where something leaves."""

from qtest.records.system import Flow, SystemModel


def paths_through(system: SystemModel) -> dict[str, tuple[str, ...]]:
    """By symbol, the names of the flows through it; those from an endpoint or a command before those from a plain function."""
    outside = {entry.symbol: entry.name for entry in reversed(system.entries) if entry.kind != "function"}
    found: dict[str, list[Flow]] = {}
    for flow in system.flows:
        for symbol in dict.fromkeys((flow.entry, *flow.chain)):
            found.setdefault(symbol, []).append(flow)
    return {
        symbol: tuple(_name(flow, outside) for flow in sorted(flows, key=lambda flow: flow.entry not in outside))
        for symbol, flows in found.items()
    }


def _name(flow: Flow, outside: dict[str, str]) -> str:
    return f"{outside.get(flow.entry) or flow.entry.rpartition(':')[2]} → {flow.sink}"
