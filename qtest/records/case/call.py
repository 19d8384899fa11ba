"""A test that calls something."""

from typing import Literal

from qtest.records.case.circumstances import Isolation, Lifecycle, Provenance, Resources
from qtest.records.case.expectation import Expectation
from qtest.records.case.expression import Expression, Step
from qtest.records.record import Record


class CallCase(Record):
    """Call something and look at what comes back. `target` is the symbol under test, `module:qualname`.

    `parameters` are the names of those that the input's positional arguments land on: they only name things in the text.
    """

    type: Literal["call"] = "call"
    id: str
    level: Literal["unit", "integration"] = "unit"
    description: str = ""
    target: str
    setup: tuple[Step, ...] = ()
    input: Expression
    expect: tuple[Expectation, ...]
    parameters: tuple[str, ...] = ()
    lifecycle: Lifecycle = Lifecycle()
    isolation: Isolation = Isolation()
    resources: Resources = Resources()
    provenance: Provenance = Provenance()
