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


class EntityField(Record):
    """`annotation` and `default` are source text; a default of `""` means there is none."""

    name: str
    annotation: str = ""
    default: str = ""


class Symbol(Record):
    """`id` is `module:qualname`, the name used everywhere. Lines count from 1, both ends included, decorators too.

    `reads` and `writes` are module-level names; `calls` the callee names as written. `raises` and `branches` are in order of
    line. `complexity` is McCabe's. `attributes` is what the body of a class binds, in order.
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
    attributes: tuple[EntityField, ...] = ()
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


class Given(Record):
    """An argument as written: `texts` are the literal strings in it, `path` what it names."""

    name: str = ""
    texts: tuple[str, ...] = ()
    path: str = ""


class Site(Record):
    """Where code touches something that may be a library's object: raw material of entry points and interactions.

    `callee` is a dotted path from an imported or a repository's name, with `()` for what a call gives back; `bound` the path of the
    name that holds the result, or of what is decorated; `scope` the qualname of the code around, empty for the module.
    """

    how: Literal["call", "decorator", "annotation", "alias", "script"]
    scope: str
    line: int
    callee: str
    written: str = ""
    bound: str = ""
    arguments: tuple[Given, ...] = ()


class Module(Record):
    """`script` when it has a `__main__` guard; `effects` and `calls` of importing it; `exports` is `__all__` when it is a
    literal. `depth` says how far the language is read: symbols and imports, or all that is here. `sites` are used up by the
    model, and empty in it."""

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
    language: str = "python"
    depth: Literal["symbols", "full"] = "full"
    sites: tuple[Site, ...] = ()


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


EntryKind = Literal["function", "method", "cli command", "console script", "endpoint", "script"]
EntityKind = Literal["dataclass", "pydantic", "attrs", "sqlalchemy", "typed dict", "named tuple"]
ServiceKind = Literal["database", "http", "queue", "cache", "cloud", "mail"]


class EntryPoint(Record):
    """Where the outside comes in. `name` is what the outside says: `GET /users/{id}`, `tool sync`; `symbol` is what answers,
    `framework` the library that connects them, empty for plain functions."""

    kind: EntryKind
    name: str
    symbol: str
    path: str
    line: int
    framework: str = ""


class Entity(Record):
    """A class that is data: its fields in order, with those it inherits from entities of this repository first."""

    symbol: str
    kind: EntityKind
    fields: tuple[EntityField, ...]
    line: int


class Interaction(Record):
    """A call that leaves the program for a service: `cause` as written, `library` whose call it is."""

    symbol: str
    kind: ServiceKind
    library: str
    cause: str
    line: int


class Flow(Record):
    """A chain of calls inside the repository, from an entry point's symbol to one with an effect or an interaction (the `sink`,
    in words). No symbol twice."""

    entry: str
    chain: tuple[str, ...]
    sink: str


class FileHistory(Record):
    """How often a file changed in the commits that were read, and the files that changed with it, most often first.

    `recency` weighs each commit by its age: one of today is 1.0, one of half a year ago 0.5. `fixes` are commits that say they mend.
    """

    path: str
    commits: int
    fixes: int
    recency: float
    together: tuple[tuple[str, int], ...] = ()


class Problem(Record):
    """A file we could not read as code, with the one-line reason."""

    path: str
    reason: str


class Difference(Record):
    """Between two models: `aspects` are the fields that are not the same, for what is in both."""

    what: Literal["module", "symbol", "entry point", "entity"]
    name: str
    how: Literal["added", "removed", "changed"]
    aspects: tuple[str, ...] = ()


class SystemModel(Record):
    """Everything in a fixed order, so that two revisions can be compared line by line. `version` is that of this form."""

    version: Literal["1"] = "1"
    modules: tuple[Module, ...]
    calls: tuple[CallEdge, ...] = ()
    usages: tuple[Usage, ...] = ()
    pure: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    entries: tuple[EntryPoint, ...] = ()
    entities: tuple[Entity, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    flows: tuple[Flow, ...] = ()
    histories: tuple[FileHistory, ...] = ()

    def module(self, name: str) -> Module | None:
        return next((module for module in self.modules if module.name == name), None)

    def symbol(self, identity: str) -> Symbol | None:
        module = self.module(identity.partition(":")[0])
        return next((symbol for symbol in module.symbols if symbol.id == identity), None) if module else None

    def callers(self, identity: str) -> tuple[str, ...]:
        return tuple(sorted({edge.caller for edge in self.calls if edge.callee == identity}))
