"""Keys are known by their digests, and each may ask as often as it may."""

from typing import Any

import pytest

from qtest.errors import UsageError
from serve.access import Keys
from serve.config import KeySettings
from serve.refusals import Refusal

KEY = KeySettings(name="ci", env="K", per_minute=60, burst=2)


def test_a_key_whose_variable_is_not_set_is_named() -> None:
    for environ in ({}, {"K": " "}):
        with pytest.raises(UsageError, match="ci is in the environment variable K, which is not set"):
            Keys((KEY,), environ)


def test_two_names_for_one_key_are_refused() -> None:
    with pytest.raises(UsageError, match="two of them are the same key"):
        Keys((KEY, KeySettings(name="other", env="L")), {"K": "k", "L": "k"})


def test_no_key_is_kept() -> None:
    keys = Keys((KEY,), {"K": "s3cret"})
    assert "s3cret" not in str([vars(keys), *map(repr, keys._buckets.items())])


def test_a_key_is_let_in_again_as_time_passes_and_never_more_than_its_burst(clock: Any) -> None:
    keys = Keys((KEY,), {"K": "k"}, clock)

    def let_in() -> int:
        count = 0
        try:
            while True:
                assert keys.admitted("Bearer k") == "ci"
                count += 1
        except Refusal as refusal:
            assert (refusal.status, refusal.headers()) == (429, {"Retry-After": "1"})
        return count

    counts = [let_in()]
    for seconds in (0.5, 0.5, 100.0):
        clock.now += seconds
        counts.append(let_in())
    assert counts == [2, 0, 1, 2]


def test_one_key_does_not_use_up_what_another_may_ask(clock: Any) -> None:
    keys = Keys((KEY, KeySettings(name="other", env="L", burst=1)), {"K": "k", "L": "l"}, clock)
    keys.admitted("Bearer l")
    with pytest.raises(Refusal):
        keys.admitted("Bearer l")
    assert keys.admitted("bearer k") == "ci"
