"""What was measured, as Markdown."""

import statistics
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from benchmarks.mutation.bound import EACH_S, LIMIT_S, Bound, Forked
from benchmarks.mutation.change import Change
from benchmarks.mutation.ours import Told
from benchmarks.mutation.peers import Peer
from benchmarks.mutation.rounds import Round
from benchmarks.mutation.subjects import Subject

HEAD = f"""# Mutants judged a second

Written by `python -m benchmarks.run mutation`; do not edit. Each package with its own suite, all sides in one environment and in turn, each held
to one core ("2 cores" to two); the median of the rounds. The mutants are mutmut's, the same for QTest, mutmut and the bounds; cosmic-ray makes its own. QTest's
sandbox is in all of its figures. "set-up" is all before the first mutant: for QTest three plain runs of the suite, two under coverage, and a judge
started in the sandbox; "end to end" is set-up and mutants. The bounds are a fork for each mutant and its covering tests up to the first failure:
"protocol" by pytest's protocol, "direct" by calling set-up, test and teardown (unittest's failures do not surface so, those go by the protocol).
A bound is given {LIMIT_S} s and a fork in it {EACH_S} s; QTest's rate beside it is over the mutants that it got done. Slow suites are asked about fewer mutants, all sides
the same. mutmut gets all of the tree beside the package copied (`also_copy`), for suites read their tree.
"at import" are mutants of QTest's that only a fresh import can judge, which mutmut does not see.
"""
TABLE = (
    "| package | side | mutants | set-up s | mutants/s | ms each | QTest is faster | end to end s | QTest is faster |",
    "|---|---|---|---|---|---|---|---|---|",
)
CHANGES = """## Time to verdict for a change of ten functions

`qtest mutate --since HEAD~1 --ask 0`, nothing remembered, on all cores that the benchmark may use. The last commit wrote the bodies of ten functions drawn by the
seed, so each of their lines is judged, in the code as released. Seconds are of the whole command.

| package | functions | lines | mutants | killed | until the first mutant, s | seconds |
|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Measured:
    """All that is known of one package."""

    subject: Subject
    rounds: tuple[Round, ...]
    cosmic_ray: Peer
    change: Change

    @property
    def good(self) -> list[Round]:
        return [one for one in self.rounds if not one.ours.problem and one.ours.rows]


def page(found: Sequence[Measured], machine: str) -> str:
    rates = [line for one in found for line in rows(one)]
    changes = [_change(one) for one in found]
    said = [line for one in found for line in notes(one)]
    return "\n".join((HEAD, machine, "", *TABLE, *rates, "", *said, "", CHANGES, *changes, ""))


def rows(found: Measured) -> Iterator[str]:
    good = [one.ours for one in found.good]
    if not good:
        yield f"| {found.subject.release} | QTest: {found.rounds[0].ours.problem or 'judged nothing'} | | | | | | | |"
        yield from _of_peers(found, 0.0, 0.0, 0.0)
        return
    every = _median([len(one.rows) / one.judge_s for one in good])
    whole = _median([one.measure_s + one.start_s + one.judge_s for one in good])
    setup = _median([one.measure_s + one.start_s for one in good])
    yield f"| {found.subject.release} | QTest | {len(good[0].rows)} | {setup:.1f} | {every:.1f} | {1000 / every:.1f} | 1 | {whole:.1f} | 1 |"
    swapped = {row.mutant for row in good[0].rows if row.how == "swap"}
    rate = _median([_rate(one, swapped) for one in good]) if swapped else 0.0
    if swapped:
        yield f"| | QTest, those whose code is swapped | {len(swapped)} | | {rate:.1f} | {1000 / rate:.1f} | {every / rate:.2f}x | | |"
    yield from _of_peers(found, every, rate, whole)
    yield from _of_bounds(found.good)
    yield from _of_two(found.good, rate or every)
    each = [row.wall_s for one in found.good for row in one.imports.rows]
    if each:
        mean, middle = 1000 * statistics.mean(each), 1000 * statistics.median(each)
        count = len(found.good[0].imports.rows)
        yield f"| | QTest, at import | {count} | | {1000 / mean:.1f} | {mean:.0f} (median {middle:.0f}) | | | |"


def _of_peers(found: Measured, every: float, rate: float, whole: float) -> Iterator[str]:
    """Without ratios where we have judged nothing, or nothing in that way."""
    for side, peers in (("mutmut", [one.mutmut for one in found.rounds]), ("cosmic-ray", [found.cosmic_ray])):
        told = [peer for peer in peers if not peer.problem and peer.rate]
        if not told:
            yield f"| | {side}: {peers[0].problem or 'judged nothing'} | | | | | | | |"
            continue
        theirs, wall = _median([peer.rate for peer in told]), _median([peer.wall_s for peer in told])
        faster = ", ".join(f"{said}{ours / theirs:.1f}x" for said, ours in (("", every), ("swapped ", rate)) if ours)
        ends = f"{wall:.1f} | {f'{wall / whole:.1f}x' if whole else ''}" if side == "mutmut" else "|"
        setup = _median([peer.setup_s for peer in told])
        yield f"| | {side} | {told[0].count} | {setup:.1f} | {theirs:.1f} | {1000 / theirs:.1f} | {faster} | {ends} |"


def _of_bounds(rounds: Sequence[Round]) -> Iterator[str]:
    for way in ("protocol", "direct"):
        told = [(one.ours, _ended(one.bound, way)) for one in rounds if _ended(one.bound, way)]
        if not told:
            why = next((one.bound.problem for one in rounds if one.bound.problem), "judged nothing")
            yield f"| | bound, {way}: {why} | | | | | | | |"
            continue
        bound = _median([len(forks) / sum(fork.wall_s for fork in forks) for _, forks in told])
        part = _median(
            [
                _rate(ours, {fork.mutant for fork in forks}) / (len(forks) / sum(fork.wall_s for fork in forks))
                for ours, forks in told
            ]
        )
        yield f"| | bound, {way} | {len(told[0][1])} | | {bound:.1f} | {1000 / bound:.1f} | {part:.2f} of it | | |"


def _of_two(rounds: Sequence[Round], rate: float) -> Iterator[str]:
    two = [len(one.two.rows) / one.two.judge_s for one in rounds if not one.two.problem and one.two.rows]
    if not two:
        return
    count = len(rounds[0].two.rows)
    yield f"| | QTest, 2 cores | {count} | | {_median(two):.1f} | | {_median(two) / rate:.2f} of one | | |"
    loops = [_beside(one.two_bounds) for one in rounds if all(_ended(loop, "protocol") for loop in one.two_bounds)]
    if any(loops):
        pair = _median([one for one in loops if one])
        yield f"| | two bare loops, 2 cores | {count} | | {pair:.1f} | | {_median(two) / pair:.2f} of them | | |"


def _beside(loops: Sequence[Bound]) -> float:
    """Mutants a second of loops that ran beside each other."""
    sides = [_ended(loop, "protocol") for loop in loops]
    return sum(len(side) for side in sides) / max(sum(fork.wall_s for fork in side) for side in sides) if sides else 0.0


def _ended(bound: Bound, way: str) -> list[Forked]:
    """By themselves: one that the alarm ended tells nothing about a rate."""
    forks: tuple[Forked, ...] = getattr(bound, way)
    return [fork for fork in forks if fork.code >= 0]


def notes(found: Measured) -> Iterator[str]:
    """Where two sides disagree on a verdict, it is said."""
    if not found.good:
        return
    first = found.good[0]
    counts = {status: sum(row.status == status for row in first.ours.rows) for status in _STATUSES}
    said = ", ".join(f"{number} {status}" for status, number in counts.items() if number)
    verdicts = [{row.mutant: row.status for row in one.ours.rows} for one in found.good]
    again = "the same" if all(one == verdicts[0] for one in verdicts) else "NOT the same"
    loads = "; ".join(one.load for one in found.rounds)
    yield f"- {found.subject.name}: QTest says {said}; {again} in each round; load when the rounds began: {loads}"
    if not first.mutmut.problem:
        yield f"  - mutmut differs on {len(first.differing)} of {len(first.ours.rows)}: {', '.join(first.differing[:5])}"
    stopped = sum(fork.code < 0 for fork in (*first.bound.protocol, *first.bound.direct))
    if stopped:
        yield f"  - {stopped} bare forks ended by a signal and are in no rate"
    if first.imports.rows:
        killed = sum(row.status == "killed" for row in first.imports.rows)
        yield f"  - at import: {killed} of {len(first.imports.rows)} killed"
    if first.imports.problem:
        yield f"  - at import: {first.imports.problem}"


_STATUSES = ("killed", "survived", "timed out", "inconclusive")


def _change(found: Measured) -> str:
    change = found.change
    if change.problem:
        why = " ".join(change.problem.split()).replace("|", "/")
        return f"| {found.subject.release} | {change.functions} | {change.lines} | {why} | | | {change.wall_s:.1f} |"
    return (
        f"| {found.subject.release} | {change.functions} | {change.lines} | {change.mutants} | {change.killed} "
        f"| {change.ready_s:.1f} | {change.wall_s:.1f} |"
    )


def _rate(told: Told, mutants: Set[str]) -> float:
    seconds = [row.wall_s for row in told.rows if row.mutant in mutants]
    return len(seconds) / sum(seconds) if seconds else float("nan")


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)
