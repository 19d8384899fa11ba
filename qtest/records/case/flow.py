"""A test that walks a page: what a person does there, and what should then be seen."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from qtest.records.case.circumstances import Isolation, Lifecycle, Provenance, Resources
from qtest.records.record import Record


class Locator(Record):
    """How a person would find it: by role and name, label, text, or a test id; css only when nothing else is there."""

    by: Literal["role", "label", "placeholder", "text", "test id", "css"]
    value: str
    name: str = ""
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Visit:
    url: str
    kind: Literal["visit"] = "visit"


@dataclass(frozen=True, slots=True)
class Click:
    on: Locator
    kind: Literal["click"] = "click"


@dataclass(frozen=True, slots=True)
class Fill:
    field: Locator
    text: str
    kind: Literal["fill"] = "fill"


@dataclass(frozen=True, slots=True)
class Choose:
    field: Locator
    option: str
    kind: Literal["choose"] = "choose"


@dataclass(frozen=True, slots=True)
class Check:
    field: Locator
    checked: bool = True
    kind: Literal["check"] = "check"


@dataclass(frozen=True, slots=True)
class Press:
    key: str
    on: Locator | None = None
    kind: Literal["press"] = "press"


FlowStep = Annotated[Visit | Click | Fill | Choose | Check | Press, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Visible:
    element: Locator
    visible: bool = True
    kind: Literal["visible"] = "visible"


@dataclass(frozen=True, slots=True)
class HasText:
    element: Locator
    text: str
    exact: bool = True
    kind: Literal["has text"] = "has text"


@dataclass(frozen=True, slots=True)
class UrlIs:
    """`url` is relative to the application's base; with `pattern` it is a regular expression."""

    url: str
    pattern: bool = False
    kind: Literal["url"] = "url"


FlowExpectation = Annotated[Visible | HasText | UrlIs, Field(discriminator="kind")]


class FlowCase(Record):
    """Walk a page as a person would. `target` is the flow's name in the system model."""

    type: Literal["flow"] = "flow"
    id: str
    level: Literal["e2e"] = "e2e"
    description: str = ""
    target: str
    setup: tuple[FlowStep, ...] = ()
    input: tuple[FlowStep, ...]
    expect: tuple[FlowExpectation, ...]
    lifecycle: Lifecycle = Lifecycle()
    isolation: Isolation = Isolation()
    resources: Resources = Resources()
    provenance: Provenance = Provenance()
