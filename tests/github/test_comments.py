"""One comment of ours on a pull request, on a server that speaks GitHub's API."""

from typing import Any

import pytest

from qtest.adapters.github.actions import PullPlace
from qtest.adapters.github.client import Patience, client
from qtest.adapters.github.comments import put
from qtest.errors import ForgeRefused

QUICK = Patience(tries=3, backoff_s=0.0, secondary_s=0.0, between_writes_s=0.0)
MARK = "<!-- ours -->"


@pytest.fixture
def place(hub: Any) -> PullPlace:
    """An open pull request."""
    hub.state.find("org/tools").commit({"test_tools.py": "x = 1\n"}, branch="more")
    with client("robot-secret", hub.api, QUICK) as github:
        made = github.get_repo("org/tools").create_pull(base="main", head="more", title="More", body="")
    return PullPlace("https://github.com", "org/tools", made.number, fork=False)


def said(hub: Any, token: str, place: PullPlace, body: str) -> str:
    with client(token, hub.api, QUICK) as github:
        return put(github, place, MARK, f"{MARK}\n{body}")


def bodies(hub: Any) -> list[str]:
    return [comment.body for comment in hub.state.find("org/tools").comments]


def test_the_second_time_the_comment_is_changed(hub: Any, place: PullPlace) -> None:
    assert said(hub, "robot-secret", place, "one") == said(hub, "robot-secret", place, "two")
    assert bodies(hub) == [f"{MARK}\ntwo"]


def test_a_comment_of_somebody_else_with_our_mark_is_left_alone(hub: Any, place: PullPlace) -> None:
    hub.state.token("mallory", "mallory-secret")
    said(hub, "mallory-secret", place, "all is well")
    said(hub, "robot-secret", place, "it is not")
    assert bodies(hub) == [f"{MARK}\nall is well", f"{MARK}\nit is not"]


def test_a_token_that_only_reads_is_refused_in_one_line(hub: Any, place: PullPlace) -> None:
    hub.state.token("robot", "reading-secret", scopes=None, grants={"pull_requests": "read"})
    with pytest.raises(ForgeRefused, match="org/tools#1: commenting: the token may not do this") as refused:
        said(hub, "reading-secret", place, "one")
    assert "\n" not in str(refused.value)
    assert bodies(hub) == []
