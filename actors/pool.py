"""One pool: a bounded queue of jobs, and workers that lease them. What a dead worker held is given to another."""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from actors.jobs import Done, Job
from qtest.ports import Ledger
from qtest.records.run import LeaseRow

ATTEMPTS = 3
BACKOFF_S = 0.2  # doubled with each attempt
_LOST_ATTEMPTS = 10  # a worker that is lost may not be the job's fault


class WorkerGone(Exception):
    """A worker died, or cannot be reached any more."""


class DeadLetter(Exception):
    """A job that failed for good, with the last reason."""


class Hand(Protocol):
    """One worker."""

    @property
    def name(self) -> str: ...

    @property
    def pid(self) -> int:
        """Of its process."""

    def do(self, job: Job) -> Done:
        """Raises WorkerGone, or whatever the work raised."""

    def dismiss(self) -> None: ...


@dataclass
class _Held:
    job: Job
    future: "Future[Done]"
    attempt: int = 0
    lost: int = 0


@dataclass
class Pool:
    """Between `least` and `most` workers, hired when there is more to do than hands, dismissed after `idle_s` of rest. `submit` waits
    while `2 * most` jobs are queued: that is the back-pressure. `now` in milliseconds since 1970."""

    name: str
    hire: Callable[[str], Hand]
    ledger: Ledger
    now: Callable[[], int]
    least: int
    most: int
    idle_s: float = 30.0
    pause: Callable[[float], None] = time.sleep
    open: dict[Hand, Job] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    _idle: int = 0
    _alive: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._queue: queue.Queue[_Held | None] = queue.Queue(maxsize=2 * self.most)

    def submit(self, job: Job) -> "Future[Done]":
        """Its result, or DeadLetter."""
        held = _Held(job, Future())
        self._note(held, "queued")
        self._queue.put(held)
        with self._lock:
            if self._alive < self.most and self._idle < self._queue.qsize():
                self._alive += 1
                threading.Thread(target=self._work, name=f"{self.name} pool", daemon=True).start()
        return held.future

    def drop(self, run: str) -> None:
        """What is queued of that run is not begun, until it is taken up again."""
        self.dropped.add(run)

    def take_up(self, run: str) -> None:
        self.dropped.discard(run)

    def close(self) -> None:
        """Workers leave when the queue is empty."""
        for _ in range(self._alive):
            self._queue.put(None)

    def _work(self) -> None:
        """A worker's thread: holds one hand at a time."""
        hand: Hand | None = None
        try:
            while (held := self._next()) is not None:
                hand = self._served(hand, held)
        finally:
            if hand is not None:
                hand.dismiss()

    def _next(self) -> _Held | None:
        while True:
            with self._lock:
                self._idle += 1
            try:
                held = self._queue.get(timeout=self.idle_s)
            except queue.Empty:
                held = None
                with self._lock:
                    self._idle -= 1
                    if self._alive <= self.least or not self._queue.empty():
                        continue
                    self._alive -= 1
                    return None
            with self._lock:
                self._idle -= 1
                if held is None:
                    self._alive -= 1
            return held

    def _served(self, hand: Hand | None, held: _Held) -> Hand | None:
        """To the end of the job, whatever it takes. The hand that is left, if any."""
        while True:
            if held.job.run in self.dropped:
                self._bury(held, "its run was cancelled")
                return hand
            held.attempt += 1
            try:
                hand = hand or self.hire(self.name)
                self._note(held, "open", f"{hand.name}, pid {hand.pid}")
                self.open[hand] = held.job
                done = hand.do(held.job)
            except WorkerGone as error:
                self._released(hand)
                hand, held.lost = None, held.lost + 1
                if held.lost >= _LOST_ATTEMPTS:
                    self._bury(held, f"its worker was lost {held.lost} times: {error}")
                    return hand
            except Exception as error:
                self._released(hand)
                if held.attempt - held.lost >= ATTEMPTS:
                    self._bury(held, f"{type(error).__name__}: {error}"[:500])
                    return hand
            else:
                self._released(hand)
                self._note(held, "done", f"{hand.name}, pid {hand.pid}")
                held.future.set_result(done)
                return hand
            self.pause(BACKOFF_S * 2 ** min(held.attempt - 1, 5))

    def _released(self, hand: Hand | None) -> None:
        if hand is not None:
            self.open.pop(hand, None)

    def _bury(self, held: _Held, reason: str) -> None:
        self._note(held, "dead", note=reason)
        held.future.set_exception(DeadLetter(reason))

    def _note(self, held: _Held, state: str, owner: str = "", note: str = "") -> None:
        row = {"run": held.job.run, "stage": held.job.stage, "item": held.job.item, "state": state, "owner": owner}
        self.ledger.put(
            (LeaseRow.model_validate(row | {"attempt": held.attempt, "changed": self.now(), "note": note}),)
        )
