"""The stages on a cluster: what each does with a job, how many workers it may have, and what one of them asks for."""

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal

import ray

from actors.executor import RayExecutor
from actors.jobs import Done, Errand, Job, Planned, StageKind
from actors.workplace import Workplace, workplace
from qtest import keys
from qtest.config import Config
from qtest.errors import QTestError, UsageError
from qtest.line import left_out, places
from qtest.memory import Memory
from qtest.plan.unwritten import unwritten
from qtest.records.baseline import Baseline, ProjectBaseline
from qtest.records.outcome import Draft
from qtest.records.plan import Brief, Budget
from qtest.records.record import Record
from qtest.records.source import RawSourceBundle
from qtest.records.system import SystemModel
from qtest.stages import Made, Stages
from qtest.wiring import hired, now_ms

Profile = Literal["laptop", "cluster"]
log = logging.getLogger("qtest")
ASKING: tuple[StageKind, ...] = ("plan", "write")  # those that ask a language model, where there is one
WINDOW = 16  # tasks of one map in flight


@dataclass(frozen=True)
class Desk:
    """A job with the parts of its process."""

    here: Workplace
    stages: Stages
    job: Job
    allot: Callable[[Brief], Budget]

    def bundle(self, number: int = 0) -> Made[RawSourceBundle]:
        digest = self.job.inputs[number]
        return Made(self.here.read(RawSourceBundle, digest), digest)

    def put(self, record: Record) -> str:
        return self.here.store.put(record.to_json().encode())


def ingest(desk: Desk) -> Done:
    """Of a repository whose folder is seen from here."""
    assert desk.job.repository is not None, "a job of this stage has a repository"
    return Done(artefact=desk.stages.ingest(desk.job.repository).artefact)


def model(desk: Desk) -> Done:
    """Of a bundle."""
    made = desk.stages.model(desk.bundle().what)
    return Done(artefact=made.artefact, remembered=made.remembered)


def measure(desk: Desk) -> Done:
    """Of a bundle and the root of a project in it; `context` is the user's folder."""
    bundle = desk.bundle()
    project = next(project for project in bundle.what.projects if project.root == desk.job.project)
    made = desk.stages.ground(bundle, project, desk.job.context)
    return Done(artefact=made.artefact, remembered=made.remembered)


def plan(desk: Desk) -> Done:
    """Of a bundle, its model, and the baselines of its projects: the order of modules, and a brief of each."""
    bundle, system = desk.bundle().what, desk.here.read(SystemModel, desk.job.inputs[1])
    grounds = {digest: desk.here.read(ProjectBaseline, digest) for digest in desk.job.inputs[2:]}
    digests = {ground.suite.project: digest for digest, ground in grounds.items()}
    baseline = Baseline(projects=tuple(grounds.values()))
    made = desk.stages.plan(system, baseline, bundle).what
    contexts = keys.context(bundle, system)
    errands = tuple(
        Errand(
            module=brief.module.name,
            brief=desk.put(brief),
            ground=digests[brief.project],
            context=contexts[brief.module.name],
            share=brief.share,
        )
        for brief in desk.stages.briefs(bundle, system, baseline, made)
    )
    planned = Planned(
        errands=errands,
        targets=sum(target.written for target in made.targets),
        left_out=left_out(made),
        places=tuple(places(system, made)),
        problems=system.problems,
        unwritten=unwritten(made, system),
    )
    return Done(artefact=desk.put(planned))


def write(desk: Desk) -> Done:
    """Of a brief and its project's baseline; `context` as `keys.context` says."""
    brief, ground = _module(desk)
    made = desk.stages.write(brief, ground, desk.job.context, desk.allot)
    return Done(artefact=made.artefact, remembered=made.remembered)


def assemble(desk: Desk) -> Done:
    """Of a brief, its project's baseline and its draft."""
    brief, ground = _module(desk)
    digest = desk.job.inputs[2]
    made = desk.stages.close(brief, ground, Made(desk.here.read(Draft, digest), digest))
    return Done(artefact=made.artefact, remembered=made.remembered)


def _module(desk: Desk) -> tuple[Brief, ProjectBaseline]:
    brief, ground = desk.job.inputs[:2]
    return desk.here.read(Brief, brief), desk.here.grounded(desk.here.read(ProjectBaseline, ground))


@dataclass(frozen=True)
class Stage:
    """`cpus` are those of one worker: none where it only waits for tasks and processes. `workers` are least and most, by profile."""

    work: Callable[[Desk], Done]
    pool: str
    cpus: float
    workers: Mapping[Profile, tuple[int, int]]


_LIGHT = (1, 1)
STAGES: Mapping[StageKind, Stage] = {
    "ingest": Stage(ingest, "ingestion", 0, {"laptop": _LIGHT, "cluster": (1, 4)}),
    "model": Stage(model, "modelling", 1, {"laptop": _LIGHT, "cluster": (1, 8)}),
    "measure": Stage(measure, "modelling", 0, {"laptop": _LIGHT, "cluster": (1, 8)}),
    "plan": Stage(plan, "planning", 0, {"laptop": _LIGHT, "cluster": (1, 2)}),
    "write": Stage(write, "generation", 0, {"laptop": (1, 8), "cluster": (2, 8)}),
    "assemble": Stage(assemble, "integration", 0, {"laptop": _LIGHT, "cluster": (1, 4)}),
}


class StageWorker:
    """An actor that owns a share of one pool's work. It waits for tasks, which do what takes CPU."""

    def __init__(self, name: str, tasks: Mapping[str, Any]) -> None:
        self._name, self._tasks = name, tasks
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")  # to the actor's own log

    def do(self, job: Job) -> Done:
        """What ends the job for good comes back as its problem; what may be better next time is raised."""
        config = Config.from_json(job.config)
        here = workplace(config.unsafe_no_sandbox)
        executor = RayExecutor(self._tasks, window=WINDOW, unsafe=config.unsafe_no_sandbox)
        here.house.executor = executor
        memory = Memory(here.ledger, here.store, job.run, now_ms, config.where.fresh)
        log.info("run %s: %s %s begins", job.run, job.stage, job.item)
        try:
            with hired(config) if job.stage in ASKING else nullcontext() as writer:
                stages = Stages(here.house, config, memory, writer)
                done = STAGES[job.stage].work(Desk(here, stages, job, lambda brief: _allotted(job.run, brief)))
        except QTestError as error:
            done = Done(problem=str(error), mistake=isinstance(error, UsageError))
        how = done.problem or ("remembered" if done.remembered else "done")
        log.info("run %s: %s %s: %s", job.run, job.stage, job.item, how)
        return done.model_copy(update={"pid": os.getpid()})

    def pid(self) -> int:
        return os.getpid()

    def __repr__(self) -> str:
        return self._name


RemoteStageWorker: Any = ray.remote(StageWorker)


def _allotted(run: str, brief: Brief) -> Budget:
    """The supervisor's meter knows what is left; it needs the mutants' kinds and no text."""
    if brief.share.wall_s is None:
        return brief.share
    supervisor: Any = ray.get_actor("supervisor", namespace="qtest")
    small = brief.model_copy(update={"source": "", "siblings": (), "usages": (), "neighbours": (), "targets": ()})
    found: Any = ray.get(supervisor.allot.remote(run, small))
    return Budget.model_validate(found)
