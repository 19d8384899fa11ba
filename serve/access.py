"""Who may ask, and how often."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass

from qtest.errors import UsageError
from serve.config import KeySettings, Limits
from serve.policies import Clock
from serve.refusals import Refusal

_BEARER = "bearer "


@dataclass(slots=True)
class _Bucket:
    """Fills by `per_second` up to `burst`; each request takes one."""

    name: str
    per_second: float
    burst: float
    level: float
    at: float


class Keys:
    """Holds digests, never keys."""

    def __init__(
        self, settings: tuple[KeySettings, ...], environ: Mapping[str, str], clock: Clock = time.monotonic
    ) -> None:
        """Raises UsageError where a key's variable is not set."""
        self._clock = clock
        now = clock()
        self._buckets = {
            _digest_of(key, environ): _Bucket(key.name, key.per_minute / 60, key.burst, key.burst, now)
            for key in settings
        }
        if len(self._buckets) < len(settings):
            raise UsageError("keys: two of them are the same key; expected one name for each")

    def admitted(self, authorization: str | None) -> str:
        """The name of the key. Raises Refusal: 401 for a wrong one, 429 where it asks too often."""
        if not authorization:
            raise Refusal(401, "missing_api_key", "no API key; expected the header Authorization: Bearer KEY")
        if authorization[: len(_BEARER)].lower() != _BEARER:
            raise Refusal(401, "invalid_api_key", "expected the header Authorization: Bearer KEY")
        bucket = self._buckets.get(_digest(authorization[len(_BEARER) :].strip()))
        if bucket is None:
            raise Refusal(401, "invalid_api_key", "this API key is not known here")
        self._take(bucket)
        return bucket.name

    def _take(self, bucket: _Bucket) -> None:
        now = self._clock()
        bucket.level = min(bucket.burst, bucket.level + (now - bucket.at) * bucket.per_second)
        bucket.at = now
        if bucket.level < 1:
            wait_s = (1 - bucket.level) / bucket.per_second
            raise Refusal(
                429,
                "rate_limit_exceeded",
                f"the key {bucket.name} may ask {bucket.per_second * 60:.0f} times a minute; the next time is in {wait_s:.1f} s",
                retry_after_s=wait_s,
            )
        bucket.level -= 1


def hashed(settings: tuple[KeySettings, ...], environ: Mapping[str, str]) -> tuple[KeySettings, ...]:
    """The same without what they are read from, so that they may be sent to other nodes. Raises UsageError."""
    return tuple(key.model_copy(update={"env": "", "sha256": _digest_of(key, environ)}) for key in settings)


def limits_of(settings: tuple[KeySettings, ...]) -> dict[str, Limits]:
    """Of the keys that have their own."""
    return {key.name: key.limits for key in settings if key.limits is not None}


def _digest_of(key: KeySettings, environ: Mapping[str, str]) -> str:
    if key.sha256:
        return key.sha256
    value = environ.get(key.env, "").strip()
    if not value:
        raise UsageError(
            f"keys: {key.name} is in the environment variable {key.env}, which is not set; set it, or name another"
        )
    return _digest(value)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
