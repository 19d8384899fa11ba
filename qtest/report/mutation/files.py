"""Writes what `qtest mutate` found, and reads it back."""

from pathlib import Path

from qtest.errors import UsageError
from qtest.records.mutant import Verdict
from qtest.records.mutation import JudgedModule, MutationReport
from qtest.report import allure
from qtest.report.files import parsed, whole
from qtest.report.mutation.allure import cases
from qtest.report.mutation.elements import elements, viewer
from qtest.report.mutation.html import html
from qtest.report.mutation.junit import junit
from qtest.report.mutation.told import name
from qtest.report.sarif import of_mutants

FOLDER = "qtest-mutation"


def write(report: MutationReport, out: Path) -> tuple[Path, ...]:
    """`out/qtest-mutation/`: report.html, report.json, mutation.json and mutation.html for other viewers, junit.xml, report.sarif,
    verdicts.jsonl, allure-results/; each whole or not at all."""
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    schema = elements(report)
    texts = {
        "report.html": html(report),
        "report.json": report.to_json(),
        "mutation.json": schema,
        "mutation.html": viewer(schema),
        "junit.xml": junit(report),
        "report.sarif": of_mutants(report),
        "verdicts.jsonl": "".join(f"{verdict.to_json()}\n" for verdict in report.verdicts),
    }
    written = tuple(whole(folder / name, text) for name, text in texts.items())
    return (*written, allure.write(cases(report), report.run, folder / allure.FOLDER))


def read(out: Path) -> MutationReport:
    """Of the folder, or of a report's own file. Raises UsageError when there is none."""
    path = out if out.is_file() else out / FOLDER / "report.json"
    return parsed(MutationReport, path, "qtest mutate")


def verdict_of(report: MutationReport, beginning: str) -> tuple[JudgedModule, Verdict]:
    """The one that is called so, by the id of the verdict, of the mutant, or the one that stays. Raises UsageError when there is none,
    or more than one."""
    found = [(module, one) for module in report.modules for one in module.verdicts if _called(one, beginning)]
    exact = [(module, one) for module, one in found if beginning in (one.stable, one.id, one.mutant.id)]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        raise UsageError(
            f"{beginning}: {len(found)} mutants start so, {name(found[0][1])} and {name(found[1][1])} among them; give more of the id"
        )
    example = next(iter(report.verdicts), None)
    known = f"; they look like {name(example)}, see report.html" if example else ""
    raise UsageError(f"{beginning}: no mutant of this run has that id{known}")


def knows(report: MutationReport, beginning: str) -> bool:
    return any(_called(verdict, beginning) for verdict in report.verdicts)


def _called(verdict: Verdict, beginning: str) -> bool:
    return any(one.startswith(beginning) for one in (verdict.stable, verdict.id, verdict.mutant.id))
