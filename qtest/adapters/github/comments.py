"""One comment of ours on a pull request: made the first time, changed from then on."""

from github import Github, GithubException
from github.Issue import Issue
from github.IssueComment import IssueComment

from qtest.adapters.github.actions import PullPlace
from qtest.adapters.github.trouble import translated


def put(github: Github, place: PullPlace, mark: str, body: str) -> str:
    """Its address. `mark` begins the body, and tells our comment from our others. Raises ForgeError, ForgeRefused."""
    with translated(f"{place.repository}#{place.number}: commenting"):
        issue = github.get_repo(place.repository).get_issue(place.number)
        known = _ours(issue, mark, _me(github))
        if known is None:
            return issue.create_comment(body).html_url
        if known.body != body:
            known.edit(body)
        return known.html_url


def _me(github: Github) -> str:
    """Empty for a token that stands for no person, as that of Actions."""
    try:
        return github.get_user().login
    except GithubException as error:
        if error.status in (403, 404):
            return ""
        raise


def _ours(issue: Issue, mark: str, me: str) -> IssueComment | None:
    """Who else begins a comment with our mark could change it later, in our name."""
    for one in issue.get_comments():
        by_us = one.user.login == me if me else one.user.type == "Bot"
        if by_us and (one.body or "").startswith(mark):
            return one
    return None
