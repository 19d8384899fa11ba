"""`qtest mutate` on a cluster of several raylets, one of which dies with mutants in hand. As a script: prints a JSON object for each round."""

import json
import os
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from killing import SAMPLE, Arena, pid_of, ray_processes, signalled

MUTANTS = 60
TRIES = 15  # to meet a worker between two results, however busy the machine is


@dataclass
class Seen:
    """Names of judged orders: how often each was sent, which came back, and which were sent after they had."""

    sent: Counter[str] = field(default_factory=Counter)
    back: set[str] = field(default_factory=set)
    idle: set[str] = field(default_factory=set)


def watched(executor: Any, seen: Seen) -> Any:
    """The executor of a cluster, which tells what it sends."""
    from actors.executor import RayExecutor

    class Watched(RayExecutor):
        def map(self, work: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:
            for result in super().map(work, items):
                if work.__name__ == "judged" and isinstance(result, tuple):
                    seen.back.update(f"{run.mutant} {run.alone}" for run in result)
                yield result

        def _send(self, work: Callable[..., Any], item: Any) -> Any:
            if work.__name__ == "judged":
                names = [f"{order.mutant.id} {order.alone}" for order in item.orders]
                seen.idle.update(seen.back.intersection(names))
                seen.sent.update(names)
            return super()._send(work, item)

    executor.__class__ = Watched
    return executor


def judged(arena: Arena, run: str, seen: Seen) -> dict[str, Any]:
    """What a run says, but for times."""
    from actors.client import house_on
    from qtest.config import Config, MutateSettings, TargetSettings, WhereSettings
    from qtest.mutating import MutateRun

    config = Config(
        target=TargetSettings(repository=str(SAMPLE)),
        where=WhereSettings(store=str(arena.folder / "store"), fresh=True),
        mutate=MutateSettings(ask_s=0, sample=MUTANTS),
    )
    with house_on(arena.cluster.address, config) as (house, ledger, hands):
        house.executor = watched(house.executor, seen)
        report = MutateRun(house, ledger, config, run, hands, lambda _: None, time.monotonic()).report(str(SAMPLE))
    verdicts = [[one.mutant.id, one.how, one.result.status, *getattr(one.result, "by", ())] for one in report.verdicts]
    return {"red": report.red, "controls": report.controls.model_dump(), "verdicts": verdicts}


def strike(arena: Arena, over: threading.Event) -> bool:
    """Ends a node with a batch in hand: its worker is stopped first, so that it cannot finish. False when the run was over before."""
    while not over.is_set():
        for worker in ray_processes("judged"):
            node = next((node for node in arena.nodes if pid_of(node) == parent_of(worker)), None)
            if node is None or not signalled(worker, signal.SIGSTOP):
                continue
            time.sleep(0.1)  # what it had sent before has arrived by then
            if worker in ray_processes("judged"):
                arena.replace_node(node)
                signalled(worker, signal.SIGKILL)
                return True
            signalled(worker, signal.SIGCONT)
        time.sleep(0.02)
    return False


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def one_round(arena: Arena, name: str, expected: dict[str, Any]) -> dict[str, Any]:
    """Nodes are added by the main thread: Ray sets handlers of signals there."""
    seen, over = Seen(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(judged, arena, name, seen)
        found.add_done_callback(lambda _: over.set())
        struck = strike(arena, over)
    return {
        "void": not struck or not any(count > 1 for count in seen.sent.values()),  # its batch had come back before
        "equal": found.result() == expected,
        "twice": sum(count > 1 for count in seen.sent.values()),
        "idle": len(seen.idle),
        "orders": len(seen.sent),
    }


def main() -> None:
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    os.environ.setdefault("RAY_worker_niceness", "0")
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory(prefix="qtest-strike-") as folder:
        arena = Arena(Path(folder), 0)
        expected = judged(arena, "undisturbed", Seen())
        print(json.dumps({"red": expected["red"], "verdicts": len(expected["verdicts"])}), flush=True)
        for attempt in range(TRIES):
            told = one_round(arena, f"round-{attempt}", expected)
            print(json.dumps(told), flush=True)
            if not told["void"]:
                return
    sys.exit("no node could be struck with a batch in hand")


if __name__ == "__main__":
    main()
