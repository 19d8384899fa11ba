"""Measured rows as one Markdown page, losses beside wins."""

from collections.abc import Iterable
from typing import Any

from benchmarks.generation.readability import line

HEAD = """# Generated tests: QTest beside Pynguin

Written by `python -m benchmarks.run generation`; do not edit. Mutants are mutmut's, each judged by a fresh import; see README.md.
A module that its tests can no longer import is a kill, for both sides, and counted once more under "at import".
Timeouts and errors (a crash, nothing ran) are no kills and are counted apart. CPU is that of the whole command.
A dash is a figure that does not exist. Reruns: all that QTest shipped, in fresh processes, each with another order and hash seed.
Reading: a test's lines include its decorators, and not the rows of its table. "The project holds" means what the package installs, its sources
and the page in its metadata; its own tests and docs folder are not installed. A private name is one with a leading underscore.
"""
COLUMNS = (
    *("module", "tool", "seed", "given", "tests", "left out", "line %", "branch %", "killed", "score %", "at import"),
    *("timeouts", "errors", "reruns green", "CPU s", "wall s", "load", "commit or version", "note"),
)


def score(row: dict[str, Any]) -> float:
    """Killed of all mutants in per cent; a tool that wrote nothing killed nothing."""
    return 100 * row["killed"] / row["mutants"] if row["mutants"] else 0.0


def page(rows: list[dict[str, Any]], machine: str) -> str:
    ordered = sorted(rows, key=lambda row: (row["module"], row["seed"], row["tool"] != "qtest"))
    return "\n".join((HEAD, machine, "", *table(ordered), "", *ratios(ordered), "", *reading(ordered), ""))


def table(rows: Iterable[dict[str, Any]]) -> Iterable[str]:
    yield f"| {' | '.join(COLUMNS)} |"
    yield "|" + "---|" * len(COLUMNS)
    for row in rows:
        yield f"| {' | '.join(_cells(row))} |"


def ratios(rows: list[dict[str, Any]]) -> Iterable[str]:
    """One line for each module and seed that both sides have."""
    pairs: dict[tuple[str, int], dict[str, list[dict[str, Any]]]] = {}
    for row in rows:
        pairs.setdefault((row["module"], row["seed"]), {}).setdefault(row["tool"], []).append(row)
    for (module, seed), sides in pairs.items():
        for ours in sides.get("qtest", []):
            for theirs in sides.get("pynguin", []):
                yield f"- {module}, seed {seed}, {ours['given']} to {theirs['given']}: {_compared(ours, theirs)}"


def reading(rows: Iterable[dict[str, Any]]) -> Iterable[str]:
    """How the tests of each side read; rows from before it was measured are counted and left out."""
    by_tool: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_tool.setdefault(row["tool"], []).append(row)
    for tool, own in sorted(by_tool.items(), reverse=True):
        figures = [row["reads"] for row in own if row.get("reads")]
        missing = len(own) - len(figures)
        yield line(tool, figures) + (f"; not measured in {missing} rows" if missing else "")


def _compared(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    if ours["version"] != theirs["version"]:
        return f"not compared, versions differ: {ours['version'] or 'unknown'} and {theirs['version']}"
    mine, other = score(ours), score(theirs)
    word = "ahead" if mine > other else "behind" if mine < other else "level"
    ratio = f"{mine / other:.2f}" if other else "no number"
    return f"score {mine:.1f} to {other:.1f}, ratio {ratio}, QTest {word}"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["module"],
        row["tool"],
        str(row["seed"]),
        row["given"],
        str(row["tests"]),
        str(row["deselected"]),
        _number(row["lines"]),
        _number(row["branches"]),
        f"{row['killed']} of {row['mutants']}",
        f"{score(row):.1f}",
        str(row["broken"]),
        str(row["timeouts"]),
        str(row["errors"]),
        f"{row['reruns']['green']} of {row['reruns']['times']}" if row.get("reruns") else "–",
        f"{row['cpu_s']:.0f}",
        f"{row['wall_s']:.0f}",
        f"{row['load']:.1f}",
        row["commit"] or row["tool_version"],
        (row["note"] or row["problem"]).replace("|", "/").replace("\n", " "),
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
