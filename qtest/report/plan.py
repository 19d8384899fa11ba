"""The plan on the terminal: the riskiest targets, and what sets each apart."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qtest.config import PyramidGuide
from qtest.records.plan import Reason, Target, TestPlan
from qtest.report.text import share, visible

LEVELS = {"unit": "unit", "integration": "integration", "api": "API", "e2e": "end-to-end"}
NOTHING = "nothing sets it apart"
_ROWS = 30
_MOST_REASONS = 3
_OUTSIDE = "API and end-to-end"
_FAR = 10  # percent above the guide that ask for an explanation


@dataclass(frozen=True)
class PlanFacts:
    """What the plan rests on: `coverage` and `history` in words, `only` the paths asked for, `unread` the files that could not be
    read as code, with the reasons, `guide` what its levels are compared with."""

    name: str
    coverage: str
    history: str
    only: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    guide: PyramidGuide = field(default_factory=PyramidGuide)


def show(plan: TestPlan, facts: PlanFacts, console: Console) -> None:
    """The riskiest targets with what sets them apart, then what holds for all, and what the plan rests on."""
    console.print(Text(visible(headline(plan)), style="bold"))
    console.print()
    common = shared(plan.targets)
    if plan.targets:
        console.print(_table(plan, common))
    for line in _closing(plan, facts, common):
        console.print(Text(visible(line), style="dim"), soft_wrap=True)


def shared(targets: Sequence[Target]) -> tuple[Reason, ...]:
    """Reasons that every one of several targets has: they set none apart."""
    if len(targets) < 2:
        return ()
    counts = Counter(reason for target in targets for reason in set(target.risk.reasons))
    return tuple(reason for reason in targets[0].risk.reasons if counts[reason] == len(targets))


def headline(plan: TestPlan) -> str:
    counts: Counter[str] = Counter(target.level for target in plan.targets)
    levels = ", ".join(f"{counts[level]} {word}" for level, word in LEVELS.items() if counts[level])
    modules = len({target.module for target in plan.targets})
    left = f"; {len(plan.left_out)} left out" if plan.left_out else ""
    if not plan.targets:
        return f"no targets{left}"
    return f"{_many('target', len(plan.targets))} in {_many('module', modules)}: {levels}{left}"


def pyramid(targets: Sequence[Target], guide: PyramidGuide) -> str:
    """The shares of the levels beside the guide, and where the code asks for more of one than that, the commonest reasons."""
    wanted = {"unit": guide.unit, "integration": guide.integration, _OUTSIDE: guide.outside}
    found = Counter(map(_storey, targets))
    shares = ", ".join(
        f"{share(found[name], len(targets))} {name} (guide {percent} %)" for name, percent in wanted.items()
    )
    above = {name: 100 * found[name] / len(targets) - percent for name, percent in wanted.items()}
    most = max(above, key=lambda name: above[name])
    if above[most] <= _FAR:
        return shares
    causes = Counter(_cause(target) for target in targets if _storey(target) == most)
    commonest = sorted(causes.items(), key=lambda item: (-item[1], item[0]))[:2]
    return f"{shares}; more {most} because {', '.join(f'{cause} ({count})' for cause, count in commonest)}"


def _storey(target: Target) -> str:
    return target.level if target.written else _OUTSIDE


def _cause(target: Target) -> str:
    """Why it has its level, without particulars."""
    if target.why.startswith(("its calls lead through ", "it leads to ")):
        return "it leads through other modules"
    if target.why.startswith("it is a flow over "):
        return "it is a flow over endpoints"
    return _kind(target.why)


def _table(plan: TestPlan, common: Sequence[Reason]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("risk", justify="right", no_wrap=True)
    table.add_column("level", no_wrap=True)
    table.add_column("target", overflow="fold")
    table.add_column("because", overflow="fold")
    for target in _riskiest(plan):
        reasons = "; ".join(map(short, main_reasons(target.risk.reasons, common)))
        cells = (
            f"{target.risk.score:.1f}",
            LEVELS[target.level],
            f"{target.name} ({target.symbol})" if target.name else target.symbol,
            (target.why if target.name else reasons) or NOTHING,
        )
        table.add_row(*(Text(visible(cell)) for cell in cells))
    return table


def _riskiest(plan: TestPlan) -> list[Target]:
    """Plan order among equals."""
    return sorted(plan.targets, key=lambda target: -target.risk.score)[:_ROWS]


def _closing(plan: TestPlan, facts: PlanFacts, common: Sequence[Reason]) -> Iterator[str]:
    hidden = len(plan.targets) - _ROWS
    if hidden > 0:
        yield f"and {hidden} more; --write specs/ tells of all, with every reason"
    yield ""
    yield from (f"for all of them {reason.points:+.1f}: {reason.text}" for reason in common)
    if any(not target.written for target in plan.targets):
        yield "API and end-to-end targets: no generator writes them yet, a run rejects them"
    for reason, count in Counter(_kind(item.reason) for item in plan.left_out).most_common(5):
        yield f"left out {count}: {reason}"
    yield from (f"not read: {problem}" for problem in facts.unread)
    if plan.targets:
        yield f"pyramid: {pyramid(plan.targets, facts.guide)}"
    yield f"coverage: {facts.coverage}"
    yield f"history: {facts.history}"


def _kind(reason: str) -> str:
    """A reason without its particulars."""
    if reason.startswith("private, tested through"):
        return "private, tested through public code"
    if reason.startswith("through "):
        reason = reason.partition(", ")[2]
    return reason.removeprefix("importing it is dangerous: ").partition(": ")[0]


def main_reasons(reasons: Iterable[Reason], common: Sequence[Reason]) -> list[Reason]:
    """What sets a target apart, weightiest first."""
    return sorted((reason for reason in reasons if reason not in common), key=lambda reason: -reason.points)[
        :_MOST_REASONS
    ]


def short(reason: Reason) -> str:
    return f"{reason.text} {reason.points:+.1f}"


def local(target: Target) -> str:
    return target.symbol.partition(":")[2] or target.symbol


def _many(word: str, count: int) -> str:
    return f"1 {word}" if count == 1 else f"{count} {word}s"
