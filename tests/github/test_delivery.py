"""Delivery, against the server of these tests, and with QTEST_GITHUB_TEST_REPOSITORY=owner/repository and QTEST_GIT_TOKEN against
github.com as well: what it makes there it takes away again."""

import os
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hub.courier import Courier

from qtest.adapters.github.client import client
from qtest.records.delivery import PREFIX
from qtest.records.report import RunReport

Reports = Callable[..., RunReport]
LONG = "\n".join(f"def test_{number}():\n    pass" for number in range(30)) + "\n"


class Ground:
    """A repository to deliver to. Every test's content is its own: github.com remembers what was closed."""

    def __init__(self, courier: Courier, github: Any) -> None:
        self.deliver, self.repository = courier.deliver, github.get_repo(courier.name)
        self.tip = self.repository.get_branch(self.repository.default_branch).commit.sha
        self.own = f"# {secrets.token_hex(4)}\n"

    def opened(self) -> list[Any]:
        pulls = self.repository.get_pulls(state="open", base=self.repository.default_branch)
        return [pull for pull in pulls if pull.head.ref.startswith(PREFIX)]

    def clear(self) -> None:
        for pull in self.opened():
            self.repository.get_git_ref(f"heads/{pull.head.ref}").delete()


@pytest.fixture(params=["here", pytest.param("github.com", marks=pytest.mark.network)])
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    if request.param == "here":
        courier = request.getfixturevalue("courier")
    else:
        name, token = (os.environ.get(key, "") for key in ("QTEST_GITHUB_TEST_REPOSITORY", "QTEST_GIT_TOKEN"))
        if not name or not token:
            pytest.skip("no repository on github.com was named to try this on")
        courier = Courier("https://github.com", "https://api.github.com", name, token)
    with client(courier.token, courier.api, courier.patience) as github:
        made = Ground(courier, github)
        yield made
        made.clear()


def test_tests_become_a_branch_of_one_commit_and_a_pull_request(ground: Ground, report_of: Reports) -> None:
    (made,) = ground.deliver(report_of(ground.tip, {"a": f"{ground.own}def test_a(): pass\n"}))
    (pull,) = ground.opened()
    assert (made.how, made.address) == ("opened", pull.html_url)
    assert (pull.title, pull.draft) == ("QTest: tests for a", False)
    assert [file.filename for file in pull.get_files()] == ["tests/test_a.py"]
    assert [commit.parents[0].sha for commit in pull.get_commits()] == [ground.tip]


def test_a_second_delivery_changes_nothing(ground: Ground, report_of: Reports) -> None:
    report = report_of(ground.tip, {"a": f"{ground.own}def test_a(): pass\n"})
    (first,) = ground.deliver(report)
    (second,) = ground.deliver(report)
    assert (second.how, second.address) == ("unchanged", first.address)
    assert len(ground.opened()) == 1


def test_other_tests_for_the_same_files_update_the_pull_request_there_is(ground: Ground, report_of: Reports) -> None:
    (first,) = ground.deliver(report_of(ground.tip, {"a": f"{ground.own}def test_a(): pass\n"}))
    (second,) = ground.deliver(report_of(ground.tip, {"a": f"{ground.own}def test_b(): pass\n"}))
    assert (second.how, second.address) == ("updated", first.address)
    (pull,) = ground.opened()
    now = ground.repository.get_contents("tests/test_a.py", ref=pull.head.ref).decoded_content.decode()
    assert "def test_b(): pass" in now and pull.get_commits().totalCount == 1


def test_a_draft_is_a_draft(ground: Ground, report_of: Reports) -> None:
    ground.deliver(report_of(ground.tip, {"a": f"{ground.own}def test_a(): pass\n"}), draft=True)
    assert [pull.draft for pull in ground.opened()] == [True]


def test_more_than_a_reviewer_reads_at_once_becomes_several(ground: Ground, report_of: Reports) -> None:
    files = dict.fromkeys(("a", "b", "c"), ground.own + LONG)
    made = ground.deliver(report_of(ground.tip, files), lines=130, most=1)
    assert [(one.how, one.modules) for one in made] == [("opened", ("a", "b")), ("waiting", ("c",))]


def test_what_a_reviewer_closed_is_not_proposed_again(ground: Ground, report_of: Reports) -> None:
    report = report_of(ground.tip, {"a": f"{ground.own}def test_a(): pass\n"})
    ground.deliver(report)
    (pull,) = ground.opened()
    pull.edit(state="closed")
    (again,) = ground.deliver(report)
    assert (again.how, again.address) == ("declined", pull.html_url)
    assert ground.opened() == []
