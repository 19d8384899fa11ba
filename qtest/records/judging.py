"""What is said while mutants are judged."""

from qtest.records.record import Record


class Judging(Record):
    """Counts so far; `left_s` is None until there is a rate to reckon with. `note` is one plain line, if any."""

    done: int = 0
    total: int = 0
    killed: int = 0
    survived: int = 0
    unclear: int = 0
    elapsed_s: float = 0.0
    judging_s: float = 0.0
    note: str = ""

    @property
    def rate(self) -> float:
        """Mutants per second since the first could be judged."""
        return self.done / self.judging_s if self.judging_s else 0.0

    @property
    def left_s(self) -> float | None:
        return (self.total - self.done) / self.rate if self.rate else None
