"""What stands in the way of a delivery: one line that says what to do, no branch without its pull request, and a second try that finishes."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from qtest.errors import ForgeError, ForgeRefused
from qtest.records.delivery import PREFIX
from qtest.records.outcome import ValidatedTest
from qtest.records.report import RunReport

Reports = Callable[..., RunReport]
TESTS = {"a": "def test_a(): pass\n"}
ISSUED = {
    "without a scope": {"scopes": ("gist",)},
    "that may not push": {"scopes": None, "grants": {"pull_requests": "write"}},
    "that may not open pull requests": {"scopes": None, "grants": {"contents": "write"}},
}


@pytest.fixture
def repo(hub: Any) -> Any:
    return hub.state.find("org/tools")


@pytest.fixture
def report(repo: Any, report_of: Reports) -> RunReport:
    return report_of(repo.tip("main"), TESTS)


def ours(repo: Any) -> list[str]:
    return [name for name in repo.branches() if name.startswith(PREFIX)]


def refused(courier: Any, report: RunReport, kind: type[ForgeError] = ForgeRefused, **wish: Any) -> str:
    with pytest.raises(kind) as caught:
        courier.deliver(report, **wish)
    assert "\n" not in str(caught.value) and "robot-secret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (
            "without a scope",
            r"token may not open pull requests \(its scopes: gist\); expected a token with the scope repo",
        ),
        ("that may not push", r"the token may not push \(Permission to org/tools.git denied to other"),
        ("that may not open pull requests", r"the token may not do this .*; expected a token with pull_requests=write"),
    ],
)
def test_a_token_that_lacks_a_right_is_told_which(
    hub: Any, repo: Any, courier: Any, report: RunReport, kind: str, line: str
) -> None:
    repo.members["other"] = "write"
    hub.state.token("other", "other-secret", **ISSUED[kind])
    assert re.search(line, refused(replace(courier, token="other-secret"), report))
    assert (ours(repo), repo.pulls) == ([], [])


def test_a_token_that_nobody_knows_is_told_so(courier: Any, report: RunReport) -> None:
    assert "GitHub does not take this token (Bad credentials)" in refused(replace(courier, token="stale"), report)


def test_a_repository_that_is_not_there_is_named(courier: Any, report: RunReport) -> None:
    assert re.search(
        "/org/tolls: not found, or the token may not see it", refused(replace(courier, name="org/tolls"), report)
    )


def test_a_branch_that_is_not_there_is_named(courier: Any, report: RunReport) -> None:
    assert "there is no branch mian; name the one to merge into with --base" in refused(courier, report, base="mian")


def test_an_archived_repository_is_left_alone(hub: Any, repo: Any, courier: Any, report: RunReport) -> None:
    repo.archived = True
    assert "org/tools: is archived" in refused(courier, report)
    assert hub.wrote() == []


def test_a_repository_archived_meanwhile_is_told_by_the_push(
    hub: Any, repo: Any, courier: Any, report: RunReport
) -> None:
    hub.trouble("GET .*/pulls", act=lambda: setattr(repo, "archived", True))
    assert "org/tools: the repository is archived" in refused(courier, report)


def test_a_protected_base_is_never_pushed_to(hub: Any, repo: Any, courier: Any, report: RunReport) -> None:
    repo.protect("main")
    before = repo.tip("main")
    assert [made.how for made in courier.deliver(report)] == ["opened"]
    assert repo.tip("main") == before


def test_rules_that_forbid_our_branches_are_told_in_the_servers_words(
    repo: Any, courier: Any, report: RunReport
) -> None:
    repo.protect("*")
    assert re.search(
        r"its rules let nobody push qtest/\S+ \(GH006: Protected branch update failed", refused(courier, report)
    )
    repo.protect()
    assert [made.how for made in courier.deliver(report)] == ["opened"]


def test_a_base_that_moved_elsewhere_is_no_obstacle(repo: Any, courier: Any, report: RunReport) -> None:
    repo.commit({"other.py": "x = 1\n"})
    assert [made.how for made in courier.deliver(report)] == ["opened"]
    assert repo.git("rev-parse", f"{ours(repo)[0]}^") == report.revision.sha256


def test_a_base_that_has_such_a_file_by_now_is_not_argued_with(repo: Any, courier: Any, report: RunReport) -> None:
    repo.commit({"tests/test_a.py": "x = 1\n"})
    assert "main: has moved meanwhile, and tests/test_a.py with it; run again" in refused(courier, report)
    assert ours(repo) == []


def test_a_base_that_was_rewritten_is_not_given_its_old_commits_back(
    repo: Any, courier: Any, report_of: Reports
) -> None:
    first = repo.tip("main")
    report = report_of(repo.commit({"old.py": ""}), TESTS)
    repo.commit({"new.py": ""}, onto=first)
    assert f"main: does not hold {report.revision.sha256[:12]}" in refused(courier, report)
    assert ours(repo) == []


@pytest.mark.parametrize("late", ["GET /org/tools.git/info/refs", "POST .*/git-receive-pack"])
def test_a_branch_pushed_to_meanwhile_is_not_written_over(
    hub: Any, repo: Any, courier: Any, report_of: Reports, late: str
) -> None:
    base = repo.tip("main")
    courier.deliver(report_of(base, TESTS))
    (branch,) = ours(repo)
    hub.trouble(late, act=lambda: repo.commit({"mine.py": ""}, branch=branch))
    other = report_of(base, {"a": "def test_b(): pass\n"})
    assert f"somebody has pushed to {branch} meanwhile; it was left as it is: run again" in refused(courier, other)
    assert repo.read(branch, "tests/test_a.py") == TESTS["a"].strip()


def test_what_a_reviewer_committed_to_our_branch_stays(repo: Any, courier: Any, report_of: Reports) -> None:
    base = repo.tip("main")
    courier.deliver(report_of(base, TESTS))
    (branch,) = ours(repo)
    theirs = repo.commit({"tests/test_a.py": "def test_better(): pass\n"}, branch=branch)
    assert [made.how for made in courier.deliver(report_of(base, {"a": "def test_b(): pass\n"}))] == ["left"]
    assert repo.tip(branch) == theirs


def test_a_branch_of_our_name_that_holds_something_else_is_not_written_over(
    hub: Any, repo: Any, courier: Any, report: RunReport
) -> None:
    courier.deliver(report)
    (branch,) = ours(repo)
    repo.pulls.clear()
    theirs = repo.commit({"mine.py": ""}, branch=branch)
    assert f"somebody has pushed to {branch} meanwhile" in refused(courier, report)
    assert repo.tip(branch) == theirs


def test_a_strangers_branch_of_our_name_is_not_ours(hub: Any, repo: Any, courier: Any, report: RunReport) -> None:
    fork = hub.state.repo("stranger/tools", {"stranger": "admin"}, parent=repo)
    hub.state.token("stranger", "stranger-secret")
    replace(courier, token="stranger-secret").deliver(report)
    assert [made.how for made in courier.deliver(report)] == ["opened"]
    assert [pull.head for pull in repo.pulls] == [fork, repo]


@pytest.mark.parametrize("asked", ["POST .*/pulls", ".*/pulls"])
def test_an_api_that_breaks_down_half_way_leaves_no_branch(
    hub: Any, repo: Any, courier: Any, report: RunReport, asked: str
) -> None:
    hub.trouble("POST .*/git-receive-pack", act=lambda: hub.trouble(asked, 502, times=9))
    assert re.search(
        "opening a pull request for qtest/.*: GitHub has trouble of its own", refused(courier, report, ForgeError)
    )
    assert (ours(repo), repo.pulls) == ([], [])
    hub.troubles.clear()
    assert [made.how for made in courier.deliver(report)] == ["opened"]


def test_what_was_delivered_before_it_broke_down_is_found_by_the_second_try(
    hub: Any, repo: Any, courier: Any, report_of: Reports
) -> None:
    report = report_of(repo.tip("main"), {"a": TESTS["a"], "b": TESTS["a"]})
    hub.trouble("POST .*/pulls", act=lambda: hub.trouble("POST .*/pulls", 500))
    refused(courier, report, ForgeError, lines=1)
    assert len(ours(repo)) == 1
    assert [made.how for made in courier.deliver(report, lines=1)] == ["unchanged", "opened"]


def test_a_pull_request_whose_answer_was_lost_is_not_opened_again(
    hub: Any, repo: Any, courier: Any, report: RunReport
) -> None:
    hub.trouble("POST .*/pulls", 502, late=True)
    (made,) = courier.deliver(report)
    assert (made.how, made.address) == ("opened", f"{hub.host}/org/tools/pull/1")
    assert len(repo.pulls) == 1


def test_a_server_that_cannot_be_reached_is_named(hub: Any, courier: Any, report: RunReport) -> None:
    away = replace(courier, api="http://127.0.0.1:9/api/v3")
    assert "GitHub cannot be reached (no connection)" in refused(away, report, ForgeError)


def test_git_that_breaks_down_leaves_no_branch(hub: Any, repo: Any, courier: Any, report: RunReport) -> None:
    hub.trouble("POST .*/git-receive-pack", 500)
    assert re.search("qtest/.* could not be pushed", refused(courier, report, ForgeError))
    assert ours(repo) == []


@pytest.mark.parametrize(
    ("status", "message", "headers"),
    [
        (403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", {}),
        (403, "You have exceeded a secondary rate limit.", {"Retry-After": "0"}),
        (429, "API rate limit exceeded for robot.", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}),
    ],
)
def test_a_rate_limit_is_waited_for(
    hub: Any, repo: Any, courier: Any, report: RunReport, status: int, message: str, headers: Any
) -> None:
    hub.trouble("POST .*/pulls", status, message=message, headers=headers)
    assert [made.how for made in courier.deliver(report)] == ["opened"]
    assert len(repo.pulls) == 1


@pytest.mark.parametrize(
    ("headers", "when"),
    [
        ({"Retry-After": "3600"}, "try again in 3600 s"),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4000000000"}, "try again after 07:06 UTC"),
    ],
)
def test_a_rate_limit_longer_than_we_wait_says_when_to_try_again(
    hub: Any, repo: Any, courier: Any, report: RunReport, headers: Any, when: str
) -> None:
    hub.trouble("POST .*/pulls", 403, message="API rate limit exceeded for robot.", headers=headers)
    assert when in refused(courier, report, ForgeError)
    assert ours(repo) == []


@pytest.fixture
def reader(hub: Any, courier: Any) -> Any:
    """May only read `org/tools`."""
    hub.state.token("reader", "reader-secret")
    return replace(courier, token="reader-secret")


def test_who_may_not_push_delivers_from_one_fork(hub: Any, repo: Any, reader: Any, report: RunReport) -> None:
    assert [made.how for _ in range(2) for made in reader.deliver(report)] == ["opened", "unchanged"]
    fork = hub.state.find("reader/tools")
    assert [pull.head for pull in repo.pulls] == [fork]
    assert (len(ours(fork)), ours(repo)) == (1, [])


def test_a_fork_that_lags_behind_is_given_the_commits_it_lacks(
    hub: Any, repo: Any, reader: Any, report_of: Reports
) -> None:
    hub.state.repo("reader/tools", {"reader": "admin"}, parent=repo)
    repo.commit({"more.py": "x = 1\n"})
    report = report_of(repo.commit({"more.py": "x = 2\n"}), TESTS)
    assert [made.how for made in reader.deliver(report)] == ["opened"]


def test_a_test_that_is_not_wanted_any_more_is_left_out(repo: Any, courier: Any, report_of: Reports) -> None:
    def wanted(test: ValidatedTest) -> bool:
        return test.name != "test_b"

    text = "import a\n\n\ndef test_a():\n    assert a\n\n\ndef test_b():\n    assert a\n"
    courier.deliver(report_of(repo.tip("main"), {"a": text, "c": "def test_b(): pass\n"}), wanted=wanted)
    (branch,) = ours(repo)
    assert repo.read(branch, "tests/test_a.py") == "import a\n\n\ndef test_a():\n    assert a"
    assert repo.git("ls-tree", "-r", "--name-only", branch).split() == ["tests/test_a.py", "tools.py"]
