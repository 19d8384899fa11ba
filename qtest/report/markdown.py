"""Markdown that GitHub renders. What comes from a target stands in code, where nothing is markup, mention, reference or link."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qtest.report.text import visible

LIMIT = 65_536  # characters of a description or comment, as GitHub counts them
_ROOM = 400  # for what is said of what was left out
_RUNS = re.compile(r"`+")
_AWKWARD = re.compile(r"[`|]|^\s|\s$")  # would end a code span or a cell, or be trimmed


def code(text: str, limit: int = 120) -> str:
    """In a line, in a cell of a table and in HTML alike."""
    shown = visible(text if len(text) <= limit else f"{text[: limit - 1]}…")
    if not shown:
        return "(nothing)"
    return f"`{shown}`" if not _AWKWARD.search(shown) else html_code(text, limit)


def html_code(text: str, limit: int = 120) -> str:
    """Where Markdown is not read, or might be read too far: each sign as a reference, which is never markup."""
    shown = visible(text if len(text) <= limit else f"{text[: limit - 1]}…")
    return "<code>" + "".join(c if c.isalnum() or c in " _" else f"&#{ord(c)};" for c in shown) + "</code>"


def fenced(text: str, language: str, limit: int = 4_000) -> str:
    """A block of code that no line of its text can end."""
    shown = visible(text, lines=True, limit=limit).strip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in _RUNS.findall(shown)), default=0))
    return f"{fence}{language}\n{shown}\n{fence}\n"


def row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return row(head) + row("---" for _ in head) + "".join(map(row, rows))


@dataclass(frozen=True)
class Section:
    """`parts` are shown in order as far as there is room, each whole; `summary`, which is HTML, folds them. `what` they are, in the plural."""

    head: str = ""
    parts: tuple[str, ...] = ()
    summary: str = ""
    what: str = ""


def page(sections: Iterable[Section], where: str, limit: int = LIMIT) -> str:
    """The sections, cut to the limit; what is left out is counted, and `where` it can be read."""
    room = limit - _ROOM
    pieces: list[str] = []
    left: list[str] = []
    for section in sections:
        frame = len("".join(_framed(section, [])))
        kept: list[str] = []
        for part in section.parts:
            if frame + len(part) > room:
                break
            room -= len(part)
            kept.append(part)
        if kept or (not section.parts and frame <= room):
            room -= frame
            pieces += _framed(section, kept)
        if len(kept) < len(section.parts) and section.what:
            left.append(f"{len(section.parts) - len(kept)} {section.what}")
    if left:
        pieces.append(f"\nLeft out for want of room: {', '.join(left)}; all are in {where}.\n")
    return "".join(pieces)


def _framed(section: Section, parts: Sequence[str]) -> Iterator[str]:
    if section.summary:
        yield f"<details><summary>{section.summary}</summary>\n\n"
    if section.head:
        yield f"{section.head}\n"
    yield from parts
    yield "\n</details>\n\n" if section.summary else "\n"
