"""What a run made of one line, in words: its mutants with who kills them, and how the targets around it ended."""

import json
from collections.abc import Iterable, Iterator, Sequence

from qtest.records.mutant import Inconclusive, Survived, TimedOut, Verdict
from qtest.records.outcome import Tried
from qtest.records.run import TestRow, VerdictRow
from qtest.report.text import visible

_SUITES = {"existing": "your tests", "generated": "the new tests"}
_NEAR = 5


def explain(
    path: str, line: int, verdicts: Sequence[VerdictRow], tests: Sequence[TestRow], tried: Sequence[Tried] = ()
) -> Iterator[str]:
    """`verdicts` are those of the file, `tests` and `tried` those of the run. Never empty: when there is nothing, it says so and what
    is near."""
    here = _on(line, verdicts)
    symbols = {row.symbol for row in here}
    around = [row for row in tests if _around(row, path, line, symbols)]
    by_mutant: dict[str, list[VerdictRow]] = {}
    for row in sorted(here, key=lambda row: (row.line, row.operator, row.mutant, row.suite)):
        by_mutant.setdefault(row.mutant, []).append(row)
    alive_first = sorted(by_mutant.values(), key=lambda rows: _final(rows).status == "killed")
    yield _summary(line, alive_first, verdicts, around)
    for rows in alive_first:
        yield ""
        yield from _mutant(rows, tests)
    if around:
        yield ""
        yield from dict.fromkeys(_exit(row) for row in around)
    targets = symbols | {row.target for row in around}
    for one in tried:
        if one.target in targets:
            yield ""
            calls = "1 call" if one.calls == 1 else f"{one.calls} calls"
            yield f"the search tried {calls} of {visible(one.target)}, such as"
            yield from (f"    {visible(text)}" for text in one.examples)


def near(line: int, verdicts: Iterable[VerdictRow]) -> list[int]:
    """The lines with mutants that are nearest to `line`, in order."""
    lines = {row.line for row in verdicts}
    return sorted(sorted(lines, key=lambda other: (abs(other - line), other))[:_NEAR])


def _on(line: int, verdicts: Iterable[VerdictRow]) -> list[VerdictRow]:
    return [row for row in verdicts if row.line <= line <= row.end_line]


def _around(row: TestRow, path: str, line: int, symbols: set[str]) -> bool:
    """Targets that hold the line, those of its mutants, and whole modules of the file."""
    if row.path == path:
        return row.line == 0 or row.line <= line <= row.end_line
    return row.target in symbols or row.target in {symbol.partition(":")[0] for symbol in symbols}


def _summary(
    line: int, mutants: list[list[VerdictRow]], verdicts: Sequence[VerdictRow], around: Sequence[TestRow]
) -> str:
    if mutants:
        counts: dict[str, int] = {}
        for rows in mutants:
            counts[_final(rows).status] = counts.get(_final(rows).status, 0) + 1
        return f"{len(mutants)} {'mutant' if len(mutants) == 1 else 'mutants'}: {', '.join(f'{count} {status}' for status, count in sorted(counts.items()))}"
    lines = ", ".join(map(str, near(line, verdicts)))
    reason = (
        "how the targets around it ended:" if around else "and no target around it; it may hold nothing that can change"
    )
    return f"no mutant was judged on line {line} (near it: {lines or 'none in this file'}), {reason}"


def _final(rows: Sequence[VerdictRow]) -> VerdictRow:
    """A mutant that the existing tests leave alive is judged again by the generated ones."""
    return next((row for row in rows if row.suite == "generated"), rows[0])


def _mutant(rows: Sequence[VerdictRow], tests: Sequence[TestRow]) -> Iterator[str]:
    last = _final(rows)
    yield f"{last.status}: {visible(last.operator)} in {visible(last.symbol)}, verdict {last.verdict}"
    yield from (f"    {visible(text)}" for text in _diff(last))
    for row in rows:
        yield from _judged(row, tests)


def _judged(row: VerdictRow, tests: Sequence[TestRow]) -> Iterator[str]:
    who = _SUITES.get(row.suite, row.suite)
    if row.killers:
        for killer in row.killers.splitlines():
            yield f"  killed by {visible(killer)} ({who})"
    else:
        yield f"  {row.status} under {who}{_because(row)}"
    for test in tests:
        if row.suite == "generated" and row.mutant in test.kills.split():
            yield f"  the reason that {visible(test.name)} was kept: no other test kills it"


def _because(row: VerdictRow) -> str:
    result = _verdict(row).result
    if isinstance(result, Survived):
        return f": {result.tests} tests execute it, and none fails"
    if isinstance(result, TimedOut):
        return f": {result.limit} {visible(result.during)}".rstrip()
    if isinstance(result, Inconclusive):
        return f": {visible(result.reason)}"
    return ": no test executes it" if result.status == "no coverage" else ""


def _diff(row: VerdictRow) -> list[str]:
    """Without the two lines of file names."""
    lines = _verdict(row).diff.splitlines()
    return lines[2:] if lines and lines[0].startswith("--- ") else lines


def _verdict(row: VerdictRow) -> Verdict:
    return Verdict.model_validate(json.loads(row.record))


def _exit(row: TestRow) -> str:
    stage = f" ({visible(row.stage)})" if row.stage else ""
    times = f", {row.count} times" if row.count > 1 else ""
    named = f" {visible(row.name)}" if row.name else ""
    reason = f": {visible(row.reason)}" if row.reason else ""
    return f"{row.outcome}{named} for {visible(row.target)}{stage}{reason}{times}"
