"""What a run says while it works."""

from typing import Literal

from qtest.records.record import Record

StageName = Literal["fetch", "read", "environment", "baseline", "plan", "write", "assemble", "done"]


class Progress(Record):
    """Counts are of the whole run so far; `left_s` is None when no time bound was given. `tokens` and `cost_usd` are what language models
    took for it. `note` is one plain line, if any."""

    stage: StageName
    module: str = ""
    done: int = 0
    total: int = 0
    kept: int = 0
    killed: int = 0
    alive: int = 0
    evaluations: int = 0
    tokens: int = 0
    cost_usd: float = 0.0
    elapsed_s: float = 0.0
    left_s: float | None = None
    note: str = ""
