"""A pool with hands that die, fail and are slow."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from actors.jobs import Done, Job
from actors.pool import ATTEMPTS, DeadLetter, Pool, WorkerGone
from qtest.fakes import MemoryLedger
from qtest.records.run import LeaseRow

LONG_S = 60.0


def job(item: str) -> Job:
    return Job(run="r", stage="write", item=item, config="{}")


@dataclass
class Team:
    """Hands of one pool; `do` is what each does with a job."""

    do: Callable[[Job], Done]
    hired: list[str] = field(default_factory=list)
    dismissed: list[str] = field(default_factory=list)

    def hire(self, pool: str) -> "TeamHand":
        self.hired.append(f"{pool}-{len(self.hired)}")
        return TeamHand(self.hired[-1], self)


@dataclass(frozen=True)
class TeamHand:
    name: str
    team: Team = field(compare=False)
    pid: int = 0

    def do(self, job: Job) -> Done:
        return self.team.do(job)

    def dismiss(self) -> None:
        self.team.dismissed.append(self.name)


def pool(team: Team, *, most: int = 1, least: int = 1, idle_s: float = LONG_S) -> Pool:
    return Pool("p", team.hire, MemoryLedger(), lambda: 0, least, most, idle_s=idle_s, pause=lambda _: None)


def lease(pool: Pool, item: str) -> LeaseRow:
    (row,) = pool.ledger.rows(LeaseRow, item=item)
    return row


def test_what_a_dead_worker_held_is_given_to_another() -> None:
    deaths = iter([WorkerGone("killed"), WorkerGone("killed")])

    def do(job: Job) -> Done:
        for death in deaths:
            raise death
        return Done(artefact=job.item)

    team = Team(do)
    one = pool(team)
    assert one.submit(job("a")).result(LONG_S).artefact == "a"
    assert team.hired == ["p-0", "p-1", "p-2"]
    assert (lease(one, "a").state, lease(one, "a").attempt, lease(one, "a").owner) == ("done", 3, "p-2, pid 0")


def test_what_keeps_failing_is_a_dead_letter_with_its_reason_and_the_others_go_on() -> None:
    def do(job: Job) -> Done:
        if job.item == "bad":
            raise ValueError("no")
        return Done(artefact=job.item)

    one = pool(Team(do))
    bad, good = one.submit(job("bad")), one.submit(job("good"))
    with pytest.raises(DeadLetter, match="ValueError: no"):
        bad.result(LONG_S)
    assert good.result(LONG_S).artefact == "good"
    assert (lease(one, "bad").state, lease(one, "bad").attempt) == ("dead", ATTEMPTS)
    assert lease(one, "bad").note == "ValueError: no"


def test_workers_are_hired_for_what_waits_and_no_more_than_most() -> None:
    together = threading.Barrier(2, timeout=LONG_S)

    def do(job: Job) -> Done:
        together.wait()
        return Done(artefact=job.item)

    team = Team(do)
    one = pool(team, most=2)
    futures = [one.submit(job(str(number))) for number in range(6)]
    assert sorted(future.result(LONG_S).artefact for future in futures) == list("012345")
    assert len(team.hired) == 2


def test_who_hands_in_waits_while_the_queue_is_full() -> None:
    go = threading.Event()
    handed_in: list[str] = []

    def do(job: Job) -> Done:
        assert go.wait(LONG_S)
        return Done(artefact=job.item)

    one = pool(Team(do))

    def hand_in() -> None:
        for name in "abcdef":
            one.submit(job(name))
            handed_in.append(name)

    thread = threading.Thread(target=hand_in)
    thread.start()
    while len(handed_in) < 2:
        thread.join(0.01)
    assert len(handed_in) <= 3  # one is worked on, two wait
    assert thread.is_alive()
    go.set()
    thread.join(LONG_S)
    assert handed_in == list("abcdef")


def test_an_idle_worker_is_dismissed_down_to_the_least() -> None:
    team = Team(lambda job: Done(artefact=job.item))
    one = pool(team, least=0, idle_s=0.01)
    one.submit(job("a")).result(LONG_S)
    while not team.dismissed:
        threading.Event().wait(0.01)
    assert team.dismissed == ["p-0"]
    assert one.submit(job("b")).result(LONG_S).artefact == "b"
    assert team.hired == ["p-0", "p-1"]


def test_what_is_queued_of_a_cancelled_run_is_not_begun() -> None:
    begun: list[str] = []
    go = threading.Event()

    def do(job: Job) -> Done:
        begun.append(job.item)
        assert go.wait(LONG_S)
        return Done(artefact=job.item)

    one = pool(Team(do))
    first, second = one.submit(job("a")), one.submit(job("b"))
    while not begun:
        threading.Event().wait(0.01)
    one.drop("r")
    go.set()
    assert first.result(LONG_S).artefact == "a"
    with pytest.raises(DeadLetter, match="cancelled"):
        second.result(LONG_S)
    assert begun == ["a"]
    one.take_up("r")
    assert one.submit(job("c")).result(LONG_S).artefact == "c"
