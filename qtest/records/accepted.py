"""What people decided about mutants."""

from qtest.records.record import Record


class Accepted(Record):
    """A mutant that a person lets live: `id` is its stable one, `change` says in words what it does, `date` is a day such as
    2025-01-31."""

    id: str
    path: str
    symbol: str
    operator: str
    change: str
    reason: str
    author: str = ""
    date: str = ""
