"""Cases that differ only in their data are one parametrised test: what is common, and the rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from qtest.languages.python import words
from qtest.languages.python.walk import walk
from qtest.records.case import (
    SCRATCH,
    Approximately,
    Argument,
    Bool,
    Bytes,
    Call,
    CallCase,
    Construct,
    Consume,
    Decimal,
    Enter,
    EnumMember,
    EnvValue,
    Equals,
    Expectation,
    Expression,
    Float,
    Function,
    Get,
    Holds,
    Int,
    Is,
    Later,
    Null,
    Operate,
    Raises,
    Ref,
    SetAttribute,
    Step,
    SymbolRef,
    Text,
    Undefined,
)

MOST_PARAMETERS = 5
LONGEST_ROW = 400  # characters of the records; longer data reads better in a test of its own
_HOLE = "\0hole"
_CONTENT = {f"pathlib:Path.write_{kind}": ("content",) for kind in ("text", "bytes")}
_NEVER_PLAIN = (
    Ref,
    EnvValue,
    Construct,
    Call,
    Get,
    SetAttribute,
    Operate,
    Consume,
    Decimal,
    Enter,
    EnumMember,
    Later,
    Undefined,
    Function,
)


@dataclass(frozen=True)
class Shape:
    """`case` says what is common, with a Ref for each parameter; `rows` what each of `cases` puts there."""

    case: CallCase
    cases: tuple[CallCase, ...]
    parameters: tuple[str, ...] = ()
    rows: tuple[tuple[Expression, ...], ...] = ()
    message: str = ""


@dataclass(frozen=True)
class _Lifted:
    case: CallCase
    skeleton: CallCase
    hints: tuple[str, ...]
    values: tuple[Expression, ...]


def shapes(cases: Sequence[CallCase], worn: Iterable[str]) -> Iterator[Shape]:
    """Tests of one target stand together; targets and tests in the order in which their first case came."""
    reserved = frozenset(worn)
    groups: dict[tuple[str, tuple[int, str]], list[_Lifted]] = {}
    for number, case in enumerate(cases):
        lifted = _lift(normal(case))
        alone = number if len(repr(lifted.values)) > LONGEST_ROW else -1
        groups.setdefault((case.target, (alone, _key(lifted.skeleton))), []).append(lifted)
    targets = list(dict.fromkeys(case.target for case in cases))
    for (_, _), group in sorted(groups.items(), key=lambda item: targets.index(item[0][0])):
        yield from _shaped(group, reserved)


def normal(case: CallCase) -> CallCase:
    """Says the same thing in the one way that is rendered. A statement has no result, so none is looked at."""
    expect = tuple(_normal(expectation) for expectation in case.expect)
    if is_statement(case.input):
        expect = tuple(expectation for expectation in expect if expectation != Is(Null()))
    return case.model_copy(update={"expect": expect})


def is_statement(expression: Expression) -> bool:
    return isinstance(expression, SetAttribute) or (
        isinstance(expression, Operate) and expression.operator in ("[]=", "del []")
    )


def _normal(expectation: Expectation) -> Expectation:
    match expectation:
        case Equals(Null() | Bool() as value, subject):
            return Is(value, subject)
        case Is(value, subject) if plain(value) and not isinstance(value, Null | Bool | SymbolRef):
            return Equals(value, subject)
    return expectation


def _shaped(group: list[_Lifted], reserved: frozenset[str]) -> Iterator[Shape]:
    varying = [hole for hole in range(len(group[0].values)) if len({repr(item.values[hole]) for item in group}) > 1]
    distinct = len({repr(item.values) for item in group}) == len(group)
    if len(group) == 1 or len(varying) > MOST_PARAMETERS or not distinct:
        for item in group:
            yield Shape(normal(item.case), (item.case,))
        return
    yield _parametrised(group, varying, reserved)


def _parametrised(group: list[_Lifted], varying: list[int], reserved: frozenset[str]) -> Shape:
    first = group[0]
    local = {part.name for part in walk((first.case.setup, first.case.input)) if isinstance(part, Ref | Step)}
    names: dict[int, str] = {}
    for hole in varying:
        names[hole] = _named(first.hints[hole], (item.values[hole] for item in group), reserved, local)
        local.add(names[hole])
    fill = {f"{_HOLE}{hole}": Ref(names[hole]) if hole in names else value for hole, value in enumerate(first.values)}
    return Shape(
        case=_filled(first.skeleton, fill),
        cases=tuple(item.case for item in group),
        parameters=tuple(names[hole] for hole in varying),
        rows=tuple(tuple(item.values[hole] for hole in varying) for item in group),
        message=next((names[hole] for hole in varying if first.hints[hole] == "message"), ""),
    )


def _named(hint: str, values: Iterable[Expression], worn: frozenset[str], local: set[str]) -> str:
    if hint.startswith(("expected", "message")) and hint not in local:
        return hint
    return words.free(hint or words.of_kind(values), worn, local)


def _key(skeleton: CallCase) -> str:
    return repr((skeleton.setup, skeleton.input, skeleton.expect, skeleton.lifecycle, skeleton.isolation))


# --- lifting data out of a case ----------------------------------------------------------------------------------------


class _Lifter:
    def __init__(self, case: CallCase) -> None:
        self.hints: list[str] = []
        self.values: list[Expression] = []
        self._case = case

    def hole(self, value: Expression, hint: str = "") -> Ref:
        self.hints.append(hint)
        self.values.append(value)
        return Ref(f"{_HOLE}{len(self.values) - 1}")

    def value(self, value: Expression, hint: str = "") -> Expression:
        """Plain data becomes a hole; anything else is searched for data inside it."""
        return self.hole(value, hint) if plain(value) else self.inside(value)

    def inside(self, expression: Expression, names: tuple[str, ...] = ()) -> Expression:
        match expression:
            case Call():
                receiver = None if expression.receiver is None else self.value(expression.receiver)
                names = names or _CONTENT.get(expression.symbol, ())
                return replace(expression, receiver=receiver, arguments=self._arguments(expression.arguments, names))
            case Construct():
                return replace(expression, arguments=self._arguments(expression.arguments, names))
            case Get(receiver):
                return replace(expression, receiver=self.inside(receiver))
            case SetAttribute(receiver, attribute, value):
                return replace(expression, receiver=self.inside(receiver), value=self.value(value, attribute))
            case Operate(operator, operands):
                return replace(expression, operands=self._operands(operator, operands))
            case Consume(source) | Enter(source):
                return replace(expression, source=self.inside(source, names))
            case Later(source):
                return replace(expression, source=self.value(source))
        return expression

    def _arguments(self, arguments: tuple[Argument, ...], names: tuple[str, ...]) -> tuple[Argument, ...]:
        return tuple(self._argument(argument, names[at : at + 1]) for at, argument in enumerate(arguments))

    def _argument(self, argument: Argument, names: tuple[str, ...]) -> Argument:
        if argument.spread:
            return argument
        return replace(argument, value=self.value(argument.value, argument.name or "".join(names)))

    def _operands(self, operator: str, operands: tuple[Expression, ...]) -> tuple[Expression, ...]:
        if operator == "[:]":
            return (self.value(operands[0]), *operands[1:])
        hints = {2: ("left", "right")}.get(len(operands), ("",) * len(operands))
        if operator.startswith(("[", "del")):
            hints = ("", "key", "item")
        return tuple(self.value(operand, hint) for operand, hint in zip(operands, hints, strict=False))

    def _expected(self, value: Construct) -> Construct:
        """What a new object is made of may vary from row to row; the object itself is made in the test."""
        arguments = tuple(
            replace(argument, value=self.hole(argument.value, f"expected_{argument.name}".strip("_")))
            if plain(argument.value)
            else argument
            for argument in value.arguments
        )
        return replace(value, arguments=arguments)

    def expectation(self, expectation: Expectation) -> Expectation:
        match expectation:
            case Equals(value, subject) if plain(value) and not is_nan_inside(value):
                return replace(expectation, value=self.hole(value, "_".join(("expected", *subject.path))))
            case Equals(Construct() as value):
                return replace(expectation, value=self._expected(value))
            case Holds(Operate("==", (Call() as looked, Text() | Bytes() as value))) if plain(value):
                law = Operate("==", (looked, self.hole(value, "expected_content")))
                return replace(expectation, law=law)
            case Approximately(Float() as value):
                return replace(expectation, value=self.hole(value, "expected"))
            case Is(Bool() as value):
                return replace(expectation, value=self.hole(value, "expected"))
            case Raises(_, str() as message, True) if SCRATCH not in message:
                return replace(expectation, message=self.hole(Text(message), "message").name)
        return expectation


def _lift(case: CallCase) -> _Lifted:
    lifter = _Lifter(case)
    setup = tuple(replace(step, does=lifter.inside(step.does)) for step in case.setup)
    given = lifter.inside(case.input, case.parameters)
    expect = _as_given(case, lifter) or tuple(lifter.expectation(expectation) for expectation in case.expect)
    skeleton = case.model_copy(update={"setup": setup, "input": given, "expect": expect})
    return _Lifted(case, skeleton, tuple(lifter.hints), tuple(lifter.values))


def _as_given(case: CallCase, lifter: _Lifter) -> tuple[Expectation, ...]:
    """What comes back of a round trip is the very value that goes in, said once; of what a call could change it is said anew."""
    if words.undone((case,)) and len(lifter.values) == 1 and isinstance(lifter.values[0], Text | Bytes | Int):
        return (Equals(Ref(f"{_HOLE}0")),)
    return ()


def plain(value: Expression) -> bool:
    """Data that can be made while the file is read: no code of the target's runs for it."""
    return not any(isinstance(part, _NEVER_PLAIN) or _foreign(part) for part in walk(value))


def _foreign(part: object) -> bool:
    if isinstance(part, Text):
        return SCRATCH in part.value
    return isinstance(part, SymbolRef) and not part.symbol.startswith("builtins:")


def is_nan_inside(value: Expression) -> bool:
    return any(_is_nan(part) for part in walk(value))


def _is_nan(part: object) -> bool:
    return isinstance(part, Float | Decimal) and "nan" in part.text.lower()


# --- and back -----------------------------------------------------------------------------------------------------------


def _filled(skeleton: CallCase, fill: Mapping[str, Expression]) -> CallCase:
    """The skeleton with an expression in each hole."""
    parts = {name: _put(getattr(skeleton, name), fill) for name in ("setup", "input", "expect")}
    return skeleton.model_copy(update=parts)


def _put(node: Any, fill: Mapping[str, Expression]) -> Any:
    if isinstance(node, tuple):
        return tuple(_put(item, fill) for item in node)
    if isinstance(node, Ref):
        return fill.get(node.name, node)
    if isinstance(node, Raises) and node.message is not None and node.message in fill:
        filling = fill[node.message]
        return replace(node, message=filling.value if isinstance(filling, Text) else "")
    if is_dataclass(node) and not isinstance(node, type):
        return replace(node, **{field.name: _put(getattr(node, field.name), fill) for field in fields(node)})
    return node
