"""A thing to try: some set-up and one expression, with where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qtest.errors import UnspokenError
from qtest.languages.python.phrase import sketch
from qtest.records.case import Call, Construct, Expression, List, Map, Operate, Ref, Set, Step
from qtest.records.workbench import Candidate

CALLED = ".__call__"  # how the symbol of a call ends whose receiver is itself called
Origin = Literal["search", "doctest", "call site", "existing test"]


@dataclass(frozen=True, slots=True)
class Trial:
    """`target` is whose behaviour it shows. `expected` is what a documented example says comes back. Without `watch` nothing but
    the value of the input is looked at."""

    target: str
    input: Expression
    setup: tuple[Step, ...] = ()
    origin: Origin = "search"
    source: str = ""
    expected: str = ""
    watch: bool = True

    @property
    def identity(self) -> tuple[object, ...]:
        return (self.input, self.setup)


def candidate(trial: Trial, number: int, module: str) -> Candidate | None:
    """None for what the language cannot say."""
    try:
        drawn = sketch(trial.setup, trial.input, module)
    except (UnspokenError, ValueError, RecursionError):
        return None
    names = watched(trial.setup, trial.input) if trial.watch else ()
    return Candidate(id=number, imports=drawn.imports, setup=drawn.setup, expr=drawn.expr, watch=names)


def watched(setup: Sequence[Step], given: Expression) -> tuple[str, ...]:
    """Names whose value a call may change. What a decorator gave back speaks by its results, and not by how it is made."""
    changeable = (Construct, Call, List, Map, Set, Operate)
    names = [step.name for step in setup if step.name and isinstance(step.does, changeable)]
    spoken = {step.name for step in setup if isinstance(step.does, Call) and _is_called(step.name, setup, given)}
    return tuple(name for name in dict.fromkeys(names) if name not in spoken)


def _is_called(name: str, setup: Sequence[Step], given: Expression) -> bool:
    return any(
        isinstance(does, Call) and does.receiver == Ref(name) and does.symbol.endswith(CALLED)
        for does in (*(step.does for step in setup), given)
    )
