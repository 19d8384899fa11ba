"""Writes what `qtest mutate` found, and reads it back."""

import json
from pathlib import Path

from pydantic import ValidationError

from qtest.errors import UsageError
from qtest.records.mutation import MutationReport
from qtest.report.files import whole

FOLDER = "qtest-mutation"


def write(report: MutationReport, out: Path) -> tuple[Path, ...]:
    """`out/qtest-mutation/`: report.json and verdicts.jsonl; each whole or not at all."""
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "report.json": report.to_json(),
        "verdicts.jsonl": "".join(f"{verdict.to_json()}\n" for verdict in report.verdicts),
    }
    return tuple(whole(folder / name, text) for name, text in texts.items())


def read(out: Path) -> MutationReport:
    """Of the folder, or of a report's own file. Raises UsageError when there is none."""
    path = out if out.is_file() else out / FOLDER / "report.json"
    try:
        return MutationReport.from_json(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file; expected the output folder of `qtest mutate`") from None
    except (OSError, ValidationError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: is not a report that this QTest wrote ({type(error).__name__}); run `qtest mutate` again"
        ) from error
