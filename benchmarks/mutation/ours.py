"""QTest's side, sandbox and all: run as `python -m benchmarks.mutation.ours` with a Task on stdin, a Told on stdout.

A process of its own, so that it can be held to as many cores as it has workers.
"""

import sys
import threading
import time
from collections.abc import Sequence

from qtest.adapters import sandbox as sandboxes
from qtest.adapters.workbench import SandboxWorkbench
from qtest.languages.python.toolchain import PythonToolchain
from qtest.measure.baseline import measure
from qtest.mutation.judge import facts_of
from qtest.mutation.plan import orders, reach
from qtest.ports import Sandbox
from qtest.records.baseline import Setting
from qtest.records.mutant import Mutant, MutantRun
from qtest.records.record import Record
from qtest.records.workbench import JudgeLimits, JudgeOrder
from qtest.verdict import rule


class Task(Record):
    """`known`, when given, are orders of an earlier run: then nothing is measured again."""

    setting: Setting
    mutants: tuple[Mutant, ...] = ()
    known: tuple[JudgeOrder, ...] = ()
    workers: int = 1


class Row(Record):
    """`wall_s` from the answer before to this one: all that lies between two mutants is in it."""

    mutant: str
    how: str
    status: str
    wall_s: float


class Told(Record):
    """`measure_s` is the suite three times plain and twice under coverage; `start_s` from then until each worker has judged one mutant
    of each kind, which are judged again in the measured time, `judge_s`."""

    problem: str = ""
    measure_s: float = 0.0
    start_s: float = 0.0
    judge_s: float = 0.0
    orders: tuple[JudgeOrder, ...] = ()
    rows: tuple[Row, ...] = ()


def main() -> int:
    task = Task.from_json(sys.stdin.read())
    sandbox = sandboxes.choose()
    begun = time.monotonic()
    if task.known:
        sys.stdout.write(_judged(task.setting, task.known, task.workers, sandbox, 0.0).model_dump_json())
        return 0
    with SandboxWorkbench(sandbox, PythonToolchain()) as workbench:
        suite = measure(task.setting, PythonToolchain(), sandbox, workbench).suite
    measure_s = time.monotonic() - begun
    if suite.empty:
        sys.stdout.write(Told(problem=suite.reason or "no test passes").model_dump_json())
        return 0
    wanted = [order for _, order in orders(task.mutants, reach(suite.measured, suite.usable)) if order]
    sys.stdout.write(_judged(task.setting, wanted, task.workers, sandbox, measure_s).model_dump_json())
    return 0


def _judged(setting: Setting, wanted: Sequence[JudgeOrder], count: int, sandbox: Sandbox, measure_s: float) -> Told:
    barrier = threading.Barrier(count)
    workers = [_Worker(setting, wanted[number::count], sandbox, barrier) for number in range(count)]
    begun = time.monotonic()
    threads = [threading.Thread(target=worker.work) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    problem = next((worker.problem for worker in workers if worker.problem), "")
    started = max(worker.started for worker in workers)
    return Told(
        problem=problem,
        measure_s=measure_s,
        start_s=started - begun,
        judge_s=max(worker.ended for worker in workers) - started,
        orders=tuple(wanted),
        rows=tuple(row for worker in workers for row in worker.rows),
    )


class _Worker:
    def __init__(
        self, setting: Setting, part: Sequence[JudgeOrder], sandbox: Sandbox, barrier: threading.Barrier
    ) -> None:
        self.setting, self.part, self.sandbox, self.barrier = setting, part, sandbox, barrier
        self.rows: list[Row] = []
        self.problem = ""
        self.started = self.ended = 0.0

    def work(self) -> None:
        try:
            with SandboxWorkbench(self.sandbox, PythonToolchain()) as workbench:
                self._run(workbench)
        except Exception as error:  # told in the row of results
            self.problem = f"{type(error).__name__}: {error}"
            self.barrier.abort()

    def _run(self, workbench: SandboxWorkbench) -> None:
        firsts = [next((one for one in self.part if one.how == how), None) for how in ("swap", "fresh import")]
        warm = [one for one in firsts if one]
        runs = workbench.judge(self.setting, [*warm, *self.part], JudgeLimits())
        for _ in warm:
            next(runs)
        self.barrier.wait()
        self.started = last = time.monotonic()
        for run in runs:
            now = time.monotonic()
            self.rows.append(_row(run, now - last))
            last = now
        self.ended = last


def _row(run: MutantRun, wall_s: float) -> Row:
    return Row(mutant=run.mutant, how=run.how, status=rule(facts_of(run)).status, wall_s=wall_s)


if __name__ == "__main__":
    raise SystemExit(main())
