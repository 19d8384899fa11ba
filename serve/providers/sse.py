"""Server-sent events out of bytes, however they were cut up on the way."""

import re
from dataclasses import dataclass

from serve.seams import ProviderError

MOST_BYTES = 4 * 2**20  # of one event: no piece of an answer is that long, and nobody may fill our memory
_END = re.compile(rb"\r\n|\n|\r(?=.)", re.DOTALL)  # the LF of a last CR may still be on its way


@dataclass(frozen=True)
class Event:
    name: str
    data: str


class Events:
    """Lines end in CR, LF or both, as the standard says, and nowhere else: what `str.splitlines` takes for the end of a line may stand in
    an answer. A character may be cut in two."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that this completes. Raises ProviderError for what is no text, or never ends."""
        *lines, self._rest = _END.split(self._rest + chunk)
        events = [event for line in lines for event in self._take(line)]
        if self._size + len(self._rest) > MOST_BYTES:
            raise ProviderError("garbage", f"an event of more than {MOST_BYTES // 2**20} MiB")
        return events

    def _take(self, line: bytes) -> list[Event]:
        if not line:
            events = [Event(self._name, "\n".join(self._data))] if self._data else []
            self._name, self._data, self._size = "", [], 0
            return events
        self._size += len(line)
        field, _, value = line.partition(b":")
        try:
            text = value.removeprefix(b" ").decode()
        except UnicodeDecodeError:
            raise ProviderError("garbage", "an event that is no UTF-8") from None
        if field == b"data":
            self._data.append(text)
        elif field == b"event":
            self._name = text
        return []
