"""The event loop that a candidate runs in when something of it is awaited. In the search waiting takes no time."""

import asyncio
import types

from _qtest_probe.program import Stuck

SLOW_STEP_S = 0.005
_all_tasks = asyncio.all_tasks


class Loop(asyncio.BaseEventLoop):
    """Its clock goes on to the next thing that is due as soon as there is nothing else to do; a `slow` one also goes on by itself,
    as it would on a busy machine."""

    def __init__(self, slow=False):
        super().__init__()
        self.started = self.now = 1000.0
        self.step = SLOW_STEP_S if slow else 0.0
        self._selector = self

    def time(self):
        self.now += self.step
        return self.now

    def select(self, timeout):
        if timeout is None:
            raise Stuck
        self.now += timeout
        return ()

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass


def made(real, slow):
    return asyncio.new_event_loop() if real else Loop(slow)


def run(loop, scenario):
    """(whether tasks are left running, how long it waited by the loop's own clock); what the scenario raises comes out."""
    try:
        loop.run_until_complete(scenario)
        waited = loop.time() - loop.started if isinstance(loop, Loop) else 0.0
        return any(_is_ours(task) for task in _all_tasks(loop)), waited
    finally:
        _end(loop)


def _is_ours(task):
    """Not one of the loop's own, which close generators that were left."""
    return type(task.get_coro()) is types.CoroutineType


def _end(loop):
    try:
        left = _all_tasks(loop)
        if left:
            loop.run_until_complete(_cancelled(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
    except (Exception, Stuck, asyncio.CancelledError):  # noqa: S110 - then they are left to the garbage collector
        pass
    finally:
        if not loop.is_running():
            loop.close()


async def _cancelled(tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
