"""One piece of work, done by a worker of an executor and waited for."""

from collections.abc import Callable

from qtest.errors import QTestError
from qtest.ports import Executor, Item, Result, Tools
from qtest.records.outcome import Failure


def sent(executor: Executor, work: Callable[[Tools, Item], Result], item: Item) -> Result:
    """Raises QTestError with the reason when the worker could not do it."""
    (done,) = executor.map(work, (item,))
    if isinstance(done, Failure):
        raise QTestError(done.reason)
    return done
