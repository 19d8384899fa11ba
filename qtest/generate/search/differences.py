"""Mutants that live, told apart from the code by a call: a question for a person, where there is no test."""

import time

from qtest.config import SearchSettings
from qtest.generate.search.generator import Search, SearchGenerator
from qtest.generate.search.minimise import Proven
from qtest.languages.python.saying import called, outcomes
from qtest.ports import Explorer, Tools
from qtest.records.baseline import Setting
from qtest.records.difference import Difference, Differences
from qtest.records.plan import Brief
from qtest.records.record import Record


class DifferenceOrder(Record):
    setting: Setting
    brief: Brief
    settings: SearchSettings


def differences(tools: Tools, order: DifferenceOrder) -> Differences:
    """What an executor is given: one module's living mutants, and the brief's share of time for them."""
    generator = SearchGenerator(tools.workbench, lambda _: order.setting, order.settings, time.monotonic)
    with generator.warmed(order.brief) as explorer:
        return _searched(generator, order.brief, explorer)


def _searched(generator: SearchGenerator, brief: Brief, explorer: Explorer) -> Differences:
    name = brief.module.name
    if explorer.loaded.problem:
        return Differences(module=name, problem=explorer.loaded.problem)
    search = Search(generator, brief, explorer, time.monotonic())
    found = search.told_apart()
    unstable = search.unstable(item for _, item in found)
    told = tuple(_difference(mutant, item, name, item.trial.identity not in unstable) for mutant, item in found)
    return Differences(module=name, asked=search.mutants, calls=search.calls, found=told)


def _difference(mutant: str, item: Proven, module: str, stable: bool) -> Difference:
    return Difference(
        mutant=mutant,
        call=called(item.trial.setup, item.trial.input, module),
        code="; ".join(outcomes(item.said.expect, module)) or "something else",
        stable=stable,
    )
