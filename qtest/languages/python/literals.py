"""Python literals that a person can read: text, bytes, numbers, dates, patterns."""

import datetime
import unicodedata

_SHORT = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_FLAGS = {"a": "ASCII", "i": "IGNORECASE", "m": "MULTILINE", "s": "DOTALL", "u": "UNICODE", "x": "VERBOSE"}


def text(value: str, quote: str = '"') -> str:
    """Printable characters stay; control, bidirectional, invisible and surrogate ones are escaped."""
    composed = unicodedata.normalize("NFC", value) == value
    other = "'" if quote == '"' else '"'
    chosen = other if quote in value and other not in value else quote
    return chosen + "".join(_character(char, chosen, composed) for char in value) + chosen


def _character(char: str, quote: str, composed: bool) -> str:
    if char in _SHORT:
        return _SHORT[char]
    if char == quote:
        return "\\" + char
    if char.isprintable() and (composed or not unicodedata.category(char).startswith("M")):
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def raw(pattern: str) -> str:
    """A pattern as `r"..."` where that can be written, else escaped."""
    writable = pattern.isprintable() and '"' not in pattern and not pattern.endswith("\\")
    return f'r"{pattern}"' if writable and "\\" in pattern else text(pattern)


def octets(value: bytes) -> str:
    inner = text(value.decode("latin-1"))
    return "b" + "".join(char if ord(char) < 128 else f"\\x{ord(char):02x}" for char in inner)


def number(value: str) -> str:
    if value in ("nan", "inf", "-inf"):
        return f'float("{value}")'
    return repr(float(value))


def date(iso: str) -> str:
    day = datetime.date.fromisoformat(iso)
    return f"datetime.date({day.year}, {day.month}, {day.day})"


def time(iso: str) -> str:
    moment = datetime.time.fromisoformat(iso)
    parts = [str(part) for part in _clock(moment.hour, moment.minute, moment.second, moment.microsecond)]
    return f"datetime.time({', '.join([*parts, *_zone(moment.utcoffset())])})"


def date_time(iso: str) -> str:
    moment = datetime.datetime.fromisoformat(iso)
    clock = _clock(moment.hour, moment.minute, moment.second, moment.microsecond)
    parts = [str(part) for part in (moment.year, moment.month, moment.day, *clock)]
    return f"datetime.datetime({', '.join([*parts, *_zone(moment.utcoffset())])})"


def _clock(hour: int, minute: int, second: int, microsecond: int) -> tuple[int, ...]:
    if microsecond:
        return hour, minute, second, microsecond
    return (hour, minute, second) if second else (hour, minute)


def _zone(offset: datetime.timedelta | None) -> list[str]:
    if offset is None:
        return []
    if not offset:
        return ["tzinfo=datetime.timezone.utc"]
    return [f"tzinfo=datetime.timezone({duration(offset // datetime.timedelta(microseconds=1))})"]


def duration(microseconds: int) -> str:
    """In the units a person would use; a negative one with a minus before it."""
    left, parts = abs(microseconds), []
    for unit, size in (("days", 86_400_000_000), ("hours", 3_600_000_000), ("minutes", 60_000_000)):
        count, left = divmod(left, size)
        parts += [f"{unit}={count}"] if count else []
    seconds, micros = divmod(left, 1_000_000)
    parts += [f"seconds={seconds}"] if seconds else []
    parts += [f"microseconds={micros}"] if micros else []
    return f"{'-' if microseconds < 0 else ''}datetime.timedelta({', '.join(parts)})"


def flags(letters: str) -> str:
    return " | ".join(f"re.{_FLAGS[letter]}" for letter in letters)
