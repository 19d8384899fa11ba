"""The lines of one test function: set-up, the call, and what is asserted of it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qtest.errors import UnspokenError
from qtest.languages.python import literals, words
from qtest.languages.python.fixtures import reused
from qtest.languages.python.naming import snake
from qtest.languages.python.pen import COMPARE, Pen, Written
from qtest.languages.python.shape import Shape, is_nan_inside, is_statement
from qtest.languages.python.waiting import is_scenario
from qtest.languages.python.walk import walk
from qtest.records.case import (
    RESULT,
    SCRATCH,
    Approximately,
    Bool,
    CallCase,
    Consume,
    Enter,
    Equals,
    Expectation,
    Expression,
    Float,
    HasShape,
    Holds,
    Int,
    Is,
    IsInstance,
    IsNan,
    Operate,
    Outputs,
    Raises,
    Ref,
    Subject,
    Text,
    Warns,
)
from qtest.records.file import Fixture

EXPECTATIONS = frozenset(
    ("equals", "is", "approximately", "is nan", "is instance", "has shape", "raises", "warns", "outputs", "holds")
)
_SPECIAL = re.compile(r"[.^$*+?{}\[\]\\|()]")
_TOO_WIDE = frozenset(("builtins:Exception", "builtins:BaseException"))
_MEMBER = re.compile(r"""\.?([^\W\d]\w*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]""")
_VIEWS = {"": "{}", "list": "list({})", "keys": "list({})", "length": "len({})", "type": "type({}).__name__"}
_VIEWS |= {"repr": "repr({})", "str": "str({})", "sorted": "sorted({})"}
_READABLE_ESCAPES, _READABLE_LENGTH = 3, 80


@dataclass(frozen=True)
class Body:
    lines: tuple[str, ...]
    fixtures: tuple[str, ...]


def body(shape: Shape, pen: Pen, worn: Iterable[str], width: int, fixtures: Sequence[Fixture] = ()) -> Body:
    """`worn` are the names that the file's imports bind; no local hides one of them. What a fixture gives is not made again."""
    return _Writer(shape, pen, frozenset(worn), width, fixtures).body()


class _Writer:
    def __init__(self, shape: Shape, pen: Pen, worn: frozenset[str], width: int, fixtures: Sequence[Fixture]) -> None:
        self._case: CallCase = shape.case
        self._shape = shape
        self._pen = pen
        self._width = width
        self._in_loop = is_scenario(shape.case)
        free = () if self._in_loop else [one for one in fixtures if one.name not in {*worn, *shape.parameters}]
        self._reused = reused(shape.case.setup, free)
        self._locals = _locals(shape, worn, self._reused)
        self._copies = _copies(shape, worn, self._locals.values())
        self._looks = sum(_looks_at_result(expectation) for expectation in shape.case.expect)
        self._fixtures = {fixture.name for fixture in self._reused.values()}

    def body(self) -> Body:
        if self._case.isolation.fresh_process or self._case.isolation.frozen_clock:
            raise UnspokenError("Python does not speak isolation by a fresh process or a frozen clock")
        self._pen.begin(self._locals, {symbol: name for name, symbol in self._copies.items()}, self._in_loop)
        copied = [line for name, symbol in self._copies.items() for line in self._restored(name, symbol)]
        lines = [*copied, *(self._scenario() if self._in_loop else (*self._setup(), *self._guarded()))]
        return Body(tuple(lines), tuple(sorted(self._fixtures | self._pen.fixtures)))

    def _scenario(self) -> Iterator[str]:
        """Everything in one event loop. The one thing that is looked at comes out of it; else it is looked at inside."""
        self._pen.need("import asyncio")
        told = self._is_returned()
        lines = [*self._setup(), *([f"return {self._pen.valued(self._case.input)}"] if told else self._guarded())]
        yield "async def scenario():"
        yield from (f"    {line}" for line in lines)
        yield ""
        run = Written("asyncio.run(scenario())")
        yield from self._said(self._case.expect[0], run) if told else (run.text,)

    def _is_returned(self) -> bool:
        """One thing is said of the result as it is; its attributes and texts may be others once the loop is closed."""
        expect, given = self._case.expect, self._case.input
        if self._looks != 1 or len(expect) != 1 or self._case.lifecycle.teardown or isinstance(given, Enter):
            return False
        if isinstance(expect[0], Holds | HasShape | Raises | Warns | Outputs):
            return False
        return isinstance(given, Consume) or not (expect[0].subject.path or expect[0].subject.view)

    def _setup(self) -> Iterator[str]:
        for step in self._case.setup[len(self._reused) :]:
            yield from self._pen.step(step).split("\n")
        if self._outputs() and self._case.setup:
            yield "capsys.readouterr()"

    def _guarded(self) -> Iterator[str]:
        teardown = self._case.lifecycle.teardown
        lines = [*self._act(), *self._after()]
        if not teardown:
            yield from lines
            return
        yield "try:"
        yield from (f"    {line}" for line in lines)
        yield "finally:"
        yield from (f"    {line}" for step in teardown for line in self._pen.step(step).split("\n"))

    def _restored(self, name: str, symbol: str) -> Iterator[str]:
        """A copy stands in for what the call changes, and pytest puts the original back."""
        home, _, qualname = symbol.partition(":")
        self._fixtures.add("monkeypatch")
        self._pen.need("import copy")
        owner, _, attribute = qualname.rpartition(".")
        if not owner:
            self._pen.need("import sys")
        where = self._pen.spell(f"{home}:{owner}") if owner else f"sys.modules[{literals.text(home)}]"
        yield f"{name} = copy.deepcopy({self._pen.spell(symbol)})"
        yield f"monkeypatch.setattr({where}, {literals.text(attribute)}, {name})"

    # --- the call ------------------------------------------------------------------------------------------------

    def _act(self) -> Iterator[str]:
        contexts = [
            self._context(expectation) for expectation in self._case.expect if isinstance(expectation, Raises | Warns)
        ]
        given = self._case.input
        if self._is_inline():
            return
        if isinstance(given, Enter):
            yield from self._entered(given, contexts)
            return
        line = f"result = {self._pen.valued(given)}" if self._looks else self._pen.write(given).text
        if contexts:
            yield f"with {', '.join(contexts)}:"
            yield f"    {line}"
        elif line != "result = result":
            yield line

    def _entered(self, given: Enter, contexts: list[str]) -> Iterator[str]:
        bound = " as result" if self._looks else ""
        entering = f"{self._pen.inside(given.source)}{bound}"
        if not given.awaited:
            contexts = [*contexts, entering]
        if contexts:
            yield f"with {', '.join(contexts)}:"
        margin = ""
        if given.awaited:
            margin = "    " if contexts else ""
            yield f"{margin}async with {entering}:"
        yield f"{margin}    pass"

    def _is_inline(self) -> bool:
        """One assertion that can hold the call itself, on one line."""
        case = self._case
        if self._looks != 1 or len(case.expect) != 1 or isinstance(case.input, Enter):
            return False
        if isinstance(case.expect[0], Holds | HasShape | Raises | Warns):
            return False
        return all(len(line) <= self._width for line in self._said(case.expect[0], self._inline()))

    def _inline(self) -> Written:
        given = self._case.input
        return Written(self._pen.valued(given)) if is_statement(given) else self._pen.write(given)

    def _context(self, expectation: Raises | Warns) -> str:
        self._pen.need("import pytest")
        symbol = self._pen.spell(expectation.symbol)
        if isinstance(expectation, Raises) and self._compared(expectation):
            return f"pytest.raises({symbol}) as caught"
        pattern = _pattern(expectation)
        match = f", match={literals.raw(pattern)}" if pattern is not None else ""
        return f"pytest.{'raises' if isinstance(expectation, Raises) else 'warns'}({symbol}{match})"

    def _compared(self, expectation: Raises) -> bool:
        """The message is compared as a string: it varies, or as a pattern it would not be readable."""
        if expectation.symbol in _TOO_WIDE:
            return True
        if expectation.message is None or not expectation.exact:
            return False
        return bool(self._shape.message) or not _reads_well(expectation.message) or SCRATCH in expectation.message

    # --- what is asserted ----------------------------------------------------------------------------------------

    def _after(self) -> Iterator[str]:
        result = self._inline() if self._is_inline() else Written("result")
        if len(self._outputs()) == 2:
            yield "printed = capsys.readouterr()"
        for expectation in self._case.expect:
            yield from self._said(expectation, result)

    def _said(self, expectation: Expectation, result: Written) -> Iterator[str]:
        match expectation:
            case Raises():
                yield from self._caught(expectation)
            case Outputs(text, stream):
                yield self._printed(text, "out" if stream == "stdout" else "err")
            case Warns():
                pass
            case HasShape(members, subject):
                yield from self._members(members, self._subject(subject, result))
            case Holds(law):
                yield f"assert {self._pen.inside(law)}"
            case Is(Bool(truth)) if membership := self._membership(expectation.subject, result):
                needle, holder = (self._pen.inside(operand, COMPARE + 1) for operand in membership.operands)
                yield f"assert {needle} {'in' if truth else 'not in'} {holder}"
            case _:
                yield f"assert {self._claim(expectation, self._subject(expectation.subject, result))}"

    def _membership(self, subject: Subject, result: Written) -> Operate | None:
        """The `in` that is asked right in the assertion."""
        given = self._case.input
        asked = isinstance(given, Operate) and given.operator == "in" and subject == RESULT and not self._in_loop
        return given if asked and isinstance(given, Operate) and result.text != "result" else None

    def _caught(self, expectation: Raises) -> Iterator[str]:
        if expectation.symbol in _TOO_WIDE:
            yield f"assert caught.type is {self._pen.spell(expectation.symbol)}"
        if self._compared(expectation) and expectation.message is not None:
            message = self._shape.message or self._pen.inside(Text(expectation.message))
            yield (
                f"assert {message} in str(caught.value)"
                if not expectation.exact
                else f"assert str(caught.value) == {message}"
            )

    def _printed(self, text: str, stream: str) -> str:
        self._fixtures.add("capsys")
        source = "printed" if len(self._outputs()) == 2 else "capsys.readouterr()"
        return f"assert {source}.{stream} == {self._pen.inside(Text(text))}"

    def _outputs(self) -> list[Outputs]:
        return [expectation for expectation in self._case.expect if isinstance(expectation, Outputs)]

    def _members(self, members: Iterable[tuple[str, str]], subject: Written) -> Iterator[str]:
        for path, kind in members:
            yield f"assert type({_within(self._atom(subject), path)}).__name__ == {literals.text(kind)}"

    def _claim(self, expectation: Equals | Is | Approximately | IsNan | IsInstance, subject: Written) -> str:
        left = subject.text if subject.binds > COMPARE else f"({subject.text})"
        match expectation:
            case IsNan() | Equals(Float("nan")):
                self._pen.need("import math")
                return f"math.isnan({subject.text})"
            case Equals(value) if is_nan_inside(value):
                return f"repr({subject.text}) == repr({self._pen.inside(value)})"
            case Equals(value):
                return f"{left} == {self._pen.inside(value, COMPARE + 1)}"
            case Is(value):
                return f"{left} is {self._pen.inside(value, COMPARE + 1)}"
            case IsInstance(symbol):
                return f"isinstance({subject.text}, {self._pen.spell(symbol)})"
            case Approximately():
                return f"{left} == {self._approximate(expectation)}"

    def _approximate(self, expectation: Approximately) -> str:
        """pytest adds an absolute tolerance of 1e-12 unless told otherwise, which is wide for small numbers."""
        self._pen.need("import pytest")
        small = not _beyond(expectation.value, 1e-12 / (expectation.relative or 1e-9))
        absolute = f", abs={expectation.absolute!r}" if expectation.absolute or small else ""
        return f"pytest.approx({self._pen.inside(expectation.value)}, rel={expectation.relative!r}{absolute})"

    def _subject(self, subject: Subject, result: Written) -> Written:
        base = result if subject.of == "result" else self._pen.write(Ref(subject.of))
        if not subject.path and not subject.view:
            return base
        text = self._atom(base) if subject.path else base.text
        for name in subject.path:
            text = f"{text}.{name}" if name.isidentifier() else f"getattr({text}, {literals.text(name)})"
        return Written(_VIEWS[subject.view].format(text))

    def _atom(self, written: Written) -> str:
        return written.text if written.binds == Written("").binds else f"({written.text})"


def _locals(shape: Shape, worn: frozenset[str], reused: Mapping[int, Fixture]) -> dict[str, str]:
    """Readable names for the steps that bind one; a parameter and a fixture keep their own."""
    names = {shape.case.setup[at].name: fixture.name for at, fixture in reused.items()}
    for step in (*shape.case.setup, *shape.case.lifecycle.teardown):
        if step.name and step.name not in names:
            given = {*shape.parameters, *names.values()}
            names[step.name] = words.free(words.of_step(step.name, step.does), worn, given)
    return names


def _copies(shape: Shape, worn: frozenset[str], local: Iterable[str]) -> dict[str, str]:
    """A local for each constant to be restored, by name."""
    names: dict[str, str] = {}
    for symbol in shape.case.isolation.restored:
        name = snake(symbol.partition(":")[2].rpartition(".")[2]) or "original"
        names[words.free(name, worn, {*shape.parameters, *local, *names})] = symbol
    return names


def _looks_at_result(expectation: Expectation) -> bool:
    if isinstance(expectation, Holds):
        return any(part == Ref("result") for part in walk(expectation.law))
    return not isinstance(expectation, Raises | Warns | Outputs) and expectation.subject.of == "result"


def _pattern(expectation: Raises | Warns) -> str | None:
    if expectation.message is None:
        return None
    escaped = _SPECIAL.sub(r"\\\g<0>", expectation.message)
    return f"^{escaped}$" if expectation.exact else escaped


def _reads_well(message: str) -> bool:
    return (
        len(_SPECIAL.findall(message)) <= _READABLE_ESCAPES
        and len(message) <= _READABLE_LENGTH
        and message.isprintable()
        and message != ""
    )


def _beyond(value: Expression, least: float) -> bool:
    match value:
        case Float():
            return abs(value.value) >= least
        case Int(whole):
            return abs(whole) >= least
    return False


def _within(owner: str, path: str) -> str:
    """The owner with the path's attributes and items behind it, as `HasShape` writes paths."""
    at, text = 0, owner
    while at < len(path):
        found = _MEMBER.match(path, at)
        if found is None:
            raise UnspokenError(f"Python does not speak the path {path!r}")
        attribute, index, key = found.groups()
        text += f".{attribute}" if attribute else f"[{index or key}]"
        at = found.end()
    return text
