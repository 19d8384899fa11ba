"""What the search keeps, and what it takes back."""

import random

from qtest.generate.search.archive import Archive
from qtest.generate.search.trial import Origin, Trial
from qtest.records.case import Argument, Call, Int
from qtest.records.workbench import Observation


def take(archive: Archive, target: str, number: int, kills: tuple[str, ...], origin: Origin = "search") -> None:
    trial = Trial(target, Call(target, (Argument(Int(number)),)), origin=origin)
    seen = Observation(
        candidate=0, status="ok", key=f"{target}{number}", kills=kills, reached=kills, features=(number,)
    )
    archive.take(trial, seen)


def test_what_only_made_up_calls_of_a_forgotten_target_killed_is_alive_again() -> None:
    archive = Archive(("one", "two", "three"), random.Random(0))
    take(archive, "m:_part", 1, ("one", "two"))
    take(archive, "m:whole", 2, ("two",))
    take(archive, "m:_part", 3, ("three",), "existing test")
    assert not archive.alive
    archive.forget("m:_part")
    assert list(archive.alive) == ["one"]
