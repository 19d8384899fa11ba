"""`qtest verify`: the shipped tests again, from their recorded proof; nothing is generated, and nothing is written."""

import argparse
import sys
import time
from pathlib import Path

from qtest import __version__
from qtest.adapters import folder, prooffile
from qtest.config import Config, load_for
from qtest.errors import UsageError
from qtest.records.proof import ProofFile
from qtest.records.verified import VerifyReport
from qtest.report.text import visible
from qtest.report.verified import lines
from qtest.verifying import Ground, verified
from qtest.wiring import open_house


def main(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    top = folder.check(arguments.folder)
    tests = Path(arguments.out) if arguments.out else top
    proof = _only(prooffile.expected(tests), arguments.only)
    config = settings(arguments, top)
    with open_house(unsafe=config.unsafe_no_sandbox) as house:
        ground = Ground.of(house, config, tests)
        found = verified(ground, proof, said)
        python = next((ground.setting(file).environment.version for file in proof.files), "none")
    report = VerifyReport(
        qtest=__version__,
        target=arguments.folder,
        python=python,
        tests=found,
        declined=len(proof.declined),
        wall_s=time.monotonic() - started,
    )
    print(report.to_json() if arguments.json else "\n".join(lines(report)))
    return 1 if report.broken else 0


def _only(proof: ProofFile, wanted: str) -> ProofFile:
    """Raises UsageError for what is no shipped test."""
    if not wanted:
        return proof
    found = [
        file.model_copy(update={"tests": (test,)})
        for file in proof.files
        for test in file.tests
        if wanted in (test.name, f"{file.path}::{test.name}")
    ]
    if found:
        return proof.model_copy(update={"files": tuple(found)})
    example = next((f"{file.path}::{test.name}" for file in proof.files for test in file.tests), "none is on record")
    raise UsageError(f"--only {wanted}: is no shipped test; expected its name, or FILE::TEST, such as {example}")


def settings(arguments: argparse.Namespace, top: Path) -> Config:
    given: dict[str, object] = {
        "target": {"repository": str(top)} | ({"python": arguments.python} if arguments.python else {})
    }
    if arguments.unsafe_no_sandbox:
        given["unsafe_no_sandbox"] = True
    return load_for(str(top), given)


def said(note: str) -> None:
    print(visible(note), file=sys.stderr)
