"""What `qtest-proof.json` holds: for each shipped test why it is believed, and which tests people do not want."""

import posixpath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from qtest.records.mutant import Failing
from qtest.records.record import Record

FORM = 1  # a file of a higher one was written by a newer QTest


def _inside(path: str) -> str:
    """The file comes with a repository, and may come from a stranger."""
    if path in ("", ".") or path.startswith(("/", "..")) or "\\" in path or posixpath.normpath(path) != path:
        raise ValueError(f"{path!r} is no path inside the project")
    return path


Inside = Annotated[str, AfterValidator(_inside)]


class ProvenKill(Record):
    """A mutant that only this test kills. `mutant` is its stable id (see `qtest.mutation.identity`), `function` the digest of the function
    it was made of, `first` the failure that killed it."""

    mutant: str
    path: Inside
    symbol: str
    operator: str
    line: int
    diff: str
    function: str
    first: Failing


class ProvenTest(Record):
    """A test function: `text_digest` of its text but for its name, `function` that of its target, `claims` the ids of its cases in the order of `nodes`, which
    are names in its file."""

    name: str
    target: str
    function: str
    nodes: tuple[str, ...]
    claims: tuple[str, ...]
    text_digest: str
    kills: tuple[ProvenKill, ...]


class ImportedName(Record):
    """A name that the file takes from a module of the project: `body` is the digest of what it named, empty where that is not known."""

    module: str
    name: str
    body: str = ""


class ProvenFile(Record):
    """A generated file and how it was made: `revision` says of what, without a path of this machine; `commit` is the newest one then.
    `functions` are the digests of all that stood in the module, by qualified name. `shared`: people wrote it, and the tests and `names`
    here are what was added."""

    path: Inside
    module: str
    source: Inside
    language: str
    qtest: str
    python: str
    revision: str
    commit: str = ""
    seed: str
    shared: bool = False
    names: tuple[ImportedName, ...] = ()
    functions: dict[str, str] = Field(default_factory=dict)
    tests: tuple[ProvenTest, ...]


class Declined(Record):
    """A test that is not wanted: nobody proposes its claims on its target again. `author` is empty when it was only found to be gone."""

    file: Inside
    test: str
    target: str
    claims: tuple[str, ...]
    reason: str = ""
    author: str = ""
    date: str = ""


class Step(Record):
    """One thing that `qtest maintain` did to a test, for the audit: what stood there, what stands there, and why."""

    date: str
    file: Inside
    what: Literal["healed", "retired"]
    test: str = ""
    old: str = ""
    new: str = ""
    why: str


class ProofFile(Record):
    """Files by path, tests as in the file, declined ones by file and name; `trail` oldest first."""

    form: int = Field(default=FORM, ge=1, le=FORM)
    about: Literal["the proof of tests that QTest generated: `qtest verify` re-runs it"] = (
        "the proof of tests that QTest generated: `qtest verify` re-runs it"
    )
    files: tuple[ProvenFile, ...] = ()
    declined: tuple[Declined, ...] = ()
    trail: tuple[Step, ...] = ()

    def file(self, path: str) -> ProvenFile | None:
        return next((file for file in self.files if file.path == path), None)
