"""Results as Allure reads them: a folder with a `*-result.json` for each case, and its texts beside it."""

import json
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from qtest.records.record import digest_of

FOLDER = "allure-results"
Status = Literal["passed", "failed", "broken", "skipped"]


@dataclass(frozen=True)
class Case:
    """`key` is the same in every run, so that Allure can tell its history. `suites` are the names of the suites around it, outermost
    first, at most three. `texts` are attached, by title."""

    key: str
    name: str
    full_name: str
    status: Status
    suites: Sequence[str]
    package: str
    message: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def write(cases: Iterable[Case], run: str, folder: Path) -> Path:
    """What an earlier run left in `folder` goes. Times are left out: a remembered verdict was made at another one."""
    scratch = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    for case in cases:
        for name, text in _files(case, run):
            (scratch / name).write_text(text, "utf-8", errors="backslashreplace")
    shutil.rmtree(folder, ignore_errors=True)
    return scratch.rename(folder)


def _files(case: Case, run: str) -> Iterator[tuple[str, str]]:
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"qtest:{run}:{digest_of(case.key)}"))
    attached = [
        (title, f"{name}-{number}-attachment.txt", text)
        for number, (title, text) in enumerate(case.texts.items())
        if text
    ]
    yield from ((source, text) for _, source, text in attached)
    result = {
        "uuid": name,
        "historyId": digest_of(case.key)[:32],
        "testCaseId": digest_of(case.full_name)[:32],
        "name": case.name,
        "fullName": case.full_name,
        "status": case.status,
        "statusDetails": {"message": case.message} if case.message else {},
        "stage": "finished",
        "labels": [{"name": label, "value": value} for label, value in _labels(case)],
        "parameters": [{"name": title, "value": value} for title, value in case.parameters.items() if value],
        "links": [],
        "attachments": [{"name": title, "source": source, "type": "text/plain"} for title, source, _ in attached],
    }
    yield f"{name}-result.json", json.dumps(result, indent=2) + "\n"


def _labels(case: Case) -> Iterator[tuple[str, str]]:
    yield from zip(("parentSuite", "suite", "subSuite"), case.suites, strict=False)
    yield from (("package", case.package), ("framework", "qtest"))
