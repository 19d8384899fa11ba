"""A test that calls an endpoint: its requests, and what is expected of the answer."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from qtest.records.case.circumstances import Isolation, Lifecycle, Provenance, Resources
from qtest.records.case.expression import Value
from qtest.records.record import Record


class Header(Record):
    name: str
    value: str


class ApiRequest(Record):
    """`path`, query and header values hold `{name}` where a setup step's value goes (a doubled brace is itself), `body` a `Ref`.
    The body is sent as JSON unless `form`."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    path: str
    query: tuple[Header, ...] = ()
    headers: tuple[Header, ...] = ()
    body: Value | None = None
    form: bool = False


class ApiStep(Record):
    """A request made before the one under test; `name` keeps the value at `take` (a JSON pointer) of its answer."""

    request: ApiRequest
    name: str = ""
    take: str = ""


@dataclass(frozen=True, slots=True)
class StatusIs:
    status: int
    kind: Literal["status"] = "status"


@dataclass(frozen=True, slots=True)
class HeaderMatches:
    name: str
    value: str
    exact: bool = True
    kind: Literal["header"] = "header"


@dataclass(frozen=True, slots=True)
class BodyEquals:
    """The value at the JSON pointer `at`; empty for the whole body."""

    value: Value
    at: str = ""
    kind: Literal["body"] = "body"


@dataclass(frozen=True, slots=True)
class BodyMatchesSchema:
    """`schema` is the text of a JSON Schema, 2020-12."""

    schema_json: str
    kind: Literal["schema"] = "schema"


ApiExpectation = Annotated[StatusIs | HeaderMatches | BodyEquals | BodyMatchesSchema, Field(discriminator="kind")]


class ApiCase(Record):
    """Call an endpoint and look at its answer. `target` is `METHOD /path/{template}`."""

    type: Literal["api"] = "api"
    id: str
    level: Literal["api"] = "api"
    description: str = ""
    target: str
    setup: tuple[ApiStep, ...] = ()
    input: ApiRequest
    expect: tuple[ApiExpectation, ...]
    lifecycle: Lifecycle = Lifecycle()
    isolation: Isolation = Isolation()
    resources: Resources = Resources()
    provenance: Provenance = Provenance()
