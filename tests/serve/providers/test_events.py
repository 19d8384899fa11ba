"""Server-sent events, however they are cut up."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.providers import sse
from serve.providers.sse import Event, Events
from serve.seams import ProviderError

TEXTS = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)
EVENTS = st.lists(st.builds(Event, TEXTS, st.lists(TEXTS, min_size=1, max_size=3).map("\n".join)), max_size=5)


def written(events: list[Event], end: str) -> bytes:
    lines = [
        line
        for event in events
        for line in (": ping", f"event: {event.name}", *(f"data: {part}" for part in event.data.split("\n")), "")
    ]
    return "".join(line + end for line in lines).encode()


@given(EVENTS, st.sampled_from(["\n", "\r\n", "\r"]), st.lists(st.integers(0, 300), max_size=8))
def test_events_are_the_same_wherever_the_bytes_are_cut(events: list[Event], end: str, cuts: list[int]) -> None:
    data = (
        written(events, end) + b"\n"
    )  # the last CR is only sure to be a whole line end when something comes behind it
    reader = Events()
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    found = [event for at, to in pairwise(places) for event in reader.feed(data[at:to])]
    assert found == events


def test_fields_that_are_not_known_are_passed_over() -> None:
    assert Events().feed(b"id: 7\nretry: 3\ndata:x\n\n") == [Event("", "x")]


def test_an_event_that_never_ends_is_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MOST_BYTES", 100)
    reader = Events()
    with pytest.raises(ProviderError, match="an event of more than"):
        for _ in range(20):
            reader.feed(b"data: 0123456789\n")
