"""One round over one package: all sides one after the other, so that a change of the machine's mood meets each of them."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generation.commit import ROOT
from benchmarks.generation.environments import Environment
from benchmarks.mutation import bound
from benchmarks.mutation.bound import Bound
from benchmarks.mutation.cores import cores, hold
from benchmarks.mutation.mutants import Named
from benchmarks.mutation.ours import Task, Told
from benchmarks.mutation.peers import Peer, mutmut
from benchmarks.mutation.subjects import Subject
from qtest.records.baseline import Environment as Interpreter
from qtest.records.baseline import Setting
from qtest.records.mutant import Mutant
from qtest.records.record import Record
from qtest.records.workbench import JudgeOrder

OURS_S = 900


class Round(Record):
    """`differing` names the mutants on which mutmut says otherwise. `load` is the machine's when the round began."""

    load: str
    ours: Told
    mutmut: Peer
    differing: tuple[str, ...] = ()
    bound: Bound = Bound()
    two: Told = Told()
    two_bounds: tuple[Bound, ...] = ()
    imports: Told = Told()


@dataclass(frozen=True)
class Ground:
    """A package laid in a folder, and the mutants every side is asked about."""

    subject: Subject
    folder: Path
    cache: Path
    environment: Environment
    same: tuple[Named, ...]
    fresh: tuple[Mutant, ...]

    def round(self) -> Round:
        load = " ".join(f"{one:.2f}" for one in os.getloadavg())
        setting = self._setting()
        ours = _ours(Task(setting=setting, mutants=tuple(one.mutant for one in self.same)), 1)
        theirs = mutmut(self.subject, self.cache, self.environment, [one.name for one in self.same], cores(1))
        if ours.problem:
            return Round(load=load, ours=ours, mutmut=theirs)
        clear = {row.mutant for row in ours.rows if row.status in ("killed", "survived")}  # what a bare fork can judge
        swaps = tuple(order for order in ours.orders if order.how == "swap" and order.mutant.id in clear)
        alone = bound.alone(setting, swaps)
        two = _ours(Task(setting=setting, known=swaps, workers=2), 2)
        return Round(
            load=load,
            ours=_short(ours),
            mutmut=theirs,
            differing=() if theirs.problem else self._differing(ours, theirs),
            bound=alone,
            two=_short(two),
            two_bounds=bound.side_by_side(setting, swaps),
            imports=_short(self._imports(setting, ours)),
        )

    def _imports(self, setting: Setting, ours: Told) -> Told:
        tests = tuple(dict.fromkeys(test for order in ours.orders for test in order.tests))
        orders = tuple(JudgeOrder(mutant=mutant, tests=tests, how="fresh import") for mutant in self.fresh)
        return _ours(Task(setting=setting, known=orders), 1) if orders and tests else Told()

    def _differing(self, ours: Told, theirs: Peer) -> tuple[str, ...]:
        names = {one.mutant.id: one.name for one in self.same}
        said = ((names[row.mutant], row.status == "killed") for row in ours.rows)
        return tuple(name for name, killed in said if killed != (name in theirs.killed))

    def _setting(self) -> Setting:
        asked = "import sys; print(sys.base_prefix); print(sys.version.split()[0])"
        python = str(self.environment.python)
        said = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True)
        base, version = said.stdout.split()
        readable = (str(self.environment.folder), base)
        return Setting(
            folder=str(self.folder),
            project=self.subject.project(),
            environment=Interpreter(python=python, version=version, origin="the benchmark's", readable=readable),
        )


def _ours(task: Task, count: int) -> Told:
    held: Sequence[int] = cores(count)
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "benchmarks.mutation.ours"],
            input=task.model_dump_json(),
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
            timeout=OURS_S,
            preexec_fn=lambda: hold(held),
        )
    except subprocess.TimeoutExpired:
        return Told(problem=f"not done in {OURS_S} s")
    if ran.returncode:
        return Told(problem=(ran.stderr.strip().splitlines() or ["it ended without a word"])[-1][:200])
    return Told.from_json(ran.stdout)


def _short(told: Told) -> Told:
    """Without the orders: what is asked of others comes from them, and no page shows them."""
    return told.model_copy(update={"orders": ()})
