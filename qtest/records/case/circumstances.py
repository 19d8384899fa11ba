"""What holds for a case of any kind: what runs around it, what it is kept apart from, what it may need, and who proposed it."""

from typing import Literal

from qtest.records.case.expression import Step
from qtest.records.record import Record


class Lifecycle(Record):
    """What runs around each test, beyond its own set-up: one scope for what may be shared."""

    scope: Literal["test", "module", "session"] = "test"
    teardown: tuple[Step, ...] = ()


class Isolation(Record):
    """What the case must be kept apart from, so that it neither disturbs others nor is disturbed."""

    fresh_process: bool = False
    frozen_clock: str = ""
    restored: tuple[str, ...] = ()


class Resources(Record):
    """What the case may need: seconds of wall time, bytes of memory, and a network of its own."""

    timeout_s: float = 10.0
    memory: int = 256 << 20
    network: bool = False


class Provenance(Record):
    """Who proposed the case and from what; `source` is a doctest, a call site, or empty for a made-up one."""

    generator: str = ""
    origin: Literal["search", "doctest", "call site", "existing test", "model", "hand"] = "search"
    source: str = ""
    seed: str = ""
