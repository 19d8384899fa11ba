"""The brief's module as trees: its functions and classes by name, and what its annotations mean."""

import ast
import builtins
import datetime
import io
import re
import types
from collections.abc import Iterator

from qtest.generate.search.inferring import wanted
from qtest.generate.search.kinds import ANY, FunctionNode, Kind, Scope, Wanted
from qtest.generate.search.places import touches, with_places
from qtest.records.plan import Brief
from qtest.records.system import Parameter, Symbol

_EXCEPTIONS = frozenset(
    name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)
)
_DRAWING = re.compile(r"^\s*(import|from)\s.*\brandom\b", re.MULTILINE)
_MAKERS = ("__init__", "__new__")
_ORDINARY = tuple(
    frozenset(dir(kind))
    for kind in (
        *(str, bytes, list, tuple, dict, set, int, float, type, re.Pattern, re.Match),
        *(io.StringIO, io.BytesIO, datetime.datetime, datetime.timedelta, types.FunctionType, types.MethodType),
    )
)


class Code:
    """What the module and its neighbours say about functions and classes; read once."""

    def __init__(self, brief: Brief) -> None:
        self.module = brief.module.name
        self.source = brief.source
        self.touches_files = touches(brief.source)
        self.draws = any(_DRAWING.search(source) for source in (brief.source, *(one.source for one in brief.siblings)))
        self.symbols: dict[str, Symbol] = {symbol.id: symbol for symbol in (*brief.neighbours, *brief.module.symbols)}
        self.waits = any(symbol.is_async for symbol in brief.module.symbols)
        self.functions: dict[str, FunctionNode] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self._overloads: dict[str, list[FunctionNode]] = {}
        self._wanted: dict[tuple[str, str], Wanted] = {}
        self._doubted: set[str] = set()
        aliases: dict[str, ast.expr] = {}
        for home, source in (
            *((sibling.module, sibling.source) for sibling in brief.siblings),
            (self.module, brief.source),
        ):
            tree = _parsed(source)
            self._read(tree.body, home, "")
            aliases.update(_aliases(tree))
        named = {
            id_.rpartition(":")[2].rpartition(".")[2]: id_
            for id_, symbol in self.symbols.items()
            if symbol.kind == "class"
        }
        for item in brief.module.imports:
            if ":" in item.source and self.is_class(item.source):
                named[item.name] = item.source
        self.scope = Scope(named, aliases)

    def is_class(self, symbol: str) -> bool:
        found = self.symbols.get(symbol)
        return found.kind == "class" if found is not None else symbol in self.classes

    def is_public(self, symbol: str) -> bool:
        found = self.symbols.get(symbol)
        return found is None or found.public

    def wanted(self, symbol: Symbol, parameter: Parameter) -> Wanted:
        key = (symbol.id, parameter.name)
        if key not in self._wanted:
            body, owner = self.functions.get(symbol.id), owner_of(symbol.id)
            found = self._told_apart(symbol, parameter) or wanted(
                parameter, body, self.scope, owner, self.classes.get(owner)
            )
            if symbol.id in self._doubted and not found.declared:
                found = Wanted((ANY, *found.kinds))
            likely = self._having(read_of(parameter.name, body)) if body is not None and not found.declared else None
            if likely is not None and likely not in found.kinds:
                found = Wanted((likely, *found.kinds))
            self._wanted[key] = with_places(found, parameter, body, touching=self.touches_files)
        return self._wanted[key]

    def doubt(self, symbol: str) -> None:
        """What its parameters seemed to take was wrong: from now on they are given anything, unless they are annotated."""
        if symbol not in self._doubted:
            self._doubted.add(symbol)
            self._wanted = {key: found for key, found in self._wanted.items() if key[0] != symbol}

    def _told_apart(self, symbol: Symbol, parameter: Parameter) -> Wanted | None:
        """What overloads declare together, or a comment does, where the function itself has no annotation."""
        if parameter.annotation:
            return None
        annotated = [
            argument.annotation
            for node in self._overloads.get(symbol.id, ())
            for argument in _arguments(node)
            if argument.arg == parameter.name and argument.annotation is not None
        ]
        body = self.functions.get(symbol.id)
        annotated += _commented(body, parameter.name) if body is not None else []
        kinds = [kind for node in annotated for kind in self.scope.kinds(ast.unparse(node), owner_of(symbol.id))]
        return Wanted(tuple(dict.fromkeys(kinds)), declared=True) if kinds else None

    def _having(self, read: frozenset[str]) -> Kind | None:
        """The first class, its own module's before others, that has all the attributes that are read; None for what builtins have."""
        if not read or any(read <= ordinary for ordinary in _ORDINARY):
            return None
        ordered = sorted(self.classes, key=lambda cls: cls.partition(":")[0] != self.module)
        found = next((cls for cls in ordered if read <= self._attributes(cls)), "")
        return Kind("class", symbol=found) if found else None

    def _attributes(self, cls: str) -> frozenset[str]:
        return frozenset(
            name for owner in self.line(cls) if owner in self.classes for name in _defined(self.classes[owner])
        )

    def maker(self, cls: str) -> Symbol | None:
        """The method that says what the class is made of; its own or a base's."""
        for owner in self.line(cls):
            for name in _MAKERS:
                if f"{owner}.{name}" in self.symbols:
                    return self.symbols[f"{owner}.{name}"]
        return None

    def line(self, cls: str) -> Iterator[str]:
        """The class and its bases, as far as they are known."""
        waiting, seen = [cls], set()
        while waiting:
            name = waiting.pop(0)
            if name in seen:
                continue
            seen.add(name)
            yield name
            found = self.symbols.get(name)
            waiting += [base for written in (found.bases if found else ()) if (base := self._based(written, name))]

    def _based(self, written: str, near: str) -> str:
        plain = written.partition("[")[0].rpartition(".")[2]
        home = near.partition(":")[0]
        return f"{home}:{plain}" if f"{home}:{plain}" in self.symbols else self.scope.class_of(plain)

    def fields(self, cls: str) -> tuple[Parameter, ...]:
        """Of a dataclass, a named tuple, or another class that is made from its annotations."""
        found: dict[str, Parameter] = {}
        for owner in reversed(list(self.line(cls))):
            node = self.classes.get(owner)
            for item in node.body if node is not None else ():
                match item:
                    case ast.AnnAssign(target=ast.Name(id=name)) if "ClassVar" not in ast.unparse(item.annotation):
                        default = ast.unparse(item.value) if item.value is not None else ""
                        found[name] = Parameter(
                            name=name,
                            kind="positional or keyword",
                            annotation=ast.unparse(item.annotation),
                            default=default,
                        )
        return tuple(found.values())

    def has_fields(self, cls: str) -> bool:
        for owner in self.line(cls):
            symbol = self.symbols.get(owner)
            words = " ".join((*symbol.decorators, *symbol.bases)) if symbol else ""
            if "dataclass" in words or "NamedTuple" in words or "attr.s" in words or "define" in words:
                return True
        return False

    def is_exception(self, cls: str) -> bool:
        return any(base.rpartition(".")[2] in _EXCEPTIONS for owner in self.line(cls) for base in self._bases(owner))

    def _bases(self, cls: str) -> tuple[str, ...]:
        return self.symbols[cls].bases if cls in self.symbols else ()

    def kept(self, cls: str) -> tuple[str, ...]:
        """Public attributes that its methods set."""
        nodes = [part for owner in self.line(cls) if owner in self.classes for part in ast.walk(self.classes[owner])]
        names = [
            part.attr
            for part in nodes
            if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)
            if isinstance(part.value, ast.Name) and part.value.id == "self" and not part.attr.startswith("_")
        ]
        return tuple(dict.fromkeys(names))

    def members(self, cls: str) -> tuple[str, ...]:
        """Of an enumeration."""
        if not any(
            base.rpartition(".")[2] in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")
            for owner in self.line(cls)
            for base in (self.symbols[owner].bases if owner in self.symbols else ())
        ):
            return ()
        node = self.classes.get(cls)
        assigned = [item.targets[0] for item in (node.body if node else ()) if isinstance(item, ast.Assign)]
        return tuple(target.id for target in assigned if isinstance(target, ast.Name) and not target.id.startswith("_"))

    def abstract(self, cls: str) -> bool:
        return any(
            "abstractmethod" in word
            for symbol in self.symbols.values()
            if symbol.id.startswith(f"{cls}.") and symbol.id.count(".") == cls.count(".") + 1
            for word in symbol.decorators
        )

    def heirs(self, cls: str) -> list[str]:
        return [
            id_
            for id_, symbol in self.symbols.items()
            if symbol.kind == "class" and id_ != cls and cls in self.line(id_)
        ]

    def producers(self, cls: str) -> list[Symbol]:
        """Public class methods and functions that are said to give one back."""
        found = []
        for symbol in self.symbols.values():
            if not symbol.public or symbol.is_async or not symbol.returns:
                continue
            own = symbol.kind == "class method" and owner_of(symbol.id) in self.line(cls)
            said = symbol.returns.strip("'\"").rpartition(".")[2]
            free = symbol.kind == "function" and self.scope.kinds(symbol.returns) == (Kind("class", symbol=cls),)
            if free or (own and said in ("Self", cls.rpartition(":")[2])):
                found.append(symbol)
        return found

    def _read(self, body: list[ast.stmt], home: str, within: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                self.classes[f"{home}:{within}{node.name}"] = node
                self._read(node.body, home, f"{within}{node.name}.")
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{home}:{within}{node.name}"
                if _is_overload(node):
                    self._overloads.setdefault(name, []).append(node)
                else:
                    self.functions.setdefault(name, node)
            elif isinstance(node, ast.If | ast.Try):
                self._read(node.body, home, within)
                self._read(node.orelse, home, within)


def _is_overload(node: FunctionNode) -> bool:
    return any(ast.unparse(word).rpartition(".")[2] == "overload" for word in node.decorator_list)


def _arguments(node: FunctionNode) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def _commented(node: FunctionNode, name: str) -> list[ast.expr]:
    """Of `# type: (int, str) -> None`, as files write that once ran on Python 2, the type of that parameter."""
    if not node.type_comment:
        return []
    try:
        told = ast.parse(node.type_comment, mode="func_type").argtypes
    except (SyntaxError, ValueError, RecursionError):
        return []
    told = told[: len(told) - bool(node.args.vararg) - bool(node.args.kwarg)]
    arguments = _arguments(node)[-len(told) :] if told else []  # the receiver is left out
    return [given for argument, given in zip(arguments, told, strict=False) if argument.arg == name]


def read_of(name: str, body: FunctionNode) -> frozenset[str]:
    """The attributes of that name that the body reads."""
    return frozenset(
        node.attr
        for node in ast.walk(body)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    )


def _defined(node: ast.ClassDef) -> Iterator[str]:
    """Names of its methods and values, and of what its methods keep in the object."""
    for part in ast.walk(node):
        match part:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name
    for item in node.body:
        match item:
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def owner_of(symbol: str) -> str:
    """The class a method lives in; empty for a function."""
    home, _, name = symbol.partition(":")
    owner = name.rpartition(".")[0]
    return f"{home}:{owner}" if owner else ""


def _parsed(source: str) -> ast.Module:
    for comments in (True, False):  # a comment that is no type makes the first fail
        try:
            return ast.parse(source, type_comments=comments)
        except (SyntaxError, ValueError, RecursionError):
            continue
    return ast.Module(body=[], type_ignores=[])


def _aliases(tree: ast.Module) -> dict[str, ast.expr]:
    """Names that stand for types: `Both = Union[int, str]`, and what a type variable is bound to."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript() | ast.BinOp(op=ast.BitOr()) as value):
                found[name] = value
            case ast.AnnAssign(
                target=ast.Name(id=name), annotation=ast.Name(id="TypeAlias"), value=ast.expr() as value
            ):
                found[name] = value
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="TypeVar" | "NewType"), args=[_, first, *_]),
            ):
                found[name] = first
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="TypeVar"), keywords=given)):
                bound = next((item.value for item in given if item.arg == "bound"), None)
                if bound is not None:
                    found[name] = bound
    return found
