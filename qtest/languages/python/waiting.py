"""Asynchronous code in a test: which cases an event loop must run, and the small functions that stand beside them."""

from collections.abc import Iterable

from qtest.languages.python.walk import walk
from qtest.records.case import Call, CallCase, Construct, Consume, Enter, Expression

HELPERS = {
    "first_items": '''async def first_items(source, limit):
    """The first items of an asynchronous iterator, as a list."""
    items = []
    async for item in source:
        items.append(item)
        if len(items) == limit:
            break
    return items
''',
    "async_iter": '''async def async_iter(items):
    """The items, given one by one."""
    for item in items:
        yield item
''',
    "async_value": '''async def async_value(value):
    """The value, once it is awaited."""
    return value
''',
    "entered": '''async def entered(manager):
    """What the context manager gives; it is left again."""
    async with manager as value:
        return value
''',
}


def function(name: str, parameters: Iterable[str], body: str) -> str:
    return f"async def {name}({', '.join(parameters)}):\n    return {body}\n"


def waits(*parts: object) -> bool:
    """Whether something in it is awaited."""
    return any(isinstance(part, Call | Consume | Enter) and part.awaited for whole in parts for part in walk(whole))


def is_scenario(case: CallCase) -> bool:
    """Whether all of it runs in one event loop. A lone awaited call of plain values is handed to a loop as it is."""
    steps = (*case.setup, *case.lifecycle.teardown)
    given = case.input
    if not waits(tuple(step.does for step in steps), given):
        return False
    return bool(steps) or not _is_lone(given)


def _is_lone(given: Expression) -> bool:
    if isinstance(given, Consume):
        return given.limit > 0 and isinstance(given.source, Call) and _is_plain(given.source)
    return isinstance(given, Call) and given.awaited and given.symbol != "asyncio:gather" and _is_plain(given)


def _is_plain(given: Call) -> bool:
    """Nothing but the call itself can ask for the loop."""
    inner = [part for argument in given.arguments for part in walk(argument.value)]
    return given.receiver is None and not any(isinstance(part, Call | Construct | Consume) for part in inner)
