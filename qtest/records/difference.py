"""What telling a mutant from the code looks like to a caller, for a person to judge."""

from pydantic import Field

from qtest.records.record import Record


class Difference(Record):
    """A call that shows the change: `call` is source text, its set-up before it; `code` says what the code does as it is. `stable` when
    it does so in fresh processes too, so that a test could say it."""

    mutant: str
    call: str
    code: str
    stable: bool


class Differences(Record):
    """Of one module. `asked` are the mutants that calls can show at all, `calls` how many were tried, by the function they are of;
    `problem` is why nothing could be tried."""

    module: str
    asked: tuple[str, ...] = ()
    calls: dict[str, int] = Field(default_factory=dict)
    found: tuple[Difference, ...] = ()
    problem: str = ""
