"""What is tested from the outside: endpoints, commands, and flows over several endpoints."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qtest.records.plan import Risk, TestLevel
from qtest.records.system import EntryPoint, Module, SystemModel

_COMMANDS = ("console script", "cli command", "script")
_ORDER = (
    "POST",
    "PUT",
    "PATCH",
    "GET",
    "HEAD",
    "OPTIONS",
    "DELETE",
)  # as somebody makes, changes, sees and removes a thing
_READS = ("GET", "HEAD")
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_PREFIX = re.compile(r"^(api|v\d+)$", re.IGNORECASE)
_LONGEST = 6


@dataclass(frozen=True)
class Outward:
    """`symbol` answers, the first of those that do; `name` is what the outside says."""

    symbol: str
    level: TestLevel
    name: str
    why: str
    answering: tuple[str, ...]


def outward(system: SystemModel) -> tuple[Outward, ...]:
    """Endpoints, then commands, then flows over what an endpoint's path names, when it can be both written and read."""
    homes = {module.name: module for module in system.modules}
    endpoints = [entry for entry in system.entries if entry.kind == "endpoint"]
    return (*map(_endpoint, endpoints), *_commands(system.entries), *_flows(endpoints, homes))


def risk_of(item: Outward, risks: Mapping[str, Risk]) -> Risk:
    """That of the riskiest symbol that answers."""
    known = [risks[symbol] for symbol in item.answering if symbol in risks]
    return max(known, key=lambda risk: risk.score, default=Risk(score=0.0, reasons=()))


def _endpoint(entry: EntryPoint) -> Outward:
    why = f"it is an endpoint of {entry.framework}" if entry.framework else "it is an endpoint"
    return Outward(entry.symbol, "api", entry.name, why, (entry.symbol,))


def _commands(entries: Iterable[EntryPoint]) -> Iterator[Outward]:
    """One for each symbol and name: a console script may be a command of a framework as well."""
    seen: set[tuple[str, str]] = set()
    for entry in sorted(entries, key=lambda entry: _COMMANDS.index(entry.kind) if entry.kind in _COMMANDS else 0):
        if entry.kind in _COMMANDS and (entry.symbol, entry.name) not in seen:
            seen.add((entry.symbol, entry.name))
            yield Outward(entry.symbol, "e2e", entry.name, f"it is a {entry.kind}", (entry.symbol,))


def _flows(endpoints: Iterable[EntryPoint], homes: Mapping[str, Module]) -> Iterator[Outward]:
    groups: dict[tuple[str, str], list[EntryPoint]] = {}
    for entry in endpoints:
        home = homes.get(entry.symbol.partition(":")[0])
        resource = _resource(entry.name)
        if home and resource:
            groups.setdefault((home.project, resource), []).append(entry)
    for (_, resource), group in sorted(groups.items()):
        methods = {_method(entry.name) for entry in group}
        if not methods.isdisjoint(_READS) and not methods.isdisjoint(_WRITES):
            yield _flow(resource, sorted(group, key=_turn))


def _flow(resource: str, steps: list[EntryPoint]) -> Outward:
    more = f" and {len(steps) - _LONGEST} more" if len(steps) > _LONGEST else ""
    name = f"{resource}: {', '.join(step.name for step in steps[:_LONGEST])}{more}"
    answering = tuple(step.symbol for step in steps)
    return Outward(answering[0], "e2e", name, f"it is a flow over {len(steps)} endpoints", answering)


def _turn(entry: EntryPoint) -> tuple[int, str, str]:
    method = _method(entry.name)
    return (_ORDER.index(method) if method in _ORDER else len(_ORDER), entry.name, entry.symbol)


def _method(name: str) -> str:
    """A path alone is one to get."""
    method, space, _ = name.partition(" ")
    return method if space and method.isupper() else "GET"


def _resource(name: str) -> str:
    """The first part of the path that names a thing: `users` of `GET /api/v1/users/{id}`; empty where there is none."""
    parts = [part for part in name.rpartition(" ")[2].split("/") if part and not _PREFIX.match(part)]
    return parts[0] if parts and parts[0][0] not in "{<:" else ""
