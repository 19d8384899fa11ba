"""Every seam of the house, one Protocol each."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self, TypeVar

from qtest.records.baseline import Environment, Setting, SuiteRun
from qtest.records.case import CallCase, Expression
from qtest.records.completion import Completion, Prompt
from qtest.records.delivery import Change, Hosted, Place, PullRequest, PullText, Since
from qtest.records.file import TestFile, TestStyle
from qtest.records.mutant import Mutant, MutantRun
from qtest.records.outcome import Effort, Failure, Feedback, GateReport, Opinion, Rejection, SuspectedBug
from qtest.records.plan import Brief
from qtest.records.run import EventRow, Row
from qtest.records.sandbox import Completed, Guarantees, SandboxSpec
from qtest.records.source import Project, Repository
from qtest.records.system import Module
from qtest.records.workbench import (
    Candidate,
    Imported,
    JudgeLimits,
    JudgeOrder,
    Loaded,
    ModuleLoad,
    MutantState,
    Observation,
)

AnyRow = TypeVar("AnyRow", bound=Row)


class Worker(Protocol):
    """A process in a session that is spoken to over its descriptors 0 (requests) and 1 (replies), as raw bytes."""

    def send(self, data: bytes) -> None:
        """Raises WorkerLost when the process is gone."""

    def receive(self, timeout_s: float) -> bytes:
        """The next bytes (at least one), or b"" when `timeout_s` passed in silence. Raises WorkerLost at the end of the stream."""

    def cpu_s(self) -> float:
        """CPU seconds the session has used so far, children included; to tell busy from blocked."""

    def kill(self) -> None: ...

    def errors(self) -> str:
        """The last 64 KiB that the process wrote to descriptor 2, decoded with replacement."""


class Session(Protocol):
    """One opened sandbox. Closing it kills everything inside and discards what was written."""

    @property
    def scratch(self) -> str:
        """A writable folder inside; also HOME and TMPDIR unless the spec's environment says otherwise."""

    def run(self, command: Sequence[str], *, wall_s: float | None = None, stdin: bytes = b"") -> Completed:
        """Run to the end, or to a limit; never waits for a daemon that keeps the pipes open."""

    def worker(self, command: Sequence[str]) -> Worker: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Sandbox(Protocol):
    """Runs code that must not be trusted."""

    @property
    def name(self) -> str: ...

    def probe(self) -> Guarantees:
        """What holds on this machine, found by trying; cached for the life of the object."""

    def open(self, spec: SandboxSpec) -> Session:
        """Raises SandboxError, before anything runs, when a required promise is not enforced."""


class Store(Protocol):
    """Bytes by their SHA-256."""

    def put(self, data: bytes) -> str: ...

    def get(self, sha256: str) -> bytes:
        """Raises KeyError."""

    def materialise(self, files: Iterable[tuple[str, str, bool]], folder: str) -> None:
        """Write (relative path, SHA-256, executable) below `folder`, which must not exist yet."""


class Ledger(Protocol):
    """Facts of runs, in tables. For several threads."""

    def put(self, rows: Sequence[Row]) -> None:
        """All or none, in this order, of any tables; returns when they are committed. Raises LedgerError."""

    def rows(self, kind: type[AnyRow], /, **equal: str | int) -> tuple[AnyRow, ...]:
        """Those whose fields equal what is given, in the order of their keys."""

    def since(self, run: str, seq: int) -> tuple[EventRow, ...]:
        """A run's events after `seq`, in order."""

    def close(self) -> None: ...


class Fetcher(Protocol):
    """Brings source code to a local folder; nothing of it is run."""

    def fetch(self, spec: str) -> Repository:
        """`spec` is a folder, `pypi:name[==version]`, or a git repository and a revision of it. Raises FetchError."""


class Forge(Protocol):
    """The service that holds a repository, and its pull requests. Raises ForgeError, and ForgeRefused for what will not change by itself."""

    def hosted(self) -> Hosted:
        """Also where the login is refused: asked before any work is done."""

    def tip(self, branch: str) -> str:
        """The last commit of a branch that must be there."""

    def since(self, commit: str, tip: str) -> Since: ...

    def read(self, path: str, commit: str) -> str:
        """Empty where there is no such file."""

    def place(self) -> Place:
        """Where branches can be pushed: a fork, made when there is none, where the login may not write."""

    def pulls(self, base: str, place: Place) -> tuple[PullRequest, ...]:
        """From branches of ours at that place into `base`: all that are open, and the last that are closed."""

    def paths(self, number: int) -> tuple[str, ...]:
        """The files that a pull request changes."""

    def committers(self, number: int) -> tuple[str, ...]:
        """The addresses of all who wrote or committed what is in it."""

    def open(self, base: str, place: Place, branch: str, text: PullText, *, draft: bool) -> PullRequest: ...

    def edit(self, number: int, text: PullText) -> None: ...


class Branches(Protocol):
    """Writes to a repository: to branches whose names begin with PREFIX. Raises ForgeError, ForgeRefused."""

    def push(self, place: Place, change: Change, branch: str, over: str) -> str:
        """The commit's id, which is the branch's tip from then on. Where the branch stands there already nothing is sent; where it stands at
        anything but `over` (empty for no branch), somebody else was faster, and it is refused."""

    def remove(self, place: Place, branch: str, tip: str) -> None:
        """If it still stands at `tip`."""


class Environments(Protocol):
    """Makes or finds an interpreter with a project's dependencies. Code of theirs runs only in the sandbox."""

    def prepare(self, project: Project, folder: str, python: str = "", original: str = "") -> Environment:
        """`folder` is the tree the project lies in, `original` the user's own, which is only looked at. Raises TargetEnvironmentError with what is missing and what to do."""


class Parser(Protocol):
    """Reads one language; pure."""

    @property
    def name(self) -> str: ...

    @property
    def suffixes(self) -> tuple[str, ...]: ...

    def parse(self, text: str, path: str, project: Project) -> Module:
        """Raises SyntaxError with a line."""


class Language(Parser, Protocol):
    """Reads and writes one language; pure."""

    @property
    def speaks(self) -> frozenset[str]:
        """Kinds of expressions and expectations that can be rendered."""

    def mutate(self, text: str, path: str, module: str, arid: tuple[str, ...] = ()) -> tuple[Mutant, ...]:
        """All mutants in order of position, controls among them; without duplicates. `arid` are dotted names or globs of functions whose
        calls no test has to notice."""

    def phrase(self, expression: Expression, module: str) -> str:
        """The expression as source text, exactly as it stands in a rendered test of that module."""

    def render(
        self, cases: Sequence[CallCase], module: str, path: str, style: TestStyle, worn: Collection[str] = ()
    ) -> TestFile:
        """A formatted file, in which no test is called as `worn` says. Raises UnspokenError naming the kind when a case needs one that the
        language does not speak."""


class Toolchain(Protocol):
    """A language's commands, as data, and the readers of what they print; pure."""

    def spec(self, setting: Setting, *, readable: Sequence[str] = (), overlaid: Sequence[str] = ()) -> SandboxSpec:
        """The sandbox that the setting's code runs in."""

    @property
    def own_paths(self) -> tuple[str, ...]:
        """What our own checkers need to read inside."""

    def style(self, project: Project, tests: Sequence[tuple[str, str]]) -> TestStyle:
        """Learned from (path, text) of existing tests."""

    def command(self, setting: Setting, files: Sequence[str]) -> tuple[str, ...]:
        """What a user would type to run those test files (all, when empty)."""

    def run(
        self,
        setting: Setting,
        *,
        files: Sequence[str] = (),
        nodes: Sequence[str] = (),
        shuffle: int | None = None,
        hash_seed: int = 0,
        coverage: bool = False,
        zone: str = "UTC",
    ) -> tuple[str, ...]:
        """One real run in a new process, reporting on its standard output in a form that `read` understands."""

    def read(self, completed: Completed) -> SuiteRun: ...

    def compile(self, setting: Setting, path: str) -> tuple[tuple[str, ...], ...]:
        """Commands that must all succeed for that file of the tree to count as well-formed, cheapest first."""

    def refusing(self, setting: Setting, path: str) -> tuple[str, ...]:
        """Asks the type checker about edits of that file: see `qtest.mutation.refused` for what it reads and prints."""


class Formatter(Protocol):
    """Makes generated text look as the project's own."""

    def format(self, text: str, style: TestStyle) -> str:
        """Raises QTestError when the text cannot be formatted."""


class Explorer(Protocol):
    """A warm process that has one module loaded. Not for two threads."""

    @property
    def loaded(self) -> Loaded: ...

    def explore(self, candidates: Sequence[Candidate], alive: Sequence[str]) -> tuple[Observation, ...]:
        """In the order given; what was lost with a dying process comes back as `died`, and the process is started again."""

    def imported(self, candidates: Sequence[Candidate], mutants: Mapping[str, Sequence[int]]) -> tuple[Imported, ...]:
        """For mutants, by id, of code that runs while the module is imported: which of the candidates named for each tell it from
        the original. Others are left out. Where the process was lost each says so."""

    def confirm(self, candidates: Sequence[Candidate]) -> tuple[Observation, ...]:
        """The same candidates in fresh processes with other hash seeds, time zones and a moved clock: `ok` with the same key as
        in every one of them, or `unstable`."""

    def close(self) -> None: ...


class Workbench(Protocol):
    """Warm processes inside a session, speaking to a language's probe."""

    def explorer(self, setting: Setting, load: ModuleLoad) -> Explorer:
        """An import that fails is not an error: see `Explorer.loaded`. Raises WorkerLost, SandboxError."""

    def measure(self, setting: Setting, files: Sequence[str] = (), *, reverse: bool = False) -> SuiteRun:
        """One pass over the tests (all, when no files are named), with lines for each test and coverage of the project's files.
        In `reverse`, what a first test does for those after it (wide fixtures, memos) falls to another."""

    def compare(self, setting: Setting, mutants: Sequence[Mutant]) -> tuple[MutantState, ...]:
        """Those that are no programs of their own: they compile to the code of the original or of an earlier one, or do not compile.
        Nothing is run. Raises WorkerLost, SandboxError."""

    def judge(
        self, setting: Setting, orders: Sequence[JudgeOrder], limits: JudgeLimits, files: Sequence[str] = ()
    ) -> Iterator[MutantRun]:
        """Raw facts for each order, in any order; exactly one run for each. A lost worker costs only the mutant it was on. `files`
        are what is collected once for all of them: the same files find the same warm process; those that the orders name, when empty."""


class Completer(Protocol):
    """Answers a prompt: a router, near or far, or recorded answers. For several threads."""

    def complete(self, prompt: Prompt) -> Completion:
        """Raises CompletionError where no answer is to be had, BudgetSpent where none may be bought."""


class Generator(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def rounds(self) -> int:
        """How often it may be asked about one module, each time with what became of what it proposed before."""

    def propose(
        self, brief: Brief, feedback: Feedback
    ) -> Iterable[CallCase | SuspectedBug | Rejection | Failure | Effort]:
        """Cases best first; the other exits as they are found; at the end what it cost."""


class Editor(Protocol):
    """Reads tests as a person would. It changes no call and no expectation."""

    def review(self, brief: Brief, cases: Sequence[CallCase]) -> tuple[tuple[Opinion, ...], Effort]:
        """Of cases that no gate has seen yet; those about which nothing is said pass."""

    def title(self, brief: Brief, cases: Sequence[CallCase]) -> tuple[tuple[CallCase, ...], Effort]:
        """The same cases, in an order and with descriptions that read better."""


class Gate(Protocol):
    @property
    def name(self) -> str: ...

    def check(self, file: TestFile) -> GateReport: ...


Warm = TypeVar("Warm")


class Tools(Protocol):
    """What a worker keeps warm."""

    @property
    def sandbox(self) -> Sandbox: ...

    @property
    def workbench(self) -> Workbench: ...

    @property
    def store(self) -> Store: ...

    @property
    def toolchain(self) -> Toolchain: ...

    def kept(self, kind: type[Warm], make: Callable[[], Warm]) -> Warm:
        """The one of that kind that this worker has, made when first asked for, and closed with the worker if it can be."""


Item = TypeVar("Item")
Result = TypeVar("Result")


class Executor(Protocol):
    """Runs work somewhere; `Tools` are built once per worker process."""

    def map(self, work: Callable[[Tools, Item], Result], items: Iterable[Item]) -> Iterator[Result | Failure]:
        """Unordered, bounded in flight. Whatever the work raises comes back as a Failure."""
