"""`qtest decline TEST`: takes a shipped test out, and remembers why it is not wanted, so that no run proposes it again."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from qtest.adapters import prooffile
from qtest.adapters.git.author import author
from qtest.declined import declined
from qtest.errors import UsageError
from qtest.languages.python.testfile import written_tests
from qtest.maintain import text_without
from qtest.records.proof import Declined, ProofFile
from qtest.report.text import visible
from qtest.shipped import without


def main(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.out)
    proof = prooffile.expected(folder)
    who = arguments.author or author(dict(os.environ), folder)
    today = datetime.now(UTC).date().isoformat()
    item = chosen(proof, arguments.test).model_copy(
        update={"reason": arguments.reason.strip(), "author": who, "date": today}
    )
    for path in prooffile.replaced(folder, _taken_out(folder, proof, item), without(proof, (item,))):
        print(f"wrote {visible(str(path))}")
    print(f"declined {visible(item.file)}::{visible(item.test)}; no run proposes it again")
    return 0


def chosen(proof: ProofFile, given: str) -> Declined:
    """The shipped test, or the one already on record, of that name. Raises UsageError."""
    shipped = [declined(file.path, test, test.claims) for file in proof.files for test in file.tests]
    known = [*shipped, *proof.declined]
    found = [item for item in known if given in (item.test, f"{item.file}::{item.test}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{given}: stands in {found[0].file} and in {found[1].file}; give FILE::TEST")
    example = next((f"{item.file}::{item.test}" for item in known), "none is on record")
    raise UsageError(f"{given}: is no shipped test; expected FILE::TEST without parameters, such as {example}")


def _taken_out(folder: Path, proof: ProofFile, item: Declined) -> dict[str, str]:
    """Nothing when a person has taken it out before."""
    text = prooffile.text_of(folder / item.file)
    if text is None:
        return {}
    try:
        there = item.test in written_tests(text)
    except SyntaxError as error:
        raise UsageError(f"{folder / item.file}: cannot be read as Python ({error.msg}); mend it first") from error
    file = proof.file(item.file)
    if not there or file is None:
        return {}
    last = all(test.name == item.test for test in file.tests)
    return {item.file: text_without(file, text, (item.test,), last=last)}
