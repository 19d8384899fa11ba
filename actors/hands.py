"""A pool's worker as a Ray actor."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import ActorUnavailableError, RayActorError, RayTaskError

from actors.jobs import Done, Job
from actors.pool import WorkerGone
from actors.stages import RemoteStageWorker

STARTED_S = 120.0


@dataclass(frozen=True)
class RayHand:
    """Answers the pool's `Hand`."""

    name: str
    pid: int
    actor: Any = field(compare=False)

    @classmethod
    def hire(cls, pool: str, cpus: float, tasks: Mapping[str, Any]) -> "RayHand":
        """Raises WorkerGone when it does not start: the pool tries again."""
        name = f"{pool}-{secrets.token_hex(3)}"
        actor = RemoteStageWorker.options(
            name=name,
            num_cpus=cpus,
            max_restarts=0,
            max_task_retries=0,
            max_concurrency=2,
            scheduling_strategy="SPREAD",
        ).remote(name, tasks)
        try:
            pid: Any = ray.get(actor.pid.remote(), timeout=STARTED_S)
        except (RayActorError, ray.exceptions.GetTimeoutError) as error:
            raise WorkerGone(f"{name} did not start: {_first(error)}") from error
        return cls(name, int(pid), actor)

    def do(self, job: Job) -> Done:
        try:
            done: Done = ray.get(self.actor.do.options(name=f"{job.stage} {job.item}").remote(job))
        except (RayActorError, ActorUnavailableError) as error:
            self.dismiss()  # one that is only out of reach must not work on beside its successor
            raise WorkerGone(_first(error)) from error
        except RayTaskError as error:
            raise RuntimeError(f"{type(error.cause).__name__}: {error.cause}") from error
        return done

    def dismiss(self) -> None:
        ray.kill(self.actor)


def _first(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:300]
