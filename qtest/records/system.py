"""What the code is: symbols, calls, effects, and how it is used today."""

from typing import Literal

from qtest.records.case import Argument, Expression, Step
from qtest.records.record import Record

SymbolKind = Literal["function", "method", "class method", "static method", "property", "class"]
EffectKind = Literal[
    "reads files",
    "writes files",
    "network",
    "process",
    "clock",
    "random",
    "environment",
    "output",
    "input",
    "global state",
    "mutates argument",
]
Origin = Literal["doctest", "call site", "existing test", "documentation"]


class Parameter(Record):
    """`annotation` and `default` are source text; a default of `""` means there is none."""

    name: str
    kind: Literal["positional only", "positional or keyword", "variadic", "keyword only", "variadic keyword"]
    annotation: str = ""
    default: str = ""


class Branch(Record):
    """A place where the code decides; `condition` is source text, `guard` when one side only raises or returns at once."""

    line: int
    condition: str
    guard: bool = False


class Raise(Record):
    """An error the code raises by itself; `message` is the literal text when there is one."""

    line: int
    error: str
    message: str = ""


class Effect(Record):
    """Something beyond the return value. `cause` names the call or statement, `line` where."""

    kind: EffectKind
    line: int
    cause: str


class Symbol(Record):
    """`id` is `module:qualname`, the name used everywhere. Lines count from 1, both ends included, decorators too.

    `reads` and `writes` are module-level names; `calls` the callee names as written. `raises` and `branches` are in order of
    line. `complexity` is McCabe's.
    """

    id: str
    module: str
    qualname: str
    kind: SymbolKind
    path: str
    line: int
    end_line: int
    parameters: tuple[Parameter, ...] = ()
    returns: str = ""
    docstring: str = ""
    decorators: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    is_async: bool = False
    is_generator: bool = False
    public: bool = True
    complexity: int = 1
    branches: tuple[Branch, ...] = ()
    raises: tuple[Raise, ...] = ()
    effects: tuple[Effect, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()


class Import(Record):
    """`name` is what it is called here; `source` is `module` or `module:name`; relative ones are resolved."""

    name: str
    source: str
    line: int


class Module(Record):
    """`script` when it has a `__main__` guard; `effects` and `calls` of importing it; `exports` is `__all__` when it is a
    literal."""

    name: str
    path: str
    project: str
    sha256: str
    docstring: str = ""
    imports: tuple[Import, ...] = ()
    exports: tuple[str, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    effects: tuple[Effect, ...] = ()
    constants: tuple[str, ...] = ()
    script: bool = False
    calls: tuple[str, ...] = ()


class CallEdge(Record):
    """A call resolved inside the repository, from symbol (or module) to symbol."""

    caller: str
    callee: str
    line: int


class Usage(Record):
    """How somebody calls a symbol: the lines before that it needs, the arguments, and what a doctest says comes back."""

    symbol: str
    origin: Origin
    place: str
    text: str
    setup: tuple[Step, ...] = ()
    call: Expression | None = None
    arguments: tuple[Argument, ...] = ()
    expected: str = ""


class Problem(Record):
    """A file we could not read as code, with the one-line reason."""

    path: str
    reason: str


class SystemModel(Record):
    modules: tuple[Module, ...]
    calls: tuple[CallEdge, ...] = ()
    usages: tuple[Usage, ...] = ()
    pure: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def module(self, name: str) -> Module | None:
        return next((module for module in self.modules if module.name == name), None)

    def symbol(self, identity: str) -> Symbol | None:
        module = self.module(identity.partition(":")[0])
        return next((symbol for symbol in module.symbols if symbol.id == identity), None) if module else None

    def callers(self, identity: str) -> tuple[str, ...]:
        return tuple(sorted({edge.caller for edge in self.calls if edge.callee == identity}))
