"""Judged rows as a section of the page of results, misses beside catches."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks.regressions.judge import CAUGHT, WORDS
from benchmarks.regressions.subjects import PAIRS

HEAD = """# Regressions: real bugs of real packages

Written by `python -m benchmarks.run regressions`; do not edit. Each row is a bug that one release of a package mended: the tests are written from the fixed
release alone, and run on it and on the release before. A bug is caught when a test that passes on the fixed release fails on the buggy one and enters,
on the fixed one, a function that was mended. "At import" are tests that touch it and cannot be imported with the buggy release, "by a name" those
that fail there for a name or a parameter that it does not have yet: no catches. "Touching" counts the tests
that enter a mended function, "elsewhere" those that tell the releases apart and do not. A package whose tests were not written is a miss.
"""
COLUMNS = (
    *(
        "package",
        "buggy",
        "fixed",
        "module",
        "kind",
        "the bug",
        "tool",
        "seed",
        "given",
        "tests",
        "touching",
        "elsewhere",
    ),
    *("found", "by", "CPU s", "commit or version", "note"),
)


def page(rows: list[dict[str, Any]], machine: str) -> str:
    return "\n".join((HEAD, machine, "", *summary(rows), "", *table(rows), ""))


def summary(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One line for each tool, what it was given and seed; the rate is of the pairs that were asked, out of all there are."""
    sides: dict[tuple[str, str, int], Counter[str]] = {}
    for row in rows:
        sides.setdefault((row["tool"], row["given"], row["seed"]), Counter())[row["word"]] += 1
    for (tool, given, seed), seen in sides.items():
        rate = 100 * seen[CAUGHT] / seen.total()
        words = ", ".join(f"{seen[word]} {word}" for word in WORDS)
        yield f"- {tool}, {given}, seed {seed}: {seen[CAUGHT]} of {seen.total()} caught, {rate:.0f} %, of {len(PAIRS)} pairs; {words}"


def table(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield f"| {' | '.join(COLUMNS)} |"
    yield "|" + "---|" * len(COLUMNS)
    for row in rows:
        yield f"| {' | '.join(_cells(row))} |"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    word = row["word"]
    return (
        *(row[field] for field in ("package", "buggy", "fixed", "module", "kind", "bug", "tool")),
        str(row["seed"]),
        row["given"],
        str(row["green"]),
        str(row["touching"]),
        str(len(row["elsewhere"])),
        f"**{word}**" if word == CAUGHT else word,
        row["caught_by"][0][0].rpartition("::")[2].partition("[")[0] if row["caught_by"] else "–",
        f"{row['cpu_s']:.0f}",
        row["commit"] or row["tool_version"],
        (row["problem"] or row["note"]).replace("|", "/").replace("\n", " "),
    )
