"""Stand-ins for the outside world, nice to call in tests: nothing here starts a process."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from qtest.errors import CompletionError, LedgerError, QTestError, WorkerLost
from qtest.ports import AnyRow, Explorer, Worker
from qtest.records.baseline import Setting, SuiteRun
from qtest.records.completion import Completion, Prompt, Tier
from qtest.records.mutant import Failing, Mutant, MutantRun
from qtest.records.proof import ProvenFile
from qtest.records.record import digest_of
from qtest.records.run import EventRow, Row
from qtest.records.sandbox import REQUIRED, Completed, Guarantee, Guarantees, SandboxSpec
from qtest.records.workbench import JudgeLimits, JudgeOrder, ModuleLoad, MutantState

Answer = Callable[[Sequence[str]], Completed]


@dataclass
class FakeSession:
    """Answers every command by a function; remembers what was asked and written, and how long each might take."""

    answer: Answer
    asked: list[tuple[str, ...]] = field(default_factory=list)
    given: list[bytes] = field(default_factory=list)
    bounds_s: list[float | None] = field(default_factory=list)
    closed: bool = False
    scratch: str = "/scratch"

    def run(self, command: Sequence[str], *, wall_s: float | None = None, stdin: bytes = b"") -> Completed:
        self.asked.append(tuple(command))
        self.given.append(stdin)
        self.bounds_s.append(wall_s)
        return self.answer(command)

    def worker(self, command: Sequence[str]) -> Worker:
        raise WorkerLost("a fake session has no workers")

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


@dataclass
class FakeSandbox:
    """Enforces everything, runs nothing."""

    answer: Answer
    sessions: list[FakeSession] = field(default_factory=list)
    specs: list[SandboxSpec] = field(default_factory=list)
    name: str = "fake"

    def probe(self) -> Guarantees:
        return Guarantees(
            adapter=self.name, items=tuple(Guarantee(promise=promise, level="enforced") for promise in REQUIRED)
        )

    def open(self, spec: SandboxSpec) -> FakeSession:
        self.specs.append(spec)
        self.sessions.append(FakeSession(self.answer))
        return self.sessions[-1]

    @property
    def asked(self) -> list[tuple[str, ...]]:
        return [command for session in self.sessions for command in session.asked]


@dataclass
class FakeWorkbench:
    """Measures what it was given; every mutant is run properly, and killed by those of its tests that `kills` names for it.

    `runs` overrides what is seen of a mutant; one that is None there is never answered for.
    """

    measured: SuiteRun = field(default_factory=SuiteRun)
    turned: SuiteRun | None = None
    kills: dict[str, tuple[str, ...]] = field(default_factory=dict)
    runs: dict[str, MutantRun | None] = field(default_factory=dict)
    dropped: tuple[MutantState, ...] = ()
    orders: list[JudgeOrder] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    limits: list[JudgeLimits] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    files: list[tuple[str, ...]] = field(default_factory=list)

    def explorer(self, setting: Setting, load: ModuleLoad) -> Explorer:
        raise WorkerLost("a fake workbench explores nothing")

    def measure(self, setting: Setting, files: Sequence[str] = (), *, reverse: bool = False) -> SuiteRun:
        self.settings.append(setting)
        self.files.append(tuple(files))
        return self.turned if reverse and self.turned is not None else self.measured

    def compare(self, setting: Setting, mutants: Sequence[Mutant]) -> tuple[MutantState, ...]:
        self.settings.append(setting)
        asked = {mutant.id for mutant in mutants}
        return tuple(state for state in self.dropped if state.mutant in asked)

    def judge(
        self, setting: Setting, orders: Sequence[JudgeOrder], limits: JudgeLimits, files: Sequence[str] = ()
    ) -> Iterator[MutantRun]:
        self.batches.append(len(orders))
        self.limits.append(limits)
        self.settings.append(setting)
        self.files.append(tuple(files))
        for order in orders:
            self.orders.append(order)
            run = self.runs.get(order.mutant.id, self._proper(order))
            if run is not None:
                yield run

    def _proper(self, order: JudgeOrder) -> MutantRun:
        killing = [node for node in order.tests if node in self.kills.get(order.mutant.id, ())]
        failing = killing if order.matrix else killing[:1]
        ended = order.tests if order.matrix or not failing else order.tests[: order.tests.index(failing[0]) + 1]
        return MutantRun(
            mutant=order.mutant.id,
            how=order.how,
            applied=True,
            executed=True,
            planned=order.tests,
            finished=ended,
            failing=tuple(
                Failing(node=node, phase="call", kind="assertion", error="AssertionError") for node in failing
            ),
            completed=True,
            tripwire=True,
            ended="exit",
        )


@dataclass
class MemoryStore:
    """Bytes by their digest, gone with the process."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, data: bytes) -> str:
        name = digest_of(data)
        self.kept[name] = bytes(data)
        return name

    def get(self, sha256: str) -> bytes:
        return self.kept[sha256]

    def materialise(self, files: Iterable[tuple[str, str, bool]], folder: str) -> None:
        top = Path(folder)
        top.mkdir(parents=True)
        for name, sha256, executable in files:
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or not path.parts:
                raise QTestError(f"{name}: a file of a bundle must lie inside it")
            target = top / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.kept[sha256])
            target.chmod(0o755 if executable else 0o644)


@dataclass
class MemoryLedger:
    """Facts of runs, gone with the process."""

    tables: dict[type[Row], dict[tuple[str | int, ...], Row]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def put(self, rows: Sequence[Row]) -> None:
        with self._lock:
            for row in rows:
                table = self.tables.setdefault(type(row), {})
                key = tuple(getattr(row, name) for name in row.key)
                if row.keeps == "last" or key not in table:
                    table[key] = row

    def rows(self, kind: type[AnyRow], /, **equal: str | int) -> tuple[AnyRow, ...]:
        strange = [name for name in equal if name not in kind.model_fields]
        if strange:
            raise LedgerError(f"{kind.table}: has no field {strange[0]}")
        with self._lock:
            found = sorted(self.tables.get(kind, {}).items())
        return tuple(
            row
            for _, row in found
            if isinstance(row, kind) and all(getattr(row, name) == value for name, value in equal.items())
        )

    def since(self, run: str, seq: int) -> tuple[EventRow, ...]:
        return tuple(row for row in self.rows(EventRow, run=run) if row.seq > seq)

    def close(self) -> None:
        """Nothing to do."""


@dataclass
class ScriptedCompleter:
    """Answers each prompt by a function of it: with text, or with an error, which is raised. Remembers what it was asked."""

    answer: Callable[[Prompt], str | CompletionError]
    asked: list[Prompt] = field(default_factory=list)
    tier: Tier = "TIER1"

    def complete(self, prompt: Prompt) -> Completion:
        self.asked.append(prompt)
        said = self.answer(prompt)
        if isinstance(said, CompletionError):
            raise said
        return Completion(
            content=said,
            provider="scripted",
            model="scripted",
            tier=self.tier,
            input_tokens=sum(len(message.content) for message in prompt.messages) // 4,
            output_tokens=len(said) // 4,
        )


def plain_mutant(**more: str) -> Mutant:
    """One of `f` in `m.py`, with what matters to nobody filled in."""
    facts = {"id": "i", "path": "m.py", "file_digest": "", "symbol": "m:f", "operator": "o", "original": "a"}
    spot = {"line": 1, "end_line": 1, "start": 0, "end": 1}
    return Mutant.model_validate({**facts, "replacement": "b", **spot, **more})


def plain_proof(**more: object) -> ProvenFile:
    """Of a file of tests of `m`, with what matters to nobody filled in."""
    facts = {"path": "tests/test_m.py", "module": "m", "source": "m.py", "language": "python", "tests": ()}
    made = {"qtest": "1", "python": "3", "revision": "folder", "seed": "0"}
    return ProvenFile.model_validate({**facts, **made, **more})
