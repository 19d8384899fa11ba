"""The event loop that a candidate runs in when something of it is awaited. In the search waiting takes no time."""

import asyncio
import time
import types

from _qtest_probe.program import Stuck

TICK_S = 1e-5  # of each turn: what waits for "now" must not wait for ever
SLOW_STEP_S = 0.005
LONGEST_S = 1
FEW_TURNS, MANY_TURNS, MOST_TURNS = 200, 20, 5000
_now, _sleep = time.monotonic, time.sleep
_all_tasks = asyncio.all_tasks


class Loop(asyncio.BaseEventLoop):
    """Its clock goes on to the next thing that is due as soon as there is nothing else to do; a `slow` one also goes on by itself,
    as it would on a busy machine."""

    def __init__(self, slow, most_turns):
        super().__init__()
        self.now = 1000.0
        self.waited_s = 0.0
        self.turns, self.most_turns = 0, most_turns
        self.step = SLOW_STEP_S if slow else 0.0
        self._selector = self

    def time(self):
        self.now += self.step
        return self.now

    def select(self, timeout):
        if timeout is None:
            self._wait_for_threads()
            return ()
        self.now += timeout + TICK_S
        self.waited_s += timeout
        self.turns += 1
        if self.waited_s > LONGEST_S:
            raise Stuck("it waits for more than %d s" % LONGEST_S)
        if self.turns > self.most_turns:
            raise Stuck("it goes round and round")
        return ()

    def _wait_for_threads(self):
        end = _now() + LONGEST_S
        while not self._ready:
            if self._default_executor is None or _now() > end:
                raise Stuck("it waits for what does not come")
            _sleep(0.0005)

    def close(self):
        super().close()
        self._selector = None

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass


def made(real, slow, turns):
    """`turns` are those that the code took before it was changed; 0 when that is not known."""
    return asyncio.new_event_loop() if real else Loop(slow, MANY_TURNS * turns + FEW_TURNS if turns else MOST_TURNS)


def run(loop, scenario):
    """(whether tasks are left running, how long it waited by the loop's own clock and in how many turns); what the scenario raises
    comes out."""
    try:
        loop.run_until_complete(scenario)
        left = any(_is_ours(task) for task in _all_tasks(loop))
        return left, getattr(loop, "waited_s", 0.0), getattr(loop, "turns", 0)
    finally:
        _end(loop)


def _is_ours(task):
    """Not one of the loop's own, which close generators that were left."""
    return type(task.get_coro()) is types.CoroutineType


def _end(loop):
    if isinstance(loop, Loop):
        loop.waited_s, loop.turns = 0.0, 0
    try:
        left = _all_tasks(loop)
        if left:
            loop.run_until_complete(_cancelled(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
        if loop._default_executor is not None:
            loop.run_until_complete(loop.shutdown_default_executor())
    except (Exception, Stuck, asyncio.CancelledError):  # noqa: S110 - then they are left to the garbage collector
        pass
    finally:
        if not loop.is_running():
            loop.close()


async def _cancelled(tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
