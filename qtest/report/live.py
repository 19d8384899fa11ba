"""What is said while a run works: a live line on a terminal, plain lines elsewhere, JSON lines for machines."""

import sys
from types import TracebackType
from typing import Literal, Protocol, Self, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from qtest.records.progress import Progress
from qtest.report.text import visible


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
    return LiveDisplay(where) if form == "live" else PlainLines(where)


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


class JsonLines(PlainLines):
    def update(self, progress: Progress) -> None:
        self._stream.write(progress.to_json() + "\n")
        self._stream.flush()


class LiveDisplay:
    """Two lines that change in place; gone when the run ends, with the terminal as it was."""

    def __init__(self, stream: TextIO) -> None:
        self._live = Live(console=Console(file=stream), refresh_per_second=8, transient=True)

    def update(self, progress: Progress) -> None:
        self._live.update(_panel(progress))

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.stop()


def _panel(progress: Progress) -> Table:
    table = Table.grid(padding=(0, 2))
    left = "" if progress.left_s is None else f"{progress.left_s:.0f} s left"
    counts = (
        f"{progress.done} of {progress.total} modules · {progress.kept} tests kept · {progress.killed} mutants killed"
    )
    table.add_row(Text(progress.stage, style="bold cyan"), Text(visible(progress.module)), Text(left, style="dim"))
    table.add_row(
        Text(f"{progress.elapsed_s:.0f} s", style="dim"), Text(counts), Text(visible(progress.note), style="dim")
    )
    return table


def _said(progress: Progress) -> str:
    if progress.note:
        return progress.note
    counts = f"{progress.done} of {progress.total} modules done, {progress.kept} tests kept, {progress.killed} mutants killed"
    left = "" if progress.left_s is None else f", {progress.left_s:.0f} s left"
    return f"{progress.stage} {progress.module}: {counts}{left}"
