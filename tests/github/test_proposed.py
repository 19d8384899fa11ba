"""What of a run is proposed: tests that are wanted, with what goes beside them."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from qtest.deliver import Read
from qtest.delivering import proven
from qtest.records.file import WrittenFile
from qtest.records.outcome import ValidatedTest
from qtest.records.report import RunReport

Reports = Callable[..., RunReport]


@pytest.fixture
def repo(hub: Any) -> Any:
    return hub.state.find("org/tools")


def names(part: RunReport, read: Read) -> Sequence[WrittenFile]:
    """What was there, and the modules of this part."""
    return (WrittenFile(path="names", text=read("names") + "".join(module.module for module in part.modules) + "\n"),)


def test_what_goes_beside_tests_goes_on_from_what_the_repository_holds(
    repo: Any, courier: Any, report_of: Reports
) -> None:
    base = repo.commit({"names": "z\n"})
    courier.deliver(report_of(base, {"a": "def test_a(): pass\n"}), beside=names)
    (pull,) = repo.pulls
    assert repo.read(pull.branch, "names") == "z\na\n"


def test_sharing_only_what_goes_beside_does_not_make_two_proposals_one(
    repo: Any, courier: Any, report_of: Reports
) -> None:
    courier.deliver(report_of(repo.tip("main"), {"a": "def test_a(): pass\n"}), beside=names)
    (made,) = courier.deliver(report_of(repo.tip("main"), {"b": "def test_b(): pass\n"}), beside=names)
    assert made.how == "opened" and len(repo.pulls) == 2


def test_a_test_that_is_not_wanted_any_more_is_left_out(repo: Any, courier: Any, report_of: Reports) -> None:
    def wanted(test: ValidatedTest) -> bool:
        return test.name != "test_b"

    text = "import a\n\n\ndef test_a():\n    assert a\n\n\ndef test_b():\n    assert a\n"
    courier.deliver(report_of(repo.tip("main"), {"a": text, "c": "def test_b(): pass\n"}), wanted=wanted)
    (branch,) = (pull.branch for pull in repo.pulls)
    assert repo.read(branch, "tests/test_a.py") == "import a\n\n\ndef test_a():\n    assert a\n"
    assert repo.git("ls-tree", "-r", "--name-only", branch).split() == ["tests/test_a.py", "tools.py"]


def test_proofs_of_pull_requests_that_wait_side_by_side_do_not_conflict(
    repo: Any, courier: Any, report_of: Reports
) -> None:
    tests = {name: f"def test_{name}(): pass\n" * 30 for name in ("a", "b")}
    made = courier.deliver(report_of(repo.tip("main"), tests), beside=proven, lines=20)
    assert [one.how for one in made] == ["opened", "opened"]
    one, two = (pull.branch for pull in repo.pulls)
    assert repo.git("merge-tree", "--write-tree", one, two)
