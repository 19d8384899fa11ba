"""What `qtest pr-check` says on a pull request: what behaves differently, what the tests notice of it, and tests to add."""

import shlex
from collections.abc import Iterator
from difflib import unified_diff

from qtest.mutation.score import score
from qtest.records.check import CheckReport
from qtest.records.outcome import Failure, ModuleOutcome
from qtest.report import behaviour
from qtest.report.markdown import Section, code, fenced, html_code, page, table
from qtest.report.mutation.told import beside, controls, first_line
from qtest.report.proven import count, survivors, suspected, tests, validated
from qtest.report.tally import alive, tally

FOLDER = "qtest-check"
MARK = "<!-- qtest pr-check -->"  # tells our comment from others


def comment(report: CheckReport) -> str:
    """Markdown; it begins with the mark."""
    return page((Section(MARK), *_sections(report)), f"`{FOLDER}` of the output of run {code(report.mutation.run)}")


def _sections(report: CheckReport) -> Iterator[Section]:
    yield from behaviour.sections(report.behaviour)
    yield from suspected(report.proposed)
    yield Section("## Do the tests notice the change?\n", tuple(_verdict(report)), what="figures")
    dead = {verdict.mutant.id for module in report.proposed for verdict in module.after} - {
        verdict.mutant.id for module in report.proposed for verdict in alive(module)
    }
    yield from survivors([verdict for verdict in report.mutation.alive if verdict.mutant.id not in dead])
    yield from _proposed(report)
    yield Section(parts=(_cost(report),))


def _verdict(report: CheckReport) -> Iterator[str]:
    mutation = report.mutation
    if mutation.red:
        yield f"**Not green**: {code(mutation.red, 300)}\n\n"
    told, after = score(mutation.unaccepted), tally(report.proposed).after
    if told.counted:
        killed = told.killed
        cells = [("mutants on changed lines that your tests kill", f"**{killed}** of {told.counted}")]
        if after:
            cells.append(("with the tests proposed below", f"**{killed + after}** of {told.counted}"))
        yield table(("", ""), cells) + "\n"
        yield from (f"doubtful: {code(function)}.\n" for function in mutation.controls.doubtful)
        yield from (f"{line}.\n" for line in beside(mutation))
    else:
        yield f"{code(mutation.note or first_line(mutation), 300)}\n"
    yield from (f"{code(one.path)}: {code(one.reason, 300)}\n" for one in (*mutation.problems, *mutation.left_out))
    broken = [one for module in report.proposed for one in module.outcomes if isinstance(one, Failure)]
    yield from (f"no tests for {code(one.target)}: {code(one.reason, 300)}\n" for one in broken)


def _proposed(report: CheckReport) -> Iterator[Section]:
    found = validated(report.proposed)
    if not found:
        return
    yield Section(f"## {count(len(found), 'test')} to add\n")
    yield from tests(
        report.proposed, lambda test, _: shlex.join(("python", "-m", "pytest", f"{test.file}::{test.name}"))
    )
    for module in report.proposed:
        yield from _file(module)


def _file(module: ModuleOutcome) -> Iterator[Section]:
    if module.file:
        file = module.file
        added = unified_diff(file.host.splitlines(), file.text.splitlines(), file.path, file.path, lineterm="")
        text = fenced("\n".join(added), "diff", 20_000) if file.host else fenced(file.text, "python", 20_000)
        yield Section("", (text,), html_code(module.file.path), "files of tests")


def _cost(report: CheckReport) -> str:
    said = f"Against {code(report.since)}; {report.cpu_s:.0f} s of CPU, {report.wall_s:.0f} s on the clock."
    checked = report.mutation.verdicts
    return said + (f" Controls: {controls(report.mutation)}.\n" if checked else "\n")
