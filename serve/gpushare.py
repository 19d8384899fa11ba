"""How much GPU time an answer took, where an engine works on many at once."""

from dataclasses import dataclass


@dataclass(slots=True)
class GpuShare:
    """At every moment the GPUs are shared out evenly among the answers in work: what all of them took adds up to the time in which the
    GPUs had work."""

    gpus: float
    _in_work: int = 0
    _each: float = 0.0
    _at: float = 0.0

    def begin(self, now: float) -> float:
        """The mark that `end` wants back."""
        self._advance(now)
        self._in_work += 1
        return self._each

    def end(self, mark: float, now: float) -> float:
        """GPU seconds since the mark. Once for each `begin`."""
        self._advance(now)
        self._in_work -= 1
        return self._each - mark

    def _advance(self, now: float) -> None:
        if self._in_work:
            self._each += self.gpus * (now - self._at) / self._in_work
        self._at = now
