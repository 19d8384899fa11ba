"""Writes a run's reports beside its tests, and reads them back for `replay` and `sample`."""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from qtest.errors import UsageError
from qtest.records.mutant import Killed, Verdict
from qtest.records.outcome import ModuleOutcome, ValidatedTest
from qtest.records.record import Record
from qtest.records.report import RunReport
from qtest.report import allure
from qtest.report.html import html
from qtest.report.junit import junit
from qtest.report.outcomes import cases
from qtest.report.sarif import of_run
from qtest.report.tally import final
from qtest.report.text import visible

FOLDER = "qtest-report"
Kind = TypeVar("Kind", bound=Record)


def write(report: RunReport, out: Path) -> tuple[Path, ...]:
    """`out/qtest-report/`: report.html, report.json, junit.xml, report.sarif, verdicts.jsonl, allure-results/; each whole or not at all."""
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    verdicts = "".join(f"{verdict.to_json()}\n" for verdict in report.verdicts())
    texts = {
        "report.html": html(report),
        "report.json": report.to_json(),
        "junit.xml": junit(report),
        "report.sarif": of_run(report),
        "verdicts.jsonl": verdicts,
    }
    written = tuple(whole(folder / name, text) for name, text in texts.items())
    return (*written, allure.write(cases(report), report.run, folder / allure.FOLDER))


def read(out: Path) -> RunReport:
    """Raises UsageError when there is no run's report in `out`."""
    return parsed(RunReport, out / FOLDER / "report.json", "qtest run")


def parsed(kind: type[Kind], path: Path, command: str) -> Kind:
    """A report that `command` wrote at `path`. Raises UsageError when there is none."""
    try:
        return kind.from_json(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file; expected the output folder of `{command}`") from None
    except (OSError, ValidationError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: is not a report that this QTest wrote ({type(error).__name__}); run `{command}` again"
        ) from error


def verdict_of(report: RunReport, beginning: str) -> tuple[ModuleOutcome, Verdict]:
    """The verdict whose id starts so. Raises UsageError when there is none, or more than one."""
    found = [
        (module, verdict)
        for module in report.modules
        for verdict in final(module).values()
        if verdict.id.startswith(beginning)
    ]
    if not found:
        found = [
            (module, verdict)
            for module in report.modules
            for verdict in module.before
            if verdict.id.startswith(beginning)
        ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{beginning}: {len(found)} verdicts start so, {found[0][1].id} and {found[1][1].id} among them; give more of the id"
        )
    example = next((verdict.id for verdict in report.verdicts()), None)
    raise UsageError(
        f"{beginning}: no verdict of this run has that id"
        + (f"; they look like {example}, see verdicts.jsonl" if example else "")
    )


def sample(report: RunReport, seed: str, count: int) -> str:
    """`count` generated tests chosen by the seed, each with what it kills. The same seed and report give the same text."""
    tests = [
        (module, outcome)
        for module in report.modules
        for outcome in module.outcomes
        if isinstance(outcome, ValidatedTest)
    ]
    chosen = random.Random(seed).sample(tests, min(count, len(tests)))
    return "\n".join(line for number, (module, test) in enumerate(chosen, 1) for line in _shown(number, module, test))


def _shown(number: int, module: ModuleOutcome, test: ValidatedTest) -> Iterator[str]:
    yield f"{number}. {visible(test.file)}::{visible(test.name)}  (target {visible(test.target)})"
    yield ""
    yield from (f"    {visible(line)}" for line in test.text.splitlines())
    yield ""
    yield f"    kills {len(test.kills)} mutant{'' if len(test.kills) == 1 else 's'} that no other test kills:"
    verdicts = final(module)
    for mutant in test.kills[:5]:
        verdict = verdicts.get(mutant)
        if verdict and isinstance(verdict.result, Killed):
            edit = f"{_short(verdict.mutant.original)} → {_short(verdict.mutant.replacement)}"
            yield f"      {verdict.id}  line {verdict.mutant.line}: {edit}"
    if len(test.kills) > 5:
        yield f"      and {len(test.kills) - 5} more"
    yield ""


def _short(text: str) -> str:
    flat = " ".join(visible(text, lines=True).split()) or "(nothing)"
    return flat if len(flat) <= 60 else flat[:57] + "..."


def whole(path: Path, text: str) -> Path:
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_text(text, "utf-8", errors="backslashreplace")
    scratch.replace(path)
    return path
