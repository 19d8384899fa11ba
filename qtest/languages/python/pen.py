"""How each kind of the DSL is written in Python: one writer a kind."""

import keyword
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qtest.errors import UnspokenError
from qtest.languages.python import literals, waiting
from qtest.languages.python.naming import Names, unmangled
from qtest.records.case import (
    SCRATCH,
    Argument,
    Bool,
    Bytes,
    Call,
    Construct,
    Consume,
    Date,
    DateTime,
    Decimal,
    Duration,
    Enter,
    EnumMember,
    EnvValue,
    Expression,
    Float,
    Function,
    Get,
    Int,
    Later,
    List,
    Map,
    Null,
    Operate,
    Ref,
    Regex,
    Set,
    SetAttribute,
    Step,
    SymbolRef,
    Text,
    Time,
    Tuple,
)

ATOM, AWAIT, POWER, UNARY, COMPARE, NOT, AND, OR, LAMBDA, STATEMENT = 20, 17, 16, 15, 6, 5, 4, 3, 1, 0
_BINARY = {"**": POWER, "*": 13, "@": 13, "/": 13, "//": 13, "%": 13, "+": 12, "-": 12, "<<": 11, ">>": 11, "&": 10}
_BINARY |= {"^": 9, "|": 8, "and": AND, "or": OR}
_COMPARES = frozenset(("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"))
_UNARY = {"neg": "-", "pos": "+", "~": "~", "not": "not "}


@dataclass(frozen=True)
class Written:
    """Source text, and how tightly its outermost operator binds."""

    text: str
    binds: int = ATOM


class Pen:
    """Writes expressions with one set of names, and remembers what they need imported."""

    def __init__(self, names: Names, renamed: Mapping[str, str] | None = None) -> None:
        self._names = names
        self._renamed: Mapping[str, str] = renamed or {}
        self._standing_in: Mapping[str, str] = {}
        self._needs: set[str] = set()
        self._functions: dict[str, str] = {}
        self.fixtures: set[str] = set()
        self.in_loop = False

    def begin(self, renamed: Mapping[str, str], standing_in: Mapping[str, str], in_loop: bool = False) -> None:
        """A new test: its locals' names, the locals that stand in for module constants, and whether an event loop runs it."""
        self._renamed = renamed
        self._standing_in = standing_in
        self.fixtures = set()
        self.in_loop = in_loop

    def imports(self) -> tuple[str, ...]:
        """Import statements, and after them the functions that are defined beside the tests."""
        return (*sorted(self._needs), *sorted(self._functions.values()))

    def need(self, statement: str) -> None:
        if statement:
            self._needs.add(statement)

    def spell(self, symbol: str) -> str:
        spelled = self._names.spell(symbol)
        self.need(spelled.imports)
        return spelled.text

    def step(self, step: Step) -> str:
        """A line of set-up."""
        name = self._renamed.get(step.name, step.name)
        if isinstance(step.does, Enter):
            bound = f" as {name}" if name else ""
            return f"{'async ' if step.does.awaited else ''}with {self.inside(step.does.source)}{bound}:\n    pass"
        written = self.write(step.does)
        return f"{name} = {written.text}" if name and written.binds != STATEMENT else written.text

    def write(self, expression: Expression) -> Written:
        writer = _WRITERS.get(type(expression))
        if writer is None:
            raise UnspokenError(f"Python does not speak {expression.kind!r}")
        return writer(self, expression)

    def inside(self, expression: Expression, at_least: int = LAMBDA) -> str:
        """Inside something else, in parentheses where it binds less than `at_least`."""
        written = self.write(expression)
        if written.binds == STATEMENT:
            raise UnspokenError(f"Python does not speak {expression.kind!r} inside an expression")
        return written.text if written.binds >= at_least else f"({written.text})"

    def valued(self, expression: Expression) -> str:
        """The same effect as an expression, for what is a statement in Python."""
        match expression:
            case SetAttribute(receiver, attribute, value):
                return f"setattr({self.inside(receiver)}, {literals.text(attribute)}, {self.inside(value)})"
            case Operate("[]=", (owner, key, value)):
                return f"{self.owner(owner)}.__setitem__({self.inside(key)}, {self.inside(value)})"
            case Operate("del []", (owner, key)):
                return f"{self.owner(owner)}.__delitem__({self.inside(key)})"
            case Enter(source, awaited):
                return self._entered(source) if awaited else f"({_LEFT})({self.inside(source)})"
        return self.inside(expression)

    def owner(self, expression: Expression) -> str:
        """Before a dot, a bracket or a call."""
        text = self.inside(expression, ATOM)
        return f"({text})" if isinstance(expression, Int | Float) and not text.startswith(("(", "float")) else text

    def arguments(self, arguments: Iterable[Argument]) -> str:
        return ", ".join(self._argument(argument) for argument in arguments)

    def _argument(self, argument: Argument) -> str:
        value = self.inside(argument.value)
        if argument.spread == "sequence":
            if isinstance(argument.value, List | Tuple) and argument.value.items:
                return ", ".join(self.inside(item) for item in argument.value.items)
            return f"*{self.inside(argument.value, 8)}"
        if argument.spread == "map":
            named = _as_keywords(argument.value)
            if named:
                return ", ".join(self._argument(one) for one in named)
            return f"**{self.inside(argument.value, 8)}"
        if not argument.name:
            return value
        if not argument.name.isidentifier() or argument.name in _KEYWORDS:
            return f"**{{{literals.text(argument.name)}: {value}}}"
        return f"{argument.name}={value}"

    # --- one writer a kind ---------------------------------------------------------------------------------------

    def _null(self, _: Null) -> Written:
        return Written("None")

    def _bool(self, value: Bool) -> Written:
        return Written(str(value.value))

    def _int(self, value: Int) -> Written:
        if value.bits:
            raise UnspokenError("Python does not speak 'int' of a fixed size")
        return Written(repr(value.value), ATOM if value.value >= 0 else UNARY)

    def _float(self, value: Float) -> Written:
        if value.bits != 64:
            raise UnspokenError("Python does not speak 'float' of 32 bits")
        text = literals.number(value.text)
        return Written(text, UNARY if text.startswith("-") else ATOM)

    def _decimal(self, value: Decimal) -> Written:
        return Written(f"{self.spell('decimal:Decimal')}({literals.text(value.text)})")

    def _text(self, value: Text) -> Written:
        if SCRATCH not in value.value:
            return Written(literals.text(value.value))
        self.fixtures.add("tmp_path")
        name = value.value.removeprefix(f"{SCRATCH}/")
        if value.value == SCRATCH:
            return Written("str(tmp_path)")
        if name != value.value and SCRATCH not in name and not _UNLIKE_A_PATH.search(name):
            return Written(f"str(tmp_path / {literals.text(name)})")
        escaped = value.value.replace("{", "{{").replace("}", "}}")
        return Written("f" + literals.text(escaped).replace(SCRATCH, "{tmp_path}"))

    def _bytes(self, value: Bytes) -> Written:
        return Written(literals.octets(value.value))

    def _regex(self, value: Regex) -> Written:
        self.need("import re")
        flags = f", {literals.flags(value.flags)}" if value.flags else ""
        return Written(f"re.compile({literals.raw(value.pattern)}{flags})")

    def _dated(self, text: str) -> Written:
        self.need("import datetime")
        return Written(text, UNARY if text.startswith("-") else ATOM)

    def _date(self, value: Date) -> Written:
        return self._dated(literals.date(value.iso))

    def _time(self, value: Time) -> Written:
        return self._dated(literals.time(value.iso))

    def _date_time(self, value: DateTime) -> Written:
        return self._dated(literals.date_time(value.iso))

    def _duration(self, value: Duration) -> Written:
        return self._dated(literals.duration(value.microseconds))

    def _list(self, value: List) -> Written:
        return Written(f"[{', '.join(self.inside(item) for item in value.items)}]")

    def _tuple(self, value: Tuple) -> Written:
        items = [self.inside(item) for item in value.items]
        return Written(f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})")

    def _set(self, value: Set) -> Written:
        items = f"{{{', '.join(self.inside(item) for item in value.items)}}}" if value.items else ""
        if value.frozen:
            return Written(f"frozenset({items})")
        return Written(items or "set()")

    def _map(self, value: Map) -> Written:
        pairs = (f"{self.inside(entry.key)}: {self.inside(entry.value)}" for entry in value.entries)
        return Written(f"{{{', '.join(pairs)}}}")

    def _enum(self, value: EnumMember) -> Written:
        owner, members = self.spell(value.symbol), value.member.split("|")
        if all(member.isidentifier() for member in members):
            return Written(" | ".join(f"{owner}.{member}" for member in members), ATOM if len(members) == 1 else 8)
        return Written(f"{owner}[{literals.text(value.member)}]")

    def _symbol(self, value: SymbolRef) -> Written:
        return Written(self._standing_in.get(value.symbol) or self.spell(value.symbol))

    def _function(self, value: Function) -> Written:
        if value.awaited:
            return Written(self._defined(value))
        head = f"lambda {', '.join(value.parameters)}" if value.parameters else "lambda"
        outside = self._renamed
        self._renamed = {name: new for name, new in outside.items() if name not in value.parameters}
        body = self.inside(value.body)
        self._renamed = outside
        return Written(f"{head}: {body}", LAMBDA)

    def _defined(self, value: Function) -> str:
        """The name of the coroutine function, which stands beside the tests."""
        outside, self._renamed = self._renamed, {}
        body = self.inside(value.body)
        self._renamed = outside
        wanted = name = value.name or "callback"
        count = 1
        while name in self._names.worn or self._functions.get(
            name, waiting.function(name, value.parameters, body)
        ) != waiting.function(name, value.parameters, body):
            count += 1
            name = f"{wanted}_{count}"
        self._functions[name] = waiting.function(name, value.parameters, body)
        return name

    def _helper(self, name: str) -> str:
        self._functions[name] = waiting.HELPERS[name]
        return name

    def _ref(self, value: Ref) -> Written:
        name = self._renamed.get(value.name, value.name)
        if not name.isidentifier() or name in _KEYWORDS:
            raise UnspokenError(f"Python does not speak 'ref' to {name!r}")
        return Written(name)

    def _env(self, value: EnvValue) -> Written:
        if value.what == "clock":
            raise UnspokenError("Python does not speak 'env' of the clock")
        self.fixtures.add("tmp_path")
        if value.what == "scratch folder" and not value.name:
            return Written("tmp_path")
        return Written(f"tmp_path / {literals.text(value.name)}", 13)

    def _construct(self, value: Construct) -> Written:
        return Written(f"{self.spell(value.symbol)}({self.arguments(value.arguments)})")

    def _call(self, value: Call) -> Written:
        if value.receiver is None:
            called = self.spell(value.symbol)
        elif value.symbol.endswith(".__call__"):
            called = self.owner(value.receiver)
        else:
            called = self._attribute(value.receiver, _own_name(value.symbol))
        text = f"{called}({self.arguments(value.arguments)})"
        return self._run(text) if value.awaited else Written(text)

    def _run(self, text: str) -> Written:
        if self.in_loop:
            return Written(f"await {text}", AWAIT)
        self.need("import asyncio")
        return Written(f"asyncio.run({text})")

    def _later(self, value: Later) -> Written:
        name = self._helper("async_iter" if value.what == "items" else "async_value")
        return Written(f"{name}({self.inside(value.source)})")

    def _get(self, value: Get) -> Written:
        private = value.attribute.startswith("__") and value.symbol.endswith(f".{value.attribute}")
        return Written(self._attribute(value.receiver, _own_name(value.symbol) if private else value.attribute))

    def _attribute(self, owner: Expression, name: str) -> str:
        if not name.isidentifier() or name in _KEYWORDS:
            return f"getattr({self.inside(owner)}, {literals.text(name)})"
        return f"{self.owner(owner)}.{name}"

    def _set_attribute(self, value: SetAttribute) -> Written:
        if not value.attribute.isidentifier() or value.attribute in _KEYWORDS:
            return Written(self.valued(value))
        return Written(f"{self.owner(value.receiver)}.{value.attribute} = {self.inside(value.value)}", STATEMENT)

    def _consume(self, value: Consume) -> Written:
        source = self.inside(value.source)
        if value.awaited and not value.limit and self.in_loop:
            return Written(f"[item async for item in {source}]")
        if value.awaited:
            return self._run(f"{self._helper('first_items')}({source}, {value.limit or 'None'})")
        if not value.limit:
            return Written(f"list({source})")
        return Written(f"list({self.spell('itertools:islice')}({source}, {value.limit}))")

    def _entered(self, source: Expression) -> str:
        return self._run(f"{self._helper('entered')}({self.inside(source)})").text

    def _enter(self, value: Enter) -> Written:
        if value.awaited:
            return Written(f"async with {self.inside(value.source)}:\n    pass", STATEMENT)
        return Written(f"with {self.inside(value.source)}:\n    pass", STATEMENT)

    def _operate(self, value: Operate) -> Written:
        sign, operands = value.operator, value.operands
        if sign in _UNARY:
            level = NOT if sign == "not" else UNARY
            return Written(f"{_UNARY[sign]}{self.inside(operands[0], level)}", level)
        if sign in ("is", "is not") and any(isinstance(operand, _WARNED) for operand in operands):
            return self._by_function("is_" if sign == "is" else "is_not", operands)
        if sign in _COMPARES:
            return Written(f" {sign} ".join(self.inside(operand, COMPARE + 1) for operand in operands), COMPARE)
        if sign in _BINARY:
            return self._binary(sign, operands)
        if sign in ("[]", "[]=", "del []", "[:]"):
            return self._subscript(sign, operands)
        if sign.isidentifier():
            inner = ", ".join(self.inside(operand) for operand in operands)
            return Written(f"{self.spell(f'builtins:{sign}')}({inner})")
        raise UnspokenError(f"Python does not speak the operator {sign!r}")

    def _binary(self, sign: str, operands: tuple[Expression, ...]) -> Written:
        level = _BINARY[sign]
        left, right = (level + 1, UNARY) if sign == "**" else (level, level + 1)
        first, *rest = operands
        texts = [self.inside(first, left), *(self.inside(operand, right) for operand in rest)]
        return Written(f" {sign} ".join(texts), level)

    def _by_function(self, name: str, operands: tuple[Expression, ...]) -> Written:
        """For what Python warns of when it is written with the operator."""
        self.need("import operator")
        return Written(f"operator.{name}({', '.join(self.inside(operand) for operand in operands)})")

    def _subscript(self, sign: str, operands: tuple[Expression, ...]) -> Written:
        owner, *rest = operands
        if sign == "[:]":
            bounds = ["" if isinstance(bound, Null) else self.inside(bound) for bound in rest]
            return Written(f"{self.owner(owner)}[{':'.join(bounds) if len(bounds) > 1 else f'{bounds[0]}:'}]")
        if (
            sign == "[]"
            and isinstance(owner, _WARNED)
            and not (isinstance(owner, _INDEXED) and isinstance(rest[0], Int))
        ):
            return self._by_function("getitem", operands)
        item = f"{self.owner(owner)}[{self.inside(rest[0])}]"
        if sign == "[]=":
            return Written(f"{item} = {self.inside(rest[1])}", STATEMENT)
        return Written(f"del {item}", STATEMENT) if sign == "del []" else Written(item)


def _as_keywords(value: Expression) -> tuple[Argument, ...]:
    """A mapping written out on the spot, unpacked, as the keyword arguments that it is; empty where it is not one."""
    if not isinstance(value, Map):
        return ()
    named = tuple(Argument(entry.value, entry.key.value) for entry in value.entries if isinstance(entry.key, Text))
    usable = all(argument.name.isidentifier() and argument.name not in _KEYWORDS for argument in named)
    return named if usable and len(named) == len(value.entries) else ()


def _own_name(symbol: str) -> str:
    """A member's name as it is looked up from outside of its class."""
    return unmangled(".".join(symbol.partition(":")[2].split(".")[-2:])).rpartition(".")[2]


_UNLIKE_A_PATH = re.compile(r"[\s:;,]|^/|//|/$|(^|/)\.(/|$)")  # what joining would write otherwise, or a sentence
_INDEXED = (Text, Bytes, List, Tuple)
_WARNED = (*_INDEXED, Int, Float, Set, Function)
_KEYWORDS = frozenset(keyword.kwlist)

_LEFT = "lambda manager: (manager.__enter__(), manager.__exit__(None, None, None))[0]"
_WRITERS: dict[Any, Callable[[Pen, Any], Written]] = {
    Null: Pen._null,
    Bool: Pen._bool,
    Int: Pen._int,
    Float: Pen._float,
    Decimal: Pen._decimal,
    Text: Pen._text,
    Bytes: Pen._bytes,
    Regex: Pen._regex,
    Date: Pen._date,
    Time: Pen._time,
    DateTime: Pen._date_time,
    Duration: Pen._duration,
    List: Pen._list,
    Tuple: Pen._tuple,
    Set: Pen._set,
    Map: Pen._map,
    EnumMember: Pen._enum,
    SymbolRef: Pen._symbol,
    Function: Pen._function,
    Ref: Pen._ref,
    EnvValue: Pen._env,
    Construct: Pen._construct,
    Call: Pen._call,
    Get: Pen._get,
    SetAttribute: Pen._set_attribute,
    Operate: Pen._operate,
    Consume: Pen._consume,
    Enter: Pen._enter,
    Later: Pen._later,
}

SPEAKS = frozenset(str(writer.__dataclass_fields__["kind"].default) for writer in _WRITERS)
