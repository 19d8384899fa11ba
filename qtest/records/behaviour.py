"""What calls of the code were seen to do on one revision, and how that differs on another."""

from typing import Literal

from qtest.records.record import Record
from qtest.records.source import Omission, Revision
from qtest.records.workbench import Candidate

Side = Literal["old", "new"]


class Seen(Record):
    """`call` is source text. `key` identifies what the call did, under the language's equality; `form` is all that was seen (see
    `Observation.seen`), `told` the same in words, a part each."""

    target: str
    call: str
    candidate: Candidate
    key: str
    form: str
    told: tuple[str, ...]


class Observed(Record):
    """Of one module on the revision of a `side`: calls that do the same in every process. `unstable` others do not; `problem` is why the module
    could not be worked on."""

    module: str
    side: Side
    seen: tuple[Seen, ...] = ()
    unstable: int = 0
    calls: int = 0
    cpu_s: float = 0.0
    problem: str = ""


class Replayed(Record):
    """What such a call did on the other revision. `ended` is an Observation's status; only with `ok` there is a key."""

    candidate: int
    ended: str
    detail: str = ""
    key: str = ""
    form: str = ""
    told: tuple[str, ...] = ()
    careless: bool = False


class Replays(Record):
    """The calls of a module that were seen on the revision of a `side`, on the other."""

    module: str
    side: Side
    found: tuple[Replayed, ...] = ()
    problem: str = ""


class Change(Record):
    """The call did `before` on the old revision and does `after` on the new one; `where` leads to the part that differs,
    where words do not show it. `same_items`: before and after are classes of iterators, and what they give is the same."""

    target: str
    call: str
    before: str
    after: str
    where: str = ""
    same_items: bool = False


class SymbolChange(Record):
    """`before` and `after` are signatures. `refused` calls of the `tried` old ones do not fit the new one."""

    symbol: str
    how: Literal["added", "removed", "signature"]
    before: str = ""
    after: str = ""
    refused: int = 0
    tried: int = 0


class BehaviourReport(Record):
    """`touched` functions have changed, `reaching` ones call them; `unasked` of both were not called by themselves. `calls` were the same in every process of their own revision
    and were run on the other; `unstable` differ on one revision already, `unclear` have no clear end on the other. `changes`
    by function, the plainest call first."""

    qtest: str
    target: str
    old: Revision
    new: Revision
    seed: str
    touched: tuple[str, ...] = ()
    reaching: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    symbols: tuple[SymbolChange, ...] = ()
    changes: tuple[Change, ...] = ()
    calls: int = 0
    unstable: int = 0
    unclear: int = 0
    problems: tuple[Omission, ...] = ()
    unsafe: bool = False
    wall_s: float = 0.0
    cpu_s: float = 0.0
