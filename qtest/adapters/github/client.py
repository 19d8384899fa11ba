"""A PyGithub client with our patience: what may be asked again is asked again, and never for longer than a person waits."""

from dataclasses import dataclass
from typing import Any

from github import Auth, Github
from github.GithubException import RateLimitExceededExceedsMaxWait
from github.GithubRetry import GithubRetry
from urllib3.response import BaseHTTPResponse

_LIMITED = (403, 429)
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
_ANSWER_S = 30


@dataclass(frozen=True)
class Patience:
    """Seconds, but for `tries`: how often again after the first. GitHub asks for a second between two writes."""

    tries: int = 5
    backoff_s: float = 1.0
    secondary_s: float = 60.0
    longest_s: float = 180.0
    between_writes_s: float = 1.0


def client(token: str, base_url: str, patience: Patience = Patience()) -> Github:
    """`base_url` is the API's, see `address.api_of`. Nothing is asked of the server yet."""
    return Github(
        auth=Auth.Token(token),
        base_url=base_url,
        timeout=_ANSWER_S,
        user_agent="qtest",
        per_page=100,
        retry=_Retry.of(patience),
        seconds_between_requests=None,
        seconds_between_writes=patience.between_writes_s or None,
    )


class _Retry(GithubRetry):
    """A refusal for the rate can be asked again whatever was asked: nothing was done. A request that broke is asked again only
    if doing it twice is doing it once, which making a pull request or a comment is not."""

    @classmethod
    def of(cls, patience: Patience) -> "_Retry":
        return cls(
            secondary_rate_wait=patience.secondary_s,
            max_rate_limit_wait=patience.longest_s,
            total=patience.tries,
            backoff_factor=patience.backoff_s,
            allowed_methods=_REPEATABLE,
        )

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        return status_code in _LIMITED or super().is_retry(method, status_code, has_retry_after)

    def increment(self, method: Any = None, url: Any = None, response: Any = None, *rest: Any, **named: Any) -> Any:
        try:
            if response is not None and response.status in _LIMITED:
                response.status = 403  # GitHub says either; PyGithub looks for a limit behind this one only
                self._bound(response)
            return super().increment(method, url, response, *rest, **named)
        except BaseException:
            if response is not None:
                response.close()  # nobody else does
            raise

    def _bound(self, response: BaseHTTPResponse) -> None:
        wait = self.get_retry_after(response) or 0.0
        if self.max_rate_limit_wait is not None and wait > self.max_rate_limit_wait:
            raise RateLimitExceededExceedsMaxWait(403, {}, dict(response.headers), wait=wait)
