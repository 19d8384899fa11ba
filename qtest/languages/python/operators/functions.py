"""Edits of what stands around a function or class: its decorators and defaults."""

import ast
from collections.abc import Iterator

from qtest.languages.python.offsets import Offsets
from qtest.languages.python.operators.edit import Edit, is_constant, last_name, replaced, speaks

# What they do is not seen by calling: they remember, name or announce. A setter without its decorator breaks its property at once.
_UNSEEN = frozenset(
    (
        *("cache", "lru_cache", "wraps", "override", "final", "no_type_check", "deprecated", "runtime_checkable"),
        *("setter", "getter", "deleter", "dataclass_transform", "unique", "profile"),
    )
)


def undecorated(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, at: Offsets) -> Iterator[Edit]:
    starts = [at.text.rindex("@", 0, at.start(decorator)) for decorator in node.decorator_list]
    for decorator, start, end in zip(node.decorator_list, starts, [*starts, at.start(node)][1:], strict=True):
        if last_name(decorator) not in _UNSEEN:
            yield Edit(start, end, "", "decorator removed")


def of_default(default: ast.expr, at: Offsets) -> Iterator[Edit]:
    if not speaks(default) and not is_constant(default, None):
        yield replaced(default, "None", "default", at)
