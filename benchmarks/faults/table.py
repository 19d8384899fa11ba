"""What was said of each scenario, by us, by us without a guard, and by others, as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.faults.scenario import Scenario

HEAD = """# Seeded faults: verdicts that cannot lie

Written by `python -m benchmarks.run faults`; do not edit. Each scenario is a tiny project and one mutant of it, whose right verdict is known. "Without"
is what a copy of QTest says in which the one guard was removed that the scenario names: the words differ, or the guard would guard nothing; **bold**
where the verdict is another one then, the other times a second guard says it with another reason. mutmut and cosmic-ray get the same project
and the same mutant, where they can make it, in the same sandbox; ✗ marks a kill that is none, or a survivor that is none, where a plain run of the suite does not say the same. A dash: cannot be asked.
"""
FORGED = """## What a target can forge about itself

Code under test runs in the process whose record we read. It can lie about the one mutant, or the one test, that it runs for; never about another.
"""
# what a plain run says, which knows nothing of our channel, our forks or our limits: no mistake of who says so too
PLAINLY = {
    **dict.fromkeys(("renamed_each_time", "fails_in_a_fork", "exits_otherwise", "dies_when_done"), "killed"),
    **dict.fromkeys(("writes_to_every_descriptor", "closes_descriptors", "takes_pytest_away"), "survived"),
}
NONE = "–"


@dataclass(frozen=True)
class Row:
    scenario: Scenario
    ours: str
    without: str
    peers: Mapping[str, str]


def page(rows: Sequence[Row], machine: str) -> str:
    guarded = [row for row in rows if not row.scenario.forgeable]
    forged = [row for row in rows if row.scenario.forgeable]
    return "\n".join((HEAD, machine, "", *summary(guarded), "", *table(guarded), "", FORGED, *_forged(forged), ""))


def summary(rows: Sequence[Row]) -> Iterator[str]:
    """How often each was wrong, and of how many."""
    said = {"QTest": [(row.scenario.verdict, row.ours) for row in rows]}
    for tool in ("mutmut", "cosmic-ray"):
        said[tool] = [(_truth(row.scenario), word) for row in rows if is_answer(word := row.peers.get(tool, NONE))]
    for tool, pairs in said.items():
        kills = sum(word.startswith("killed") for truth, word in pairs if false(truth, word))
        timeouts = sum(word.startswith("killed") for truth, word in pairs if truth.startswith("timed out"))
        green = sum(word.startswith("survived") for truth, word in pairs if false(truth, word))
        dead = sum(word.startswith(("died", "did not end")) for _, word in pairs)
        yield (
            f"- {tool}: {len(pairs)} asked, {kills} false kills ({timeouts} of them timeouts), {green} false survivors, "
            f"{dead} without an answer"
        )
    missed = [row.scenario.name for row in rows if not row.ours.startswith(row.scenario.verdict)]
    unguarded = [row.scenario.name for row in rows if row.without and not row.without.startswith(row.scenario.verdict)]
    yield f"- QTest said what it must of {len(rows) - len(missed)} of {len(rows)}{': not of ' if missed else ''}{', '.join(missed)}"
    yield f"- removing the guard changed what was said of {len(unguarded)} of {len([row for row in rows if row.without])}"


def table(rows: Sequence[Row]) -> Iterator[str]:
    yield "| scenario | what is wrong | must be | QTest | the guard | without | mutmut | cosmic-ray |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in rows:
        scenario = row.scenario
        right = row.ours.startswith(scenario.verdict)
        cells = (
            scenario.name.replace("_", " "),
            scenario.why,
            scenario.verdict.rstrip(": "),
            "the same" if right else f"✗ {row.ours}",
            f"`{scenario.guard.file.rpartition('/')[2]}`: `{_one_line(scenario.guard.text)}`"
            if scenario.guard
            else NONE,
            _without(scenario.verdict, row.without),
            *(_peer(_truth(scenario), row.peers.get(tool, NONE)) for tool in ("mutmut", "cosmic-ray")),
        )
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _forged(rows: Sequence[Row]) -> Iterator[str]:
    yield "| scenario | how | what is said |"
    yield "|---|---|---|"
    for row in rows:
        yield f"| {row.scenario.name.replace('_', ' ')} | {row.scenario.why} | {row.ours[:60].replace('|', '/')} |"


def false(truth: str, said: str) -> bool:
    """A kill or a survivor that is none."""
    if said.startswith("killed"):
        return not truth.startswith("killed")
    return said.startswith("survived") and not truth.startswith(("survived", "no coverage"))


def _truth(scenario: Scenario) -> str:
    """For a tool that is not ours."""
    limited = scenario.verdict.startswith("inconclusive: failed by ")
    return "killed" if limited else PLAINLY.get(scenario.name, scenario.verdict)


def is_answer(word: str) -> bool:
    return word not in (NONE, "cannot make it") and not word.startswith("not asked")


def _without(truth: str, said: str) -> str:
    if not said:
        return "not asked"
    shown = said.partition(": ")[0] if said.startswith("killed") else said[:90]
    word = truth.partition(":")[0].partition(" by ")[0]
    differs = said.partition(":")[0].partition(" by ")[0] != word
    return f"**{shown}**" if differs else shown


def _peer(truth: str, said: str) -> str:
    return f"✗ {said}" if false(truth, said) else NONE if said == "cannot make it" else said[:60]


def _one_line(text: str) -> str:
    first = next(line.strip() for line in text.splitlines() if line.strip())
    return first if len(first) <= 70 else f"{first[:67]}..."
