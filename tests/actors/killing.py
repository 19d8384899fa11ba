"""Runs on a cluster of several raylets in which one process after another is killed with signal 9. As a script: prints a JSON object for
each round, the undisturbed one first."""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

STAGES = ("ingest", "model", "measure", "plan", "write", "assemble")
VICTIMS = (*STAGES, "mutation worker", "node", "ledger", "supervisor", "driver")
SAMPLE = Path(__file__).parents[1] / "samples" / "prices"
LONG_S = 300.0  # for anything that must happen some time
MISSED: dict[str, Any] = {"pid": 0, "leases": [], "after": 0}
TRIES = 5  # to meet a stage that is over in a moment
_HEALTH = {"health_check_initial_delay_ms": 1000, "health_check_period_ms": 1000, "health_check_timeout_ms": 5000, "health_check_failure_threshold": 5}  # fmt: skip


def eventually(what: str, look: Callable[[], Any], pause_s: float = 0.02) -> Any:
    ends = time.monotonic() + LONG_S
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        time.sleep(pause_s)
    raise TimeoutError(f"{what} did not come in {LONG_S:.0f} s")


class Arena:
    """A cluster of a head without CPUs and two nodes, and a store."""

    def __init__(self, folder: Path, evaluations: int) -> None:
        import ray
        from ray.cluster_utils import Cluster

        self.folder, self.evaluations = folder, evaluations
        self.cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 0, "_system_config": _HEALTH, "include_dashboard": False},
        )
        self.nodes = [self._node() for _ in range(2)]
        self.cluster.wait_for_nodes()
        ray.init(address=self.cluster.address, namespace="qtest", log_to_driver=False, logging_level="ERROR")
        self._ledger: Any = None

    def _node(self) -> Any:
        return self.cluster.add_node(num_cpus=1, resources={"sandbox": 1})

    def replace_node(self, node: Any) -> int:
        self.cluster.remove_node(node, allow_graceful=False)
        self.nodes.remove(node)
        self.nodes.append(self._node())
        return pid_of(self.nodes[-1])

    @property
    def ledger(self) -> Any:
        if self._ledger is None:
            from actors.ledger import LedgerClient

            self._ledger = LedgerClient()
        return self._ledger

    def resume(self, run: str) -> "subprocess.Popen[bytes]":
        command = [
            *(sys.executable, "-m", "qtest", "resume", run, "--address", self.cluster.address),
            *("--store", str(self.folder / "store"), "--out", str(self.folder / f"resumed-{run}")),
        ]
        log = open(self.folder / f"resumed-{run}.log", "wb")  # noqa: SIM115 - it is the child's
        return subprocess.Popen(command, stdout=log, stderr=log)

    def drive(self, name: str) -> "subprocess.Popen[bytes]":
        command = [
            *(sys.executable, "-m", "qtest", "run", str(SAMPLE), "--address", self.cluster.address, "--fresh"),
            *("--store", str(self.folder / "store"), "--evaluations", str(self.evaluations)),
            *("--out", str(self.folder / name)),
        ]
        log = open(self.folder / f"{name}.log", "wb")  # noqa: SIM115 - it is the child's
        return subprocess.Popen(command, stdout=log, stderr=log)

    def runs(self) -> set[str]:
        from qtest.records.run import RunRow

        return {row.run for row in self.ledger.rows(RunRow)} if supervisor() else set()

    def status(self, run: str) -> Any:
        from qtest.records.run import RunRow

        return self.ledger.rows(RunRow, run=run)[0]

    def owner(self, run: str, lease: dict[str, Any], old: int) -> int:
        """The pid that has the lease now, as the ledger says; 0 while it is the old one."""
        from qtest.records.run import LeaseRow

        (row,) = self.ledger.rows(LeaseRow, run=run, stage=lease["stage"], item=lease["item"])
        pid = int(row.owner.rpartition(" ")[2] or 0)
        return pid if pid != old else 0

    def hands(self) -> set[int]:
        """The pids of workers that ever had a lease: one that is still being hired must not be stopped."""
        from qtest.records.run import LeaseRow

        had = {int(row.owner.rpartition(" ")[2]) for row in self.ledger.rows(LeaseRow) if row.owner}
        return had & set(ray_processes(""))

    def tables(self, run: str) -> dict[str, list[Any]]:
        """What the run left, but for times."""
        from qtest.records.run import TestRow, VerdictRow

        tests = [row.model_dump(exclude={"run"}) for row in self.ledger.rows(TestRow, run=run)]
        verdicts = []
        for row in self.ledger.rows(VerdictRow, run=run):
            told = row.model_dump(exclude={"run", "record"})
            record = json.loads(row.record)
            verdicts.append(told | {"result": record["result"], "proof": record["proof"], "how": record["how"]})
        counts = self.status(run).model_dump(
            include={"status", "validated", "bugs", "rejected", "failed", "mutants", "killed"}
        )
        return {"tests": tests, "verdicts": verdicts, "run": [counts]}


def supervisor() -> Any:
    from actors.supervisor import find

    return find()


def asked(method: str) -> Any:
    """Of the supervisor; nothing while there is none."""
    import ray

    boss = supervisor()
    try:
        return ray.get(getattr(boss, method).remote(), timeout=30) if boss else None
    except ray.exceptions.RayError:
        return None


def leases() -> list[dict[str, Any]]:
    return asked("open_leases") or []


def ray_processes(beginning: str) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            title = path.read_bytes().split(b"\0")[0].decode(errors="replace")
        except OSError:
            continue
        if title.startswith(f"ray::{beginning}"):
            found.append(int(path.parent.name))
    return sorted(found)


def pid_of(node: Any) -> int:
    pid: int = node.all_processes["raylet"][0].process.pid
    return pid


def strike(
    arena: Arena, run: str, victim: str, driver: "subprocess.Popen[bytes]", rng: random.Random
) -> dict[str, Any]:
    """Kills it while there are open leases. What was killed, what was open, and who came after."""

    def killed(pid: int) -> dict[str, Any]:
        held = leases()
        os.kill(pid, signal.SIGKILL)
        return {"pid": pid, "leases": held}

    if victim in STAGES:
        caught = frozen(arena, run, victim)
        if caught is None:
            return MISSED
        done = killed(caught["pid"])
        after = eventually("its successor", lambda: arena.owner(run, caught, done["pid"]))
        return done | {"after": after}
    if victim == "mutation worker":
        pids = while_it_runs(arena, run, lambda: leases() and ray_processes("judged"))
        if not pids:
            return MISSED
        known = set(ray_processes(""))
        done = killed(rng.choice(pids))
        after = eventually("another", lambda: [other for other in ray_processes("") if other not in known])
        return done | {"after": after[-1]}
    while_it_runs(arena, run, leases)
    time.sleep(rng.random() * 4)  # a moment of the seed's choice
    if not while_it_runs(arena, run, leases):
        return MISSED
    if victim == "driver":
        held = leases()
        driver.kill()
        driver.wait()
        again = arena.resume(run)
        assert again.wait() == 0, (arena.folder / f"resumed-{run}.log").read_text()
        return {"pid": driver.pid, "leases": held, "after": again.pid}
    if victim == "node":
        node = rng.choice(arena.nodes)
        held, pid = leases(), pid_of(node)
        return {"pid": pid, "leases": held, "after": arena.replace_node(node)}
    if victim == "ledger":
        import ray

        from actors.ledger import find

        pid = ray.get(find().process.remote())
        done = killed(pid)
        after = eventually("the ledger", lambda: _ledger_pid(pid))
        return done | {"after": after}
    pid = asked("pid")
    done = killed(pid)
    after = eventually("the supervisor", lambda: (new := asked("pid")) and new != pid and new)
    return done | {"after": after}


def while_it_runs(arena: Arena, run: str, look: Callable[[], Any]) -> Any:
    """What is found; nothing when the run came to its end first."""
    found = look()
    while not found and arena.status(run).status == "running":
        time.sleep(0.02)
        found = look()
    return found


def frozen(arena: Arena, run: str, stage: str) -> dict[str, Any] | None:
    """A lease of that stage whose worker is stopped with the work in hand, so that it cannot end before it is killed. Workers that rest
    are stopped before they get it: a stage that is over in a moment could not be met otherwise. None when the run came to its end
    first."""
    stopped: set[int] = set()
    caught: dict[str, Any] | None = None
    try:
        while caught is None and arena.status(run).status == "running":
            known, held = arena.hands(), {lease["pid"]: lease for lease in leases()}
            for pid in known - stopped:
                if (pid not in held or held[pid]["stage"] == stage) and signalled(pid, signal.SIGSTOP):
                    stopped.add(pid)
            time.sleep(0.05)  # what they had sent before has arrived by then
            open_now = {lease["pid"]: lease for lease in leases()}
            for pid in sorted(stopped & set(open_now)):
                if open_now[pid]["stage"] == stage:
                    caught = open_now[pid]
                else:
                    signalled(pid, signal.SIGCONT)
                    stopped.discard(pid)
            if caught is not None:
                time.sleep(0.3)
                caught = caught if caught in leases() else None
    finally:
        for pid in stopped - {caught["pid"] if caught else 0}:
            signalled(pid, signal.SIGCONT)
    return caught


def signalled(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _ledger_pid(old: int) -> int:
    import ray

    from actors.ledger import find

    try:
        pid: int = ray.get(find().process.remote(), timeout=5)
    except (ray.exceptions.RayError, ValueError):
        return 0
    return pid if pid != old else 0


def rounds(folder: Path, victims: list[str], seed: str, evaluations: int) -> Iterator[dict[str, Any]]:
    rng = random.Random(seed)
    arena = Arena(folder, evaluations)
    driver = arena.drive("undisturbed")
    assert driver.wait() == 0, (folder / "undisturbed.log").read_text()
    (first,) = arena.runs()
    expected = arena.tables(first)
    yield {"victim": "nobody", "run": first, "rows": {name: len(rows) for name, rows in expected.items()}}
    for number, victim in enumerate(victims):
        for attempt in range(TRIES):
            told = one_round(arena, f"round-{number}-{attempt}", victim, rng, expected)
            yield told
            if not told["void"]:
                break


def one_round(
    arena: Arena, name: str, victims: str, rng: random.Random, expected: dict[str, list[Any]]
) -> dict[str, Any]:
    """`victims`, one or more with + between, are struck one after the other in one run; the driver only last. Void when at one of them
    there was no open lease at the instant of the kill, or nobody came after."""
    before, started = arena.runs(), time.monotonic()
    driver = arena.drive(name)
    (run,) = eventually("the run", lambda: arena.runs() - before)
    names = victims.split("+")
    struck = [{"victim": victim, **strike(arena, run, victim, driver, rng)} for victim in names]
    eventually("its end", lambda: arena.status(run).status != "running", 0.2)
    code = driver.wait() if names[-1] != "driver" else None
    found = arena.tables(run)
    return {
        "victim": victims,
        "run": run,
        "struck": struck,
        "code": code,
        "equal": found == expected,
        "differs": [
            [was, now]
            for table in expected
            for was, now in zip(expected[table], found[table], strict=False)
            if was != now
        ][:3],
        "rows": {table: len(rows) for table, rows in found.items()},
        "void": any(not one["leases"] or not one["after"] or one["after"] == one["pid"] for one in struck),
        "wall_s": round(time.monotonic() - started, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=len(VICTIMS))
    parser.add_argument("--seed", default="0")
    parser.add_argument("--evaluations", type=int, default=400)
    parser.add_argument("--victims", default="")
    asked_for = parser.parse_args()
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    os.environ.setdefault("RAY_worker_niceness", "0")
    warnings.filterwarnings("ignore")
    names = (
        asked_for.victims.split(",")
        if asked_for.victims
        else [VICTIMS[n % len(VICTIMS)] for n in range(asked_for.rounds)]
    )
    with tempfile.TemporaryDirectory(prefix="qtest-kill-") as folder:
        for told in rounds(Path(folder), names, asked_for.seed, asked_for.evaluations):
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
