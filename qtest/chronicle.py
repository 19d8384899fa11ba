"""What is written down of a run: its rows."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from qtest.config import Config
from qtest.ports import Ledger, Store
from qtest.records.facts import Place, RunFacts
from qtest.records.mutant import Killed, Verdict
from qtest.records.outcome import Failure, ModuleOutcome, Outcome, Rejection, SuspectedBug, ValidatedTest
from qtest.records.report import RunReport
from qtest.records.run import ModelRow, RepositoryRow, Row, RunRow, TestRow, VerdictRow
from qtest.records.source import Omission
from qtest.records.system import SystemModel

Places = Mapping[str, Place]


@dataclass
class Chronicle:
    """Writes a run down while it goes. `now` in milliseconds since 1970. For one thread."""

    ledger: Ledger
    store: Store
    config: Config
    run: str
    now: Callable[[], int]
    _row: RunRow | None = None
    _places: dict[str, Place] = field(default_factory=dict)
    _left_out: int = 0
    _modelled: bool = False

    def begin(self) -> None:
        self._row = begin(self.ledger, self.run, self.config, self.now())

    def learn(self, facts: RunFacts) -> None:
        """Facts as they grow."""
        self._places = {place.symbol: place for place in facts.places}
        if facts.system and not self._modelled:
            self._modelled = True
            self.ledger.put((*_of_repository(facts, self.now()), *_of_model(facts, self.now())))
        if len(facts.left_out) > self._left_out:
            self._left_out = len(facts.left_out)
            self.ledger.put(tuple(_of_left_out(self.run, facts.left_out, self._places)))

    def close(self, module: ModuleOutcome) -> None:
        self.ledger.put(tuple(_of_module(self.run, module, self._places)))

    def end(self, report: RunReport) -> None:
        assert self._row is not None, "a run begins before it ends"
        artefact = self.store.put(report.to_json().encode())
        self.ledger.put((_ended(self._row, report, artefact, self.now()),))

    def fail(self, reason: str) -> None:
        assert self._row is not None, "a run begins before it fails"
        self.ledger.put((self._row.model_copy(update={"status": "failed", "note": reason, "ended": self.now()}),))


def begin(ledger: Ledger, run: str, config: Config, now: int, command: str = "run") -> RunRow:
    """The run's row says that it runs, when this returns; one that ran before keeps its beginning."""
    known = next(iter(ledger.rows(RunRow, run=run)), None) or _begun(run, config, now, command)
    row = known.model_copy(update={"status": "running", "config": config.kept()})
    ledger.put((row,))
    return row


def _begun(run: str, config: Config, started: int, command: str) -> RunRow:
    return RunRow(
        command=command,
        run=run,
        spec=config.target.repository,
        config=config.kept(),
        seed=config.seed,
        status="running",
        started=started,
    )


def _ended(row: RunRow, report: RunReport, artefact: str, now: int) -> RunRow:
    exits = Counter(type(outcome) for module in report.modules for outcome in module.outcomes)
    before = [verdict for module in report.modules for verdict in module.before]
    after = [verdict for module in report.modules for verdict in module.after]
    killed_before = sum(isinstance(verdict.result, Killed) for verdict in before)
    return row.model_copy(
        update={
            "status": report.status,
            "ended": now,
            "revision": report.revision.version or report.revision.sha256,
            "generated": sum(len(test.cases) for module in report.modules for test in _tests(module)),
            "validated": sum(len(test.nodes) for module in report.modules for test in _tests(module)),
            "bugs": exits[SuspectedBug],
            "rejected": sum(
                outcome.count
                for module in report.modules
                for outcome in module.outcomes
                if isinstance(outcome, Rejection)
            ),
            "failed": exits[Failure],
            "mutants": len(before),
            "killed_before": killed_before,
            "killed": killed_before + sum(isinstance(verdict.result, Killed) for verdict in after),
            "report": artefact,
            "note": report.note,
        }
    )


def _tests(module: ModuleOutcome) -> Iterator[ValidatedTest]:
    return (outcome for outcome in module.outcomes if isinstance(outcome, ValidatedTest))


def _of_repository(facts: RunFacts, now: int) -> Iterator[Row]:
    if facts.bundle is None or facts.repository is None:
        return
    languages = Counter(file.language for file in facts.bundle.files if file.language)
    yield RepositoryRow(
        url=facts.repository.revision.name,
        languages=",".join(name for name, _ in languages.most_common()),
        analysed=now,
    )


def _of_model(facts: RunFacts, now: int) -> Iterator[Row]:
    if facts.repository is None:
        return
    revision = facts.repository.revision
    yield ModelRow(
        url=revision.name,
        revision=revision.version or revision.sha256,
        form=SystemModel.model_fields["version"].default,
        artefact=facts.system,
        made=now,
    )


def _of_left_out(run: str, left_out: Iterable[Omission], places: Places) -> Iterator[Row]:
    for item in left_out:
        place = places.get(item.path) or Place(symbol=item.path)
        yield TestRow(
            run=run, test=f"plan {item.path}", target=item.path, outcome="rejection", stage="plan", reason=item.reason,
            path=place.path, line=place.line, end_line=place.end_line,
        )  # fmt: skip


def _of_module(run: str, module: ModuleOutcome, places: Places) -> Iterator[Row]:
    """The same rows whenever the same module closes, times apart."""
    for number, outcome in enumerate(module.outcomes):
        place = places.get(outcome.target) or Place(symbol=outcome.target, path=module.path)
        yield TestRow.model_validate(
            {
                "run": run,
                "test": f"{module.module} {number}",
                "target": outcome.target,
                "outcome": outcome.exit,
                "path": place.path,
                "line": place.line,
                "end_line": place.end_line,
                **_told(outcome),
            }
        )
    for verdict in (*module.before, *module.after):
        yield verdict_row(run, verdict)


def _told(outcome: Outcome) -> dict[str, str | int]:
    match outcome:
        case ValidatedTest():
            return {
                "file": outcome.file,
                "name": outcome.name,
                "code": outcome.text,
                "kills": " ".join(outcome.kills),
            }
        case SuspectedBug():
            return {"code": outcome.repro, "reason": f"{outcome.observed}; {outcome.contract}"}
        case Rejection():
            return {"stage": outcome.stage, "reason": outcome.reason, "count": outcome.count}
        case Failure():
            return {"reason": outcome.reason}


def verdict_row(run: str, verdict: Verdict) -> VerdictRow:
    mutant = verdict.mutant
    return VerdictRow(
        run=run,
        verdict=verdict.id,
        mutant=mutant.id,
        suite=verdict.suite,
        path=mutant.path,
        line=mutant.line,
        end_line=mutant.end_line,
        symbol=mutant.symbol,
        operator=mutant.operator,
        status=verdict.result.status,
        killers="\n".join(verdict.result.by) if isinstance(verdict.result, Killed) else "",
        record=verdict.to_json(),
    )
