"""What a step of GitHub Actions is told, as far as it can be believed."""

import json
from pathlib import Path
from typing import Any

import pytest

from qtest.adapters.github.actions import pull_place
from qtest.errors import UsageError

HERE = {"number": 7, "head": {"repo": {"full_name": "Org/tools"}, "ref": "$(touch /tmp/x)"}}


def outer(tmp_path: Path, event: Any) -> dict[str, str]:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event))
    return {"GITHUB_REPOSITORY": "org/tools", "GITHUB_EVENT_PATH": str(path)}


def test_the_pull_request_of_the_event_is_found(tmp_path: Path) -> None:
    found = pull_place(outer(tmp_path, {"pull_request": HERE}))
    assert (found.repository, found.number, found.fork, found.server) == ("org/tools", 7, False, "https://github.com")


@pytest.mark.parametrize("head", [{"repo": {"full_name": "ada/tools"}}, {"repo": None}, None])
def test_a_change_from_elsewhere_is_a_fork(tmp_path: Path, head: Any) -> None:
    assert pull_place(outer(tmp_path, {"pull_request": {**HERE, "head": head}})).fork


@pytest.mark.parametrize("event", [{}, [], {"pull_request": "7"}, {"pull_request": {"number": "7; rm"}}, {"number": 7}])
def test_another_event_is_one_line(tmp_path: Path, event: Any) -> None:
    with pytest.raises(UsageError, match=r"--comment: this event is of no pull request; expected `on: pull_request`"):
        pull_place(outer(tmp_path, event))


@pytest.mark.parametrize("name", ["", "org", "org/../tools", "a b/c"])
def test_a_name_that_is_no_repository_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="expected a step of GitHub Actions"):
        pull_place({**outer(tmp_path, {"pull_request": HERE}), "GITHUB_REPOSITORY": name})


def test_an_event_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text("{")
    with pytest.raises(UsageError, match="cannot be read as an event"):
        pull_place({"GITHUB_REPOSITORY": "org/tools", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")})
