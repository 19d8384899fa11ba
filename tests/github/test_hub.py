"""The server is as GitHub is described to be, and an unmodified PyGithub and git work with it."""

from typing import Any

import pytest
from github import GithubException
from hub.courier import QUICK
from hub.state import Comment

from qtest.adapters.github.client import client


@pytest.fixture
def tools(hub: Any) -> Any:
    with client("robot-secret", hub.api, QUICK) as github:
        yield github.get_repo("org/tools")


def test_a_repository_says_who_may_push(tools: Any) -> None:
    assert tools.permissions.push and not tools.permissions.admin and not tools.archived


def test_a_pull_request_is_opened_found_and_edited(hub: Any, tools: Any) -> None:
    hub.state.find("org/tools").commit({"test_tools.py": "x = 1\n"}, branch="more")
    made = tools.create_pull(base="main", head="more", title="More", body="of it", draft=True)
    made.edit(title="Even more")
    found = tools.get_pulls(state="open", head="org:more")[0]
    assert (found.number, found.title, found.draft) == (1, "Even more", True)
    assert [file.filename for file in found.get_files()] == ["test_tools.py"]
    assert [commit.commit.message for commit in found.get_commits()] == ["a change"]


def test_a_second_pull_request_of_one_branch_is_refused(hub: Any, tools: Any) -> None:
    hub.state.find("org/tools").commit({"test_tools.py": "x = 1\n"}, branch="more")
    tools.create_pull(base="main", head="more", title="More", body="")
    with pytest.raises(GithubException, match="already exists"):
        tools.create_pull(base="main", head="more", title="More", body="")


def test_comments_are_made_edited_and_deleted(hub: Any, tools: Any) -> None:
    hub.state.find("org/tools").commit({"test_tools.py": "x = 1\n"}, branch="more")
    issue = tools.create_pull(base="main", head="more", title="More", body="").as_issue()
    first, second = issue.create_comment("one"), issue.create_comment("two")
    first.edit("three")
    second.delete()
    assert [comment.body for comment in issue.get_comments()] == ["three"]


def test_lists_come_in_pages(hub: Any, tools: Any) -> None:
    repo = hub.state.find("org/tools")
    repo.commit({"test_tools.py": "x = 1\n"}, branch="more")
    issue = tools.create_pull(base="main", head="more", title="More", body="").as_issue()
    repo.comments += [Comment(number, 1, "robot", f"{number}") for number in range(101)]
    assert [comment.id for comment in issue.get_comments()] == list(range(101))
    assert hub.asked.count("GET /repos/org/tools/issues/1/comments") == 2


def test_what_the_description_does_not_know_is_noticed(hub: Any) -> None:
    with client("robot-secret", hub.api, QUICK) as github:
        github.requester.requestJson("POST", "/repos/org/tools/labels", input={"colour": "red"})
        github.requester.requestJson("GET", "/repos/org/tools/pulls", parameters={"state": "ajar", "sise": "1"})
    noticed = "\n".join(hub.wrong)
    hub.wrong.clear()
    assert "labels: is not described, or not served here" in noticed
    assert "'ajar' is not one of" in noticed and "query parameter sise is not described" in noticed
