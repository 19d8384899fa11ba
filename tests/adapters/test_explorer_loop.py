"""Asynchronous candidates in the warm explorer: one event loop for each run, and a clock that does not wait."""

from collections.abc import Iterator

import pytest

from qtest.adapters.explorer import SandboxExplorer
from qtest.languages.python.mutate import mutate
from qtest.ports import Sandbox
from qtest.records.workbench import Candidate, Observation

from .test_explorer import opened, sandbox

__all__ = ["sandbox"]
pytestmark = pytest.mark.sandbox

TARGET = """
import asyncio


class Gate:
    def __init__(self, most):
        self.most, self.inside, self.free = most, 0, asyncio.Condition()

    async def enter(self):
        async with self.free:
            while self.inside >= self.most:
                await self.free.wait()
            self.inside += 1
        return self.inside

    async def leave(self):
        async with self.free:
            self.inside -= 1
            self.free.notify()


class Countdown:
    def __init__(self, start):
        self.start = start

    def __aiter__(self):
        return self

    async def __anext__(self):
        self.start -= 1
        if self.start < 0:
            raise StopAsyncIteration
        return self.start


def lowers(number):
    while number > 0:
        number -= 1
    return "low"


async def add(a, b): return a + b
def adds(a, b): return add(a, b)
async def sleeps(seconds): await asyncio.sleep(seconds); return seconds
async def never(): await asyncio.Event().wait()
async def leaves(): asyncio.create_task(asyncio.sleep(0.001)); return 1
async def hurries(): start = asyncio.get_running_loop().time(); await asyncio.sleep(0); return asyncio.get_running_loop().time() - start < 0.001
async def spins():
    while True: await asyncio.sleep(0)
def forgets(): add(1, 2); return 5
async def in_thread(): return await asyncio.to_thread(sum, [1, 2])
async def endless():
    while True:
        yield 7
async def breaks():
    yield 1
    raise ValueError("broken")
"""
MUTANTS = mutate(TARGET, "target.py", "target")


@pytest.fixture(scope="module")
def explorer(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxExplorer]:
    found = opened(sandbox, tmp_path_factory.mktemp("target"), TARGET)
    yield found
    found.close()


def tried(explorer: SandboxExplorer, expression: str, *setup: str) -> Observation:
    candidate = Candidate(id=0, imports=("import target",), setup=setup, expr=expression)
    (found,) = explorer.explore([candidate], [mutant.id for mutant in MUTANTS])
    return found


def test_steps_that_are_awaited_share_a_loop_with_the_call(explorer: SandboxExplorer) -> None:
    seen = tried(explorer, "await gate.enter()", "gate = target.Gate(2)", "await gate.enter()")
    assert (seen.status, seen.seen) == ("ok", '{"result": {"kind": "int", "value": 2}}')


def test_two_calls_at_once_end_where_one_lets_the_other_in(explorer: SandboxExplorer) -> None:
    both = "await __import__('asyncio').gather(gate.enter(), gate.leave())"
    seen = tried(explorer, both, "gate = target.Gate(1)", "await gate.enter()")
    assert seen.status == "ok"


def test_an_asynchronous_iterator_that_a_plain_call_gives_is_consumed(explorer: SandboxExplorer) -> None:
    seen = tried(explorer, "target.Countdown(2)")
    assert '"awaited": "items"' in seen.seen
    assert '"items": [{"kind": "int", "value": 1}, {"kind": "int", "value": 0}], "more": false' in seen.seen


def test_of_an_endless_one_fifty_items_are_looked_at(explorer: SandboxExplorer) -> None:
    seen = tried(explorer, "target.endless()")
    assert (seen.status, seen.seen.count('"value": 7'), '"more": true' in seen.seen) == ("ok", 50, True)


def test_an_error_in_the_midst_of_the_items_is_told_as_raised(explorer: SandboxExplorer) -> None:
    seen = tried(explorer, "target.breaks()")
    assert (seen.raised, seen.explicit, '"awaited": "items"' in seen.seen) == ("builtins:ValueError", True, True)


def test_a_coroutine_that_a_plain_call_gives_is_awaited(explorer: SandboxExplorer) -> None:
    seen = tried(explorer, "target.adds(1, 2)")
    assert '"value": 3' in seen.seen
    assert '"awaited": "value"' in seen.seen
    assert any(mutant.id in seen.kills for mutant in MUTANTS if mutant.symbol == "target:add")


def test_a_wait_that_a_test_would_feel_is_no_candidate_and_costs_nothing(explorer: SandboxExplorer) -> None:
    short, felt, long = (tried(explorer, f"await target.sleeps({seconds})") for seconds in (0.01, 0.5, 3600))
    assert short.status == "ok"
    assert (felt.status, felt.detail) == ("unsupported", "it waits for 0.50 s")
    assert (long.status, long.detail) == ("unsupported", "it waits for more than 1 s")


def test_what_waits_for_nothing_that_comes_makes_no_test(explorer: SandboxExplorer) -> None:
    seen = tried(explorer, "await target.never()")
    assert (seen.status, seen.detail) == ("unsupported", "it waits for what does not come")


def test_a_coroutine_that_is_never_awaited_makes_no_test(explorer: SandboxExplorer) -> None:
    seen = tried(explorer, "target.forgets()")
    assert (seen.status, seen.detail) == ("unsupported", "a coroutine is never awaited")


def test_a_thread_that_is_waited_for_is_waited_for(explorer: SandboxExplorer) -> None:
    seen = tried(explorer, "await target.in_thread()")
    assert (seen.status, seen.seen) == ("ok", '{"result": {"kind": "int", "value": 3}}')


def test_what_goes_on_for_ever_without_waiting_makes_no_test(explorer: SandboxExplorer) -> None:
    seen = tried(explorer, "await target.spins()")
    assert (seen.status, seen.detail) == ("unsupported", "it goes round and round")


def test_a_task_that_is_left_running_makes_no_test(explorer: SandboxExplorer) -> None:
    seen = tried(explorer, "await target.leaves()")
    assert (seen.status, seen.detail) == ("unsupported", "it leaves a task running")


def test_what_depends_on_how_fast_the_machine_is_makes_no_test(explorer: SandboxExplorer) -> None:
    assert tried(explorer, "await target.hurries()").status == "unstable"


def test_a_mutant_that_never_ends_its_wait_is_not_killed(explorer: SandboxExplorer) -> None:
    seen = tried(explorer, "await gate.enter()", "gate = target.Gate(1)", "await gate.enter()", "await gate.leave()")
    (stuck,) = [
        mutant.id for mutant in MUTANTS if (mutant.original, mutant.replacement) == ("self.inside -= 1", "pass")
    ]
    assert stuck in seen.reached
    assert stuck not in seen.kills


def test_what_is_confirmed_is_the_same_under_a_clock_that_really_waits(explorer: SandboxExplorer) -> None:
    candidate = Candidate(id=0, imports=("import target",), expr="await target.sleeps(0.01)")
    (found,) = explorer.confirm([candidate])
    assert found.status == "ok"


def test_a_mutant_that_only_spins_is_tried_less_and_less_often(explorer: SandboxExplorer) -> None:
    (spinning,) = [mutant.id for mutant in MUTANTS if (mutant.original, mutant.replacement) == ("number -= 1", "pass")]
    order = [Candidate(id=at, imports=("import target",), expr=f"target.lowers({at + 1})") for at in range(8)]
    runs = [found.runs for found in explorer.explore(order, [spinning])]
    assert runs[0] == 2
    assert runs.count(1) >= 3
