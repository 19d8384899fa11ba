"""`qtest model`: what the code is, read and never run, as text or as JSON; and what changed since an earlier model."""

import argparse
import json
import sys
from pathlib import Path

from pydantic import ValidationError

from qtest.errors import UsageError
from qtest.ingest.bundle import ingest
from qtest.languages import PARSERS
from qtest.model.build import build
from qtest.model.diff import diff
from qtest.records.system import SystemModel
from qtest.report.model import changes, overview
from qtest.wiring import open_library


def main(arguments: argparse.Namespace) -> int:
    old = _read(arguments.against) if arguments.against else None
    with open_library() as desk:
        repository = desk.fetcher.fetch(arguments.repository)
        bundle = ingest(repository, desk.store, tuple(PARSERS))
        system = build(bundle, desk.store.get, PARSERS)
    if old is not None:
        found = diff(old, system)
        print(
            json.dumps([item.model_dump(mode="json") for item in found]) if arguments.json else changes(found), end=""
        )
    elif arguments.json:
        print(system.to_json())
    else:
        sys.stdout.write(overview(system, bundle.revision.name))
    return 0


def _read(path: str) -> SystemModel:
    """Raises UsageError for what is not a model of this form."""
    try:
        return SystemModel.from_json(Path(path).read_bytes())
    except OSError as error:
        raise UsageError(f"--against {path}: cannot be read: {error.strerror}") from error
    except (ValidationError, ValueError, RecursionError) as error:
        raise UsageError(
            f"--against {path}: is not a model; expected what `qtest model --json` of this version wrote"
        ) from error
