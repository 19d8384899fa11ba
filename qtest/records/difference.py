"""What telling a mutant from the code looks like to a caller, for a person to judge."""

from qtest.records.record import Record


class Difference(Record):
    """A call that shows the change: `call` is source text, its set-up before it; `code` says what the code does as it is. `stable` when
    it does so in fresh processes too, so that a test could say it."""

    mutant: str
    call: str
    code: str
    stable: bool


class Differences(Record):
    """Of one module. `tried` calls were made in the search; mutants that no call told apart are in none of `found`. `problem` is why
    nothing could be tried."""

    module: str
    tried: int = 0
    found: tuple[Difference, ...] = ()
    problem: str = ""
