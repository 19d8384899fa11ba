"""The line of a cluster: every stage is a job for a pool, and what flows between them are digests."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field

from actors.jobs import Done, Errand, Job, Planned, StageKind
from actors.pool import DeadLetter, Pool
from qtest.config import Config
from qtest.errors import QTestError, UsageError
from qtest.languages import LANGUAGES
from qtest.line import brief_ground
from qtest.meter import Meter
from qtest.pipeline import Line
from qtest.plan.unwritten import joined
from qtest.ports import Store
from qtest.records.baseline import ProjectBaseline
from qtest.records.facts import RunFacts
from qtest.records.outcome import Draft, Failure, ModuleOutcome
from qtest.records.plan import Brief
from qtest.records.sandbox import Guarantees
from qtest.records.source import RawSourceBundle, Repository

Grounds = tuple[str, ...]
ClusterLine = Line[str, str, Grounds, str, Errand, "Written"]


LOOK_S = 0.5  # how long an answer is waited for before looking whether the run was stopped


class Stopped(Exception):
    """The run was cancelled while an answer was waited for."""


@dataclass(frozen=True)
class Written:
    """A module whose draft is on its way, or could not be made."""

    errand: Errand
    draft: "Future[Done]"


@dataclass
class Remote:
    """One run's. `pools` by stage; `facts` grow as the stages end; once `stopped`, what waits raises Stopped.
    `bundle_read` is the bundle's digest where it was read before; `read` hears of it."""

    run: str
    config: Config
    pools: dict[StageKind, Pool]
    store: Store
    meter: Meter
    learn: Callable[[RunFacts], None]
    guarantees: Guarantees
    stopped: Callable[[], bool]
    bundle_read: str = ""
    read: Callable[[str], None] = lambda _: None
    facts: RunFacts = field(default_factory=RunFacts)

    def line(self) -> ClusterLine:
        return Line(
            ingest=self._ingest,
            model=self._model,
            measure=self._measure,
            plan=self._plan,
            brief=self._errands,
            write=self._write,
            assemble=self._assemble,
        )

    def _ingest(self, repository: Repository) -> str:
        self.meter.say("read", note=f"reading {repository.spec}")
        digest = self.bundle_read or self._ask("ingest", "bundle", repository=repository).artefact
        self.read(digest)
        self._repository = repository
        self._bundle = RawSourceBundle.from_json(self.store.get(digest))
        self._know(repository=repository, bundle=self._bundle, guarantees=self.guarantees)
        return digest

    def _model(self, bundle: str) -> str:
        system = self._ask("model", "system", bundle).artefact
        self._know(system=system)
        return system

    def _measure(self, bundle: str, system: str) -> Grounds:
        found: list[str] = []
        for project in self._bundle.projects:
            if project.language in LANGUAGES:
                self.meter.say("environment", note=f"preparing an environment for {project.name}")
                done = self._ask(
                    "measure", project.root or ".", bundle, project=project.root, context=self._repository.folder
                )
                found.append(done.artefact)
        grounds = (ProjectBaseline.from_json(self.store.get(digest)) for digest in found)
        self.meter.ready()
        self._know(grounds=tuple(brief_ground(ground) for ground in grounds))
        self._inputs = (bundle, system, *found)
        return tuple(found)

    def _plan(self, system: str, grounds: Grounds) -> str:
        done = self._ask("plan", "plan", *self._inputs)
        planned = Planned.from_json(self.store.get(done.artefact))
        self._rejected = planned.unwritten
        self.meter.total = len(planned.errands)
        self.meter.say("plan", note=f"{planned.targets} targets in {len(planned.errands)} modules")
        self._know(
            modules=tuple(errand.module for errand in planned.errands),
            left_out=planned.left_out,
            places=planned.places,
            problems=planned.problems,
        )
        return done.artefact

    def _errands(self, system: str, grounds: Grounds, plan: str) -> Iterable[Errand]:
        return Planned.from_json(self.store.get(plan)).errands

    def _write(self, errands: Iterable[Errand]) -> Iterator[Written]:
        """In plan order, with as many under way as there may be writers."""
        window: deque[Written] = deque()
        for errand in errands:
            self.meter.say("write", errand.module)
            window.append(Written(errand, self._timed(errand)))
            if len(window) > self.meter.writers:
                yield window.popleft()
        yield from window

    def _timed(self, errand: Errand) -> "Future[Done]":
        started = self.meter.clock()
        future = self._send("write", errand.module, errand.brief, errand.ground, context=errand.context)

        def told(made: "Future[Done]") -> None:
            if made.exception() or made.result().problem:
                return
            draft = Draft.from_json(self.store.get(made.result().artefact))
            brief = Brief.from_json(self.store.get(errand.brief))
            took_s = self.meter.clock() - started
            self.meter.drafted(brief, draft, took_s, remembered=made.result().remembered)

        future.add_done_callback(told)
        return future

    def _assemble(self, drafts: Iterable[Written]) -> Iterator[ModuleOutcome]:
        return joined(self._closed(drafts), self._rejected)

    def _closed(self, drafts: Iterable[Written]) -> Iterator[ModuleOutcome]:
        for written in drafts:
            errand = written.errand
            try:
                draft = self._settled(written.draft)
                self.meter.say("assemble", errand.module)
                started = self.meter.clock()
                done = self._ask("assemble", errand.module, errand.brief, errand.ground, draft.artefact)
            except (DeadLetter, QTestError) as error:
                yield self._broken(errand, str(error))
                continue
            outcome = ModuleOutcome.from_json(self.store.get(done.artefact))
            self.meter.closed(outcome, self.meter.clock() - started)
            if draft.remembered and done.remembered:
                self._know(remembered=(*self.facts.remembered, errand.module))
            yield outcome

    def _broken(self, errand: Errand, reason: str) -> ModuleOutcome:
        brief = Brief.from_json(self.store.get(errand.brief))
        return ModuleOutcome(
            module=errand.module,
            path=brief.module.path,
            project=brief.project,
            source=brief.source,
            outcomes=(Failure(target=errand.module, reason=reason),),
        )

    def _ask(self, stage: StageKind, item: str, *inputs: str, **more: object) -> Done:
        """Raises QTestError with the problem, or DeadLetter."""
        return self._settled(self._send(stage, item, *inputs, **more))

    def _settled(self, future: "Future[Done]") -> Done:
        while True:
            try:
                done = future.result(timeout=LOOK_S)
                break
            except NotYet:
                if self.stopped():
                    raise Stopped from None
        if done.problem:
            raise UsageError(done.problem) if done.mistake else QTestError(done.problem)
        return done

    def _send(self, stage: StageKind, item: str, *inputs: str, **more: object) -> "Future[Done]":
        job = Job.model_validate(
            {"run": self.run, "stage": stage, "item": item, "config": self.config.to_json(), "inputs": inputs, **more}
        )
        return self.pools[stage].submit(job)

    def _know(self, **found: object) -> None:
        self.facts = self.facts.model_copy(update=found)
        self.learn(self.facts)
