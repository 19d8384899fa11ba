"""QTest's side: run as `python -m benchmarks.mutation.ours SETTINGS`, one JSON line out. The sandbox is part of it."""

import json
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from qtest.adapters import sandbox as sandboxes
from qtest.adapters.workbench import SandboxWorkbench
from qtest.languages.python.toolchain import PythonToolchain
from qtest.measure.baseline import measure
from qtest.mutation.plan import orders, reach
from qtest.records.baseline import Environment, Setting, Suite
from qtest.records.mutant import Mutant, MutantRun
from qtest.records.source import Project
from qtest.records.workbench import JudgeLimits, JudgeOrder
from qtest.verdict import rule
from qtest.mutation.judge import _facts


def main(words: list[str]) -> int:
    asked = json.loads(sys.stdin.read())
    setting = Setting(
        folder=asked["folder"],
        project=Project.model_validate(asked["project"]),
        environment=Environment.model_validate(asked["environment"]),
    )
    mutants = [Mutant.model_validate(one) for one in asked["mutants"]]
    sandbox = sandboxes.choose()
    started = time.monotonic()
    with SandboxWorkbench(sandbox, PythonToolchain()) as workbench:
        suite = measure(setting, PythonToolchain(), sandbox, workbench).suite
    measured_s = time.monotonic() - started
    if not suite.usable:
        print(json.dumps({"problem": suite.reason}))
        return 0
    reached = reach(suite.measured, suite.usable)
    wanted = [order for _, order in orders(mutants, reached) if order]
    print(
        json.dumps(
            {
                "measure_s": measured_s,
                **_judged(setting, wanted, asked["workers"], sandbox),
                "orders": [o.model_dump(mode="json") for o in wanted],
            }
        )
    )
    return 0


def _judged(setting, wanted, workers, sandbox):
    parts = [wanted[number::workers] for number in range(workers)]
    barrier = threading.Barrier(workers)
    rows: list[list] = [[] for _ in parts]
    starts, ends, begun = [0.0] * workers, [0.0] * workers, [0.0] * workers

    def work(number):
        begun[number] = time.monotonic()
        with SandboxWorkbench(sandbox, PythonToolchain()) as workbench:
            part = parts[number]
            warm = [next((o for o in part if o.how == how), None) for how in ("swap", "fresh import")]
            warm = [o for o in warm if o]
            stream = workbench.judge(setting, [*warm, *part], JudgeLimits())
            for _ in warm:
                next(stream)
            barrier.wait()
            starts[number] = last = time.monotonic()
            for run in stream:
                now = time.monotonic()
                rows[number].append(
                    {
                        "mutant": run.mutant,
                        "how": run.how,
                        "s": now - last,
                        "child_s": run.wall_s,
                        "cpu_s": run.cpu_s,
                        "status": rule(_facts(run)).status,
                        "tests": len(run.finished),
                        "note": run.note,
                    }
                )
                last = now
            ends[number] = last

    threads = [threading.Thread(target=work, args=(n,)) for n in range(workers)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return {
        "start_s": max(starts) - min(begun),
        "judge_s": max(ends) - min(starts),
        "rows": [r for part in rows for r in part],
    }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
