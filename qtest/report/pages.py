"""The plan as Markdown, to keep in a repository and to argue about."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from qtest.config import PyramidGuide, RiskWeights
from qtest.plan.domain import words_of
from qtest.records.plan import LeftOut, Reason, Target, TestPlan
from qtest.records.system import Module, SystemModel
from qtest.report.plan import LEVELS, NOTHING, PlanFacts, headline, local, main_reasons, pyramid, shared, short
from qtest.report.text import visible

MARK = "<!-- Written by `qtest plan`. Edits are lost: decide in pyproject.toml, see plan.md. -->"
OVERVIEW = "plan.md"
_MEANT = {
    "decision": "  # for each decision of the code",
    "most_decisions": "  # more of them count no more",
    "helpers": "  # for each doubling of the decisions in private code that is tested through it",
    "fan_in": "  # for each doubling of its callers",
    "path": "  # for each doubling of the critical paths through it",
    "change": "  # for each doubling of the recent commits to its file",
    "fix": "  # for each doubling of the commits that mended its file",
    "together": "  # for each doubling of the files that change with its file",
    "gap": "  # for code that no test runs",
    "domain": "  # where a word tells that a mistake is dear",
    "effects": "  # for code that does more than return a value",
    "raises": "  # for each error it raises",
}
_SPECIAL = re.compile(r"[\\`*<>|\[\]]|(?<!\w)_|_(?!\w)")


def pages(plan: TestPlan, system: SystemModel, facts: PlanFacts) -> dict[str, str]:
    """Markdown by path: an overview, and a page for each module with a target. The same plan gives the same text."""
    sheets = _sheets(plan, system)
    texts = {OVERVIEW: _overview(plan, facts, sheets)}
    texts.update((sheet.path, _page(sheet)) for sheet in sheets)
    return {path: "\n".join((MARK, "", *lines, "")) for path, lines in texts.items()}


@dataclass
class _Sheet:
    """What will stand on a module's page."""

    name: str
    module: Module | None
    path: str
    targets: list[Target] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def score(self) -> float:
        return max(target.risk.score for target in self.targets)


def _sheets(plan: TestPlan, system: SystemModel) -> list[_Sheet]:
    """In plan order."""
    modules = {module.name: module for module in system.modules}
    sheets: dict[str, _Sheet] = {}
    taken: set[str] = set()
    for target in plan.targets:
        if target.module not in sheets:
            path = _path(target.module, taken)
            sheets[target.module] = _Sheet(target.module, modules.get(target.module), path)
        sheets[target.module].targets.append(target)
    for item in plan.left_out:
        sheet = sheets.get(item.symbol.partition(":")[0])
        if sheet and ":" in item.symbol:
            sheet.left_out.append(item)
    return list(sheets.values())


def _path(name: str, taken: set[str]) -> str:
    """Not that of another, where case counts for nothing either."""
    stem = re.sub(r"[^\w.-]", "_", name.replace("/", "."), flags=re.ASCII).strip(".") or "_"
    numbered = (stem, *(f"{stem}~{number}" for number in range(2, len(taken) + 3)))
    free = next(text for text in numbered if text.lower() not in taken)
    taken.add(free.lower())
    return f"modules/{free}.md"


# --- the overview ----------------------------------------------------------------------------------------------------


def _overview(plan: TestPlan, facts: PlanFacts, sheets: Sequence[_Sheet]) -> list[str]:
    return [
        f"# Test plan of {_md(facts.name)}",
        "",
        f"{_md(headline(plan))}.",
        "",
        *([f"- Asked for: {_md(', '.join(facts.only))}."] if facts.only else []),
        *([f"- Pyramid: {_md(pyramid(plan.targets, facts.guide))}."] if plan.targets else []),
        f"- Coverage: {_md(facts.coverage)}.",
        f"- History: {_md(facts.history)}.",
        *(f"- Not read: {_md(problem)}" for problem in facts.unread),
        *_order(sheets, shared(plan.targets)),
        *_outward(plan),
        *_left_out(plan, {sheet.name for sheet in sheets}),
        *_how_to(plan),
    ]


def _order(sheets: Sequence[_Sheet], common: Sequence[Reason]) -> Iterator[str]:
    written = [sheet for sheet in sheets if any(target.written for target in sheet.targets)]
    if not written:
        return
    yield from ("", "## Modules, in the order of work", "", "The riskiest target of each, and why it is that.", "")
    yield from (f"For all targets {reason.points:+.1f}: {_md(reason.text)}.\n" for reason in common)
    yield from ("| risk | module | targets | riskiest | because |", "|---:|---|---:|---|---|")
    for sheet in written:
        targets = [target for target in sheet.targets if target.written]
        top = max(targets, key=lambda target: target.risk.score)
        because = "; ".join(short(reason) for reason in main_reasons(top.risk.reasons, common)) or NOTHING
        yield f"| {top.risk.score:.1f} | [{_md(sheet.name)}]({sheet.path}) | {len(targets)} | {_code(local(top))} | {_md(because)} |"


def _outward(plan: TestPlan) -> Iterator[str]:
    found = [target for target in plan.targets if not target.written]
    if not found:
        return
    yield from ("", "## From the outside", "")
    yield "No generator writes tests of these levels yet: a run ends them as rejections that say so."
    yield from ("", "| risk | level | what | answered by | because |", "|---:|---|---|---|---|")
    for target in sorted(found, key=lambda target: (-target.risk.score, target.level, target.name, target.symbol)):
        what = _code(target.name) if target.name else ""
        yield f"| {target.risk.score:.1f} | {LEVELS[target.level]} | {what} | {_code(target.symbol)} | {_md(target.why)} |"


def _left_out(plan: TestPlan, planned: set[str]) -> Iterator[str]:
    """What is not on a module's page."""
    rest = [item for item in plan.left_out if ":" not in item.symbol or item.symbol.partition(":")[0] not in planned]
    if not rest:
        return
    yield from ("", "## Left out", "")
    for item in sorted(rest, key=lambda item: (item.symbol, item.reason)):
        yield f"- {_code(item.symbol)}: {_md(item.reason)}"


def _how_to(plan: TestPlan) -> Iterator[str]:
    """With names of this very plan, so that it can be copied."""
    target = plan.targets[0] if plan.targets else None
    symbol = _toml(target.symbol if target else "package.module:function")
    module = _toml(target.module if target else "package.module")
    yield from ("", "## How to change this plan", "")
    yield "Not here, but in `pyproject.toml`; then run `qtest plan` again. A pattern is `module:function`, `module:Class` (with its"
    yield "methods), a module (with those below it), a path, or a glob of one of them. A pattern that fits nothing is an error."
    yield from ("", "```toml", "[tool.qtest.plan]")
    yield f"skip = [{module}]  # no targets; the report says so"
    yield f"first = [{symbol}]  # raised above all others"
    yield f'level = {{ {symbol} = "integration" }}  # unit, integration, api or e2e'
    yield from ("", f"[tool.qtest.plan.domains]  # adds a domain, or replaces one of: {', '.join(words_of({}))}")
    yield 'shipping = ["parcel", "courier"]'
    yield from (
        "",
        "[tool.qtest.plan.pyramid]  # percent to compare the levels with; they follow from the code, never from this",
    )
    yield from (f"{name} = {value}" for name, value in PyramidGuide())
    yield from ("", "[tool.qtest.plan.weights]  # points; 0 turns a factor off; these are the defaults")
    yield from (f"{name} = {value}{_MEANT[name]}" for name, value in RiskWeights())
    yield "```"


def _toml(text: str) -> str:
    return visible(json.dumps(text, ensure_ascii=False))


# --- a module's page -------------------------------------------------------------------------------------------------


def _page(sheet: _Sheet) -> list[str]:
    place = f"{_code(sheet.module.path)}, risk" if sheet.module else "Risk"
    common = shared(sheet.targets)
    lines = [f"# {_md(sheet.name)}", "", f"{place} {sheet.score:.1f}. [All modules](../{OVERVIEW})"]
    if common:
        lines += ["", "For every target here:", "", *map(_bullet, common)]
    for target in sorted(sheet.targets, key=lambda target: not target.written):
        lines += _section(target, common)
    if sheet.left_out:
        lines += ["", "## Left out", ""]
        lines += [f"- {_code(item.symbol.partition(':')[2])}: {_md(item.reason)}" for item in sheet.left_out]
    return lines


def _section(target: Target, common: Sequence[Reason]) -> Iterator[str]:
    why = f": {_md(target.why)}." if target.why else "."
    level = f"{LEVELS[target.level]} test{why}"
    if target.name:
        yield from ("", f"## {_code(target.name)}", "", f"Risk {target.risk.score:.1f}, that of what answers; {level}")
        return
    own = [reason for reason in target.risk.reasons if reason not in common]
    yield from ("", f"## {_code(local(target))}", "", f"Risk {target.risk.score:.1f}; {level}")
    if own:
        yield from ("", *map(_bullet, own))


def _bullet(reason: Reason) -> str:
    return f"- {reason.points:+.1f} {_md(reason.factor)}: {_md(reason.text)}"


def _md(text: str) -> str:
    """Safe in a paragraph and in a table."""
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", visible(text))


def _code(text: str) -> str:
    """As code, in a table too; a backtick in a name becomes an apostrophe."""
    return f"`{visible(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"
