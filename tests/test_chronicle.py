"""What is written down while a run goes."""

from qtest.chronicle import Chronicle
from qtest.config import Config, TargetSettings
from qtest.fakes import MemoryLedger, MemoryStore
from qtest.records.facts import RunFacts
from qtest.records.run import ModelRow, RepositoryRow, RunRow, TestRow
from qtest.records.source import Omission, RawSourceBundle, Repository, Revision, SourceFile

REVISION = Revision(kind="git", name="https://example.org/shop.git", version="main", sha256="c0ffee")
BUNDLE = RawSourceBundle(
    revision=REVISION,
    projects=(),
    files=tuple(
        SourceFile(path=path, sha256="0" * 64, size=1, language=language)
        for path, language in (("a.py", "python"), ("b.py", "python"), ("c.js", "javascript"))
    ),
)
READ = RunFacts(repository=Repository(spec="shop", folder="/shop", revision=REVISION), bundle=BUNDLE)


def chronicle() -> Chronicle:
    config = Config(target=TargetSettings(repository="shop"))
    return Chronicle(MemoryLedger(), MemoryStore(), config, "r", lambda: 7)


def test_a_run_is_on_disk_from_its_beginning_and_begins_once() -> None:
    one = chronicle()
    one.begin()
    Chronicle(one.ledger, one.store, one.config, "r", lambda: 9).begin()
    (row,) = one.ledger.rows(RunRow)
    assert (row.run, row.status, row.started) == ("r", "running", 7)


def test_the_repository_and_its_model_are_remembered_though_nothing_was_left_out() -> None:
    one = chronicle()
    one.begin()
    one.learn(READ)
    assert one.ledger.rows(ModelRow) == ()
    one.learn(READ.model_copy(update={"system": "d1"}))
    (repository,), (model,) = one.ledger.rows(RepositoryRow), one.ledger.rows(ModelRow)
    assert (repository.url, repository.languages) == (REVISION.name, "python,javascript")
    assert (model.url, model.revision, model.form, model.artefact) == (REVISION.name, "main", "1", "d1")


def test_what_was_left_out_is_a_rejection_of_the_plan() -> None:
    one = chronicle()
    one.begin()
    one.learn(READ.model_copy(update={"left_out": (Omission(path="shop.a:f", reason="reads files"),)}))
    (row,) = one.ledger.rows(TestRow)
    assert (row.target, row.outcome, row.stage, row.reason) == ("shop.a:f", "rejection", "plan", "reads files")


def test_a_run_that_broke_says_why() -> None:
    one = chronicle()
    one.begin()
    one.fail("the disk is full")
    (row,) = one.ledger.rows(RunRow)
    assert (row.status, row.note) == ("failed", "the disk is full")
