"""What GitHub Actions tells a step about the event it runs for. An event's texts are data: nothing of them is run."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qtest.adapters.github.address import PUBLIC
from qtest.errors import UsageError

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[\w.-]+")


@dataclass(frozen=True)
class PullPlace:
    """`server` as `https://host`; `fork` whether the change comes from another repository, for which the token may only read."""

    server: str
    repository: str
    number: int
    fork: bool


def pull_place(outer: Mapping[str, str]) -> PullPlace:
    """`outer` is the environment. Raises UsageError outside of a pull request's event."""
    repository, path = outer.get("GITHUB_REPOSITORY", ""), outer.get("GITHUB_EVENT_PATH", "")
    if not path or not _REPOSITORY.fullmatch(repository):
        raise UsageError(
            "--comment: GITHUB_REPOSITORY and GITHUB_EVENT_PATH name no pull request; expected a step of GitHub Actions"
        )
    pull = _event(path).get("pull_request")
    number = pull.get("number") if isinstance(pull, dict) else None
    if not isinstance(pull, dict) or type(number) is not int or number < 1:
        raise UsageError("--comment: this event is of no pull request; expected `on: pull_request`")
    server = (outer.get("GITHUB_SERVER_URL", "").strip() or PUBLIC).rstrip("/")
    return PullPlace(server, repository, number, _head(pull) != repository.lower())


def _event(path: str) -> dict[str, Any]:
    try:
        found = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--comment: {path}: cannot be read as an event ({type(error).__name__}); expected GITHUB_EVENT_PATH as Actions sets it"
        ) from error
    return found if isinstance(found, dict) else {}


def _head(pull: Mapping[str, Any]) -> str:
    """Empty for a fork that is gone."""
    head = pull.get("head")
    repository = head.get("repo") if isinstance(head, dict) else None
    return str(repository.get("full_name", "")).lower() if isinstance(repository, dict) else ""
