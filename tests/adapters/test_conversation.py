"""Talking to a process that may never answer; time is counted in looks, not waited for."""

import itertools
from collections.abc import Iterator

import pytest

from qtest.adapters.conversation import LOOKS, Conversation
from qtest.errors import WorkerLost


class Silent:
    """A worker that says what it is told to, and uses CPU as it is told to."""

    def __init__(self, used_s: Iterator[float], said: Iterator[bytes]) -> None:
        self.used_s, self.said = used_s, said
        self.looks = 0

    def send(self, data: bytes) -> None: ...

    def receive(self, timeout_s: float) -> bytes:
        return next(self.said, b"")

    def cpu_s(self) -> float:
        self.looks += 1
        return next(self.used_s)

    def kill(self) -> None: ...

    def errors(self) -> str:
        return ""


def test_processes_that_use_no_cpu_at_all_are_stopped_and_lost() -> None:
    worker = Silent(itertools.repeat(1.5), iter(()))
    with pytest.raises(WorkerLost, match="stopped: no CPU was used"):
        Conversation(worker).hear(3600.0)
    assert worker.looks == LOOKS + 1


def test_processes_that_use_a_little_cpu_are_waited_for() -> None:
    quiet = itertools.chain(itertools.repeat(b"", 5 * LOOKS), [b"\x00\x00\x00\x02", b"{}"])
    worker = Silent(itertools.chain.from_iterable([step * 0.01] * LOOKS for step in itertools.count()), quiet)
    assert Conversation(worker).hear(3600.0) == {}
