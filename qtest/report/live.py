"""What is said while a run works: a live line on a terminal, plain lines elsewhere, JSON lines for machines."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Generic, Literal, Protocol, Self, TextIO, TypeVar

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from qtest.records.progress import Progress
from qtest.records.record import Record
from qtest.report.text import visible

Said = TypeVar("Said", bound=Record)


class Display(Protocol):
    def update(self, progress: Progress) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


def display(form: Literal["live", "plain", "json"], stream: TextIO | None = None) -> Display:
    where = stream or sys.stderr
    if form == "json":
        return JsonLines(stream or sys.stdout)
    return LiveDisplay(where, two_lines) if form == "live" else PlainLines(where)


class PlainLines:
    """A line when the stage or the module changes, or when there is a note."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last = ("", "")

    def update(self, progress: Progress) -> None:
        here = (progress.stage, progress.module)
        if here != self._last or progress.note:
            self._last = here
            self._stream.write(f"[{progress.elapsed_s:6.1f} s] {visible(_said(progress))}\n")
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        return None


class JsonLines:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def update(self, said: Record) -> None:
        self._stream.write(said.to_json() + "\n")
        self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        return None


class LiveDisplay(Generic[Said]):
    """Lines that change in place, the clocks among them; gone when the run ends, with the terminal as it was. `draw` is told what was
    last said, and how many seconds ago."""

    def __init__(
        self,
        stream: TextIO,
        draw: Callable[[Said, float], Iterable[Text]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._draw = clock, draw
        self._said: Said | None = None
        self._heard_at = clock()
        self._live = Live(
            get_renderable=self._drawn, console=Console(file=stream), refresh_per_second=4, transient=True
        )

    def update(self, said: Said) -> None:
        self._said, self._heard_at = said, self._clock()

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.stop()

    def _drawn(self) -> Group:
        if self._said is None:
            return Group()
        return Group(*self._draw(self._said, self._clock() - self._heard_at))


def two_lines(progress: Progress, since_s: float) -> Iterator[Text]:
    """Cut where the terminal ends, never wrapped. What is left counts down once the budget does."""
    now = Text(no_wrap=True, overflow="ellipsis")
    now.append(progress.stage, style="bold cyan")
    now.append(f"  {visible(progress.note or progress.module)}")
    yield now
    parts = [f"{progress.elapsed_s + since_s:.0f} s", *([_spent(progress)] if progress.tokens else ())]
    if progress.total:
        parts.append(f"{progress.done} of {progress.total} modules")
        parts.append(f"{progress.kept} tests kept")
        parts.append(f"{progress.killed} mutants killed")
        if progress.left_s is not None:
            parts.append(f"{max(0.0, progress.left_s - since_s):.0f} s left")
    yield Text(" · ".join(parts), style="dim", no_wrap=True, overflow="ellipsis")


def _said(progress: Progress) -> str:
    if progress.note:
        return progress.note
    counts = f"{progress.done} of {progress.total} modules done, {progress.kept} tests kept, {progress.killed} mutants killed"
    left = "" if progress.left_s is None else f", {progress.left_s:.0f} s left"
    spent = f", {_spent(progress)}" if progress.tokens else ""
    return f"{progress.stage} {progress.module}: {counts}{left}{spent}"


def _spent(progress: Progress) -> str:
    money = f" (${progress.cost_usd:.2f})" if progress.cost_usd else ""
    return f"{progress.tokens:,} tokens{money}"
