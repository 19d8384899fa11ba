"""Calls that show what a module does, found by the search on one revision and run again on another."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing

from qtest.config import SearchSettings
from qtest.generate.search.generator import Search, SearchGenerator
from qtest.generate.search.oracle import CARELESS, shown
from qtest.generate.search.trial import Trial, candidate
from qtest.languages.python.saying import outcomes
from qtest.ports import Tools
from qtest.records.baseline import Setting
from qtest.records.behaviour import Observed, Replayed, Replays, Seen, Side
from qtest.records.plan import Brief
from qtest.records.record import Record
from qtest.records.workbench import Candidate, ModuleLoad, Observation

MOST = 40  # calls of one function


class ObserveOrder(Record):
    """`targets` are the functions whose calls are wanted."""

    setting: Setting
    brief: Brief
    settings: SearchSettings
    targets: tuple[str, ...]
    side: Side


class ReplayOrder(Record):
    setting: Setting
    load: ModuleLoad
    candidates: tuple[Candidate, ...]
    side: Side


def observed(tools: Tools, order: ObserveOrder) -> Observed:
    """What an executor is given: one module's search, and what of it is the same in fresh processes."""
    generator = SearchGenerator(tools.workbench, lambda _: order.setting, order.settings, time.monotonic)
    with generator.warmed(order.brief) as explorer:
        name = order.brief.module.name
        if explorer.loaded.problem:
            return Observed(module=name, side=order.side, problem=explorer.loaded.problem)
        search = Search(generator, order.brief, explorer, time.monotonic())
        chosen = _chosen(search.examples(), order.targets)
        made = [(trial, one) for number, trial in enumerate(chosen) if (one := candidate(trial, number, name))]
        again = explorer.confirm([one for _, one in made])
        return Observed(
            module=name,
            side=order.side,
            seen=tuple(
                _seen(trial, one, found, name)
                for (trial, one), found in zip(made, again, strict=True)
                if found.status == "ok"
            ),
            unstable=sum(found.status != "ok" for found in again),
            calls=sum(search.calls.values()),
            cpu_s=search.cpu_s,
        )


def replayed(tools: Tools, order: ReplayOrder) -> Replays:
    """What an executor is given: the same calls in fresh processes of another revision."""
    name = order.load.module
    with closing(tools.workbench.explorer(order.setting, order.load)) as explorer:
        if explorer.loaded.problem:
            return Replays(module=name, side=order.side, problem=explorer.loaded.problem)
        found = tuple(_replayed(one, name) for one in explorer.confirm(order.candidates))
        return Replays(module=name, side=order.side, found=found)


def _chosen(found: Sequence[tuple[Trial, Observation]], targets: Sequence[str]) -> Iterator[Trial]:
    """The plainest call for each thing that a function does, then others that took another way."""
    for target in targets:
        seen: set[str] = set()
        first: list[Trial] = []
        others: list[Trial] = []
        for trial, observation in sorted(found, key=lambda pair: len(repr(pair[0].identity))):
            if trial.target != target or _is_careless(observation):
                continue
            (others if observation.key in seen else first).append(trial)
            seen.add(observation.key)
        yield from (*first, *others)[:MOST]


def _is_careless(observation: Observation) -> bool:
    """Only an argument of a wrong type was noticed, by nobody in particular."""
    return not observation.explicit and observation.raised in CARELESS


def _seen(trial: Trial, made: Candidate, found: Observation, module: str) -> Seen:
    return Seen(
        target=trial.target,
        call="; ".join((*made.setup, made.expr)),
        candidate=made,
        key=found.key,
        form=found.seen,
        told=_told(found.seen, module),
    )


def _replayed(one: Observation, module: str) -> Replayed:
    return Replayed(
        candidate=one.candidate,
        ended=one.status,
        detail=one.detail,
        key=one.key,
        form=one.seen,
        told=_told(one.seen, module) if one.status == "ok" else (),
        careless=_is_careless(one),
    )


def _told(seen: str, module: str) -> tuple[str, ...]:
    return tuple(outcomes(shown(seen), module))
