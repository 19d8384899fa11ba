"""Warm processes in sandboxed sessions: measuring a suite, judging mutants, exploring a module."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from qtest.adapters.conversation import Conversation
from qtest.adapters.explorer import SandboxExplorer
from qtest.adapters.sandbox import SHARING
from qtest.errors import WorkerLost
from qtest.languages.python.toolchain import PythonToolchain
from qtest.ports import Sandbox, Session
from qtest.records.baseline import Setting, SuiteRun
from qtest.records.mutant import Mutant, MutantRun
from qtest.records.workbench import JudgeLimits, JudgeOrder, ModuleLoad, MutantState

START_S = 300.0  # for a suite to be collected
TOGETHER = 500  # mutants compiled between one word of the process and the next
COMPARE_S = 120.0
RESTARTS = 3  # of a judge that is lost on the way, before the rest of its orders is given up


class SandboxWorkbench:
    """Answers the port `Workbench`; keeps the last judge warm, because rounds of gates ask about the same file again."""

    def __init__(self, sandbox: Sandbox, toolchain: PythonToolchain, limits: JudgeLimits | None = None) -> None:
        self._sandbox = sandbox
        self._toolchain = toolchain
        self._limits = limits or JudgeLimits()
        self._judge: Judge | None = None

    def explorer(self, setting: Setting, load: ModuleLoad) -> SandboxExplorer:
        return SandboxExplorer(self._sandbox, self._toolchain, setting, load)

    def cold(self, setting: Setting, *, files: Sequence[str], nodes: Sequence[str], wall_s: float) -> SuiteRun:
        """One plain run in a process of its own, as a user would make it."""
        lay(setting)
        with self._sandbox.open(self._toolchain.spec(setting)) as session:
            return self._toolchain.read(
                session.run(self._toolchain.run(setting, files=files, nodes=nodes), wall_s=wall_s)
            )

    def measure(self, setting: Setting, files: Sequence[str] = (), *, reverse: bool = False) -> SuiteRun:
        lay(setting)
        sources = [str(path.relative_to(setting.folder)) for path in _sources(setting)]
        command = self._toolchain.run(setting, files=files, coverage=True, sources=sources, reverse=reverse)
        with self._sandbox.open(self._toolchain.spec(setting)) as session:
            return self._toolchain.read(session.run(command))

    def compare(self, setting: Setting, mutants: Sequence[Mutant]) -> tuple[MutantState, ...]:
        lay(setting)
        with self._sandbox.open(self._toolchain.spec(setting)) as session:
            talk = Conversation(session.worker(self._toolchain.probe(setting, "compare")))
            found: list[MutantState] = []
            for start in range(0, len(mutants), TOGETHER):
                part = [mutant.model_dump(mode="json") for mutant in mutants[start : start + TOGETHER]]
                found.extend(_states(talk.ask({"mutants": part}, COMPARE_S)))
        return tuple(found)

    def judge(
        self, setting: Setting, orders: Sequence[JudgeOrder], limits: JudgeLimits, files: Sequence[str] = ()
    ) -> Iterator[MutantRun]:
        files = files or sorted({node.partition("::")[0] for order in orders for node in order.tests})
        lost = 0
        for order in orders:
            if lost > RESTARTS:
                yield MutantRun(
                    mutant=order.mutant.id, how=order.how, ended="lost", note="the judge was lost too often"
                )
                continue
            try:
                run, spent = self._warm(setting, files).ask(order, limits)
            except WorkerLost as error:
                run, spent = MutantRun(mutant=order.mutant.id, how=order.how, ended="lost", note=str(error)[:300]), True
            lost += run.ended == "lost"
            if spent:
                self.close()
            yield _local(run, setting.folder)

    def close(self) -> None:
        if self._judge is not None:
            self._judge.close()
        self._judge = None

    def _warm(self, setting: Setting, files: Sequence[str]) -> "Judge":
        if self._judge is None or self._judge.key != (setting, tuple(files)):
            self.close()
            lay(setting)
            self._judge = Judge(self._sandbox, self._toolchain, setting, files)
        return self._judge

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class Judge:
    """One session with one supervisor, for one setting and the test files its orders name."""

    def __init__(self, sandbox: Sandbox, toolchain: PythonToolchain, setting: Setting, files: Sequence[str]) -> None:
        self.key = (setting, tuple(files))
        self._session: Session = sandbox.open(toolchain.spec(setting))
        try:
            self._worker = self._session.worker(
                toolchain.probe(setting, "judge", files=list(files), places=_places(sandbox, self._session))
            )
            self._talk = Conversation(self._worker)
            self._talk.hear(START_S)
        except WorkerLost as error:
            said = self._worker.errors().strip().splitlines()
            self._session.close()
            raise WorkerLost(f"the judge did not start: {said[-1][:200] if said else error}") from error
        except BaseException:
            self._session.close()
            raise

    def ask(self, order: JudgeOrder, limits: JudgeLimits) -> tuple[MutantRun, bool]:
        """What happened, and whether this judge is spent: its tree or its processes cannot be trusted any more."""
        message: dict[str, Any] = {"order": order.model_dump(mode="json"), "limits": limits.model_dump(mode="json")}
        reply = self._talk.ask(message, START_S + 4 * max(limits.blocked_s, limits.cpu_s) + 600)
        try:
            run = MutantRun.model_validate(reply.get("run"))
        except ValidationError as error:
            raise WorkerLost(f"the judge's answer is not one: {error.errors()[0]['msg']}") from error
        if run.mutant != order.mutant.id:
            raise WorkerLost("the judge answered for another mutant")
        return run, bool(reply.get("spent"))

    def close(self) -> None:
        self._session.close()


def _states(reply: dict[str, Any]) -> tuple[MutantState, ...]:
    try:
        return tuple(MutantState.model_validate(state) for state in reply["dropped"])
    except (ValidationError, KeyError, TypeError) as error:
        raise WorkerLost(f"the answer to a comparison is not one: {error}") from error


def _places(sandbox: Sandbox, session: Session) -> list[str]:
    """Where tests may write beside the tree, and nobody but this session does."""
    shared = [] if sandbox.name in SHARING else ["/tmp", "/dev/shm"]  # noqa: S108 - the session's own
    return list(dict.fromkeys([session.scratch, *shared]))


def _local(run: MutantRun, folder: str) -> MutantRun:
    """With paths as the project has them: the copy that it ran in is gone when somebody reads this."""
    failing = tuple(
        one.model_copy(
            update={"place": one.place.replace(f"{folder}/", ""), "message": one.message.replace(f"{folder}/", "")}
        )
        for one in run.failing
    )
    return run.model_copy(update={"failing": failing})


def lay(setting: Setting) -> None:
    """Write the setting's own files into its private copy."""
    for file in setting.written:
        path = Path(setting.folder, file.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text("utf-8", errors="surrogateescape") != file.text:
            path.write_text(file.text, "utf-8")


def _sources(setting: Setting) -> Iterator[Path]:
    """Python files of the project's packages: what coverage is measured of."""
    top = Path(setting.folder)
    for root in setting.project.import_roots:
        for package in setting.project.packages:
            where = top / root / package.replace(".", "/")
            if where.is_dir():
                yield from sorted(path for path in where.rglob("*.py") if path.is_file())
            elif where.with_suffix(".py").is_file():
                yield where.with_suffix(".py")
