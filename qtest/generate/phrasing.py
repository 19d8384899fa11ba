"""How a prompt is put together: a versioned file of instructions, then sections of quoted data, as many as a budget of tokens holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from qtest.records.completion import Message
from qtest.records.record import digest_of

Name = Literal["write", "name", "critic", "pick"]
VERSIONS: dict[Name, int] = {"write": 1, "name": 1, "critic": 1, "pick": 1}
_BYTES_A_TOKEN = 3  # code has shorter tokens than prose; an estimate that is too high only leaves out a little more


@dataclass(frozen=True)
class Section:
    """`data` is quoted, `said` is ours. Of those with a `rank` the highest are left out first; 0 always stays."""

    said: str
    data: str = ""
    rank: int = 0

    @property
    def text(self) -> str:
        return f"{self.said}\n{fenced(self.data)}" if self.data else self.said


def template(name: Name) -> str:
    """The name and version that a prompt carries."""
    return f"{name}-{VERSIONS[name]}"


@cache
def instructions(name: Name) -> str:
    return (files("qtest.generate") / "templates" / f"{template(name)}.txt").read_text("utf-8")


@cache
def version() -> str:
    """Of all instructions together: answers to others are not remembered as answers to these."""
    return digest_of("\0".join(f"{template(name)}\0{instructions(name)}" for name in VERSIONS))[:16]


def messages(name: Name, sections: Sequence[Section], budget_tokens: int) -> tuple[Message, ...]:
    """In the order given, without what the budget has no room for."""
    room = budget_tokens - tokens(instructions(name))
    kept = fitting(sections, room)
    return (
        Message(role="system", content=instructions(name)),
        Message(role="user", content="\n\n".join(section.text for section in kept)),
    )


def fitting(sections: Sequence[Section], room_tokens: int) -> list[Section]:
    """Without those of the highest ranks, one after the other, until the rest fits."""
    kept = list(sections)
    while sum(tokens(section.text) for section in kept) > room_tokens:
        last = max(kept, key=lambda section: section.rank, default=None)
        if last is None or not last.rank:
            break
        kept.remove(last)
    return kept


def tokens(text: str) -> int:
    """About how many; no model's own count."""
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_A_TOKEN)


def fenced(data: str) -> str:
    """Quoted between two lines that what is quoted cannot hold: they name its own digest."""
    mark = digest_of(data)[:8]
    return f"<<<DATA {mark}\n{data}\nDATA {mark}>>>"


def lines(texts: Iterable[str]) -> str:
    return "\n".join(texts)
