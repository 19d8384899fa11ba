"""What is said while mutants are judged: how many, how fast, and how long it will take."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Literal, Protocol, Self, TextIO

from rich.text import Text

from qtest.records.judging import Judging
from qtest.report.live import JsonLines, LiveDisplay
from qtest.report.text import visible

EVERY_S = 5.0  # a plain line


class JudgingDisplay(AbstractContextManager["JudgingDisplay"], Protocol):
    def update(self, said: Judging) -> None: ...


def judging_display(form: Literal["live", "plain", "json"], stream: TextIO | None = None) -> JudgingDisplay:
    if form == "json":
        return JsonLines(stream or sys.stdout)
    where = stream or sys.stderr
    return LiveDisplay(where, lines) if form == "live" else PlainJudging(where)


class PlainJudging:
    """A line for each note, and for the counts every few seconds."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._counted_at = clock()

    def update(self, said: Judging) -> None:
        counts = said.total and (self._clock() - self._counted_at >= EVERY_S or said.done == said.total)
        if not said.note and not counts:
            return
        if counts:
            self._counted_at = self._clock()
        self._stream.write(f"[{said.elapsed_s:6.1f} s] {visible(said.note or ', '.join(_counts(said, 0.0)))}\n")
        self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        return None


def lines(said: Judging, since_s: float) -> Iterator[Text]:
    now = Text(no_wrap=True, overflow="ellipsis")
    now.append("judging" if said.total else "preparing", style="bold cyan")
    now.append(f"  {visible(said.note)}" if said.note else _bar(said))
    yield now
    told = (f"{said.elapsed_s + since_s:.0f} s", *(_counts(said, since_s) if said.total else ()))
    yield Text(" · ".join(told), style="dim", no_wrap=True, overflow="ellipsis")


def _bar(said: Judging) -> str:
    full = round(30 * said.done / said.total) if said.total else 0
    return f"  {'━' * full}{'╌' * (30 - full)} {said.done} of {said.total} mutants"


def _counts(said: Judging, since_s: float) -> Iterator[str]:
    yield f"{said.done} of {said.total} mutants"
    yield f"{said.killed} killed"
    yield f"{said.survived} alive"
    if said.unclear:
        yield f"{said.unclear} unclear"
    if said.left_s is not None and said.done < said.total:
        yield f"{said.rate:.0f} a second"
        yield f"{max(0.0, said.left_s - since_s):.0f} s left"
