"""Whose behaviour a proven trial shows. Shrinking and reading may leave the call out that the trial was made up for."""

from qtest.generate.search.code import Code, owner_of
from qtest.generate.search.making import last_name
from qtest.generate.search.special import OPERATORS
from qtest.generate.search.trial import Trial
from qtest.languages.python.walk import walk
from qtest.records.case import (
    Call,
    Construct,
    Consume,
    Enter,
    Expression,
    Get,
    Operate,
    SetAttribute,
    SymbolRef,
)

_COMPARING = frozenset(("==", "!=", "<", "<=", ">", ">="))
_USING = {
    "[]": "__getitem__",
    "[:]": "__getitem__",
    "[]=": "__setitem__",
    "del []": "__delitem__",
    "in": "__contains__",
    **dict.fromkeys(("iter", "list"), "__iter__"),
    **{name: f"__{name}__" for name in ("len", "next", "str", "repr", "bool", "reversed")},
}
_MAKING = frozenset(("__init__", "__new__", "__post_init__"))


def shown_by(trial: Trial, given: Expression, code: Code) -> str:
    """The trial's target where it is still called; else what the input calls, as far as that is of the module."""
    acts = walk((*(step.does for step in trial.setup), given))
    if any(_may_call(act, trial.target) for act in acts):
        return trial.target
    found = _called(given, trial.target, code)
    return found if found.partition(":")[0] == code.module and found in code.symbols else trial.target


def _may_call(act: object, target: str) -> bool:
    name = last_name(target)
    special = name.startswith("__") and name.endswith("__")
    match act:
        case Call(symbol):
            return symbol == target or last_name(symbol) == name or (special and _is_builtin(symbol))
        case SymbolRef(symbol):
            return symbol == target
        case Construct(symbol):
            return symbol == target or name in _MAKING or name == "__call__"
        case Get(attribute=attribute):
            return attribute == name or name.startswith("__get")
        case SetAttribute(attribute=attribute):
            return attribute == name or name.startswith("__set")
        case Operate(operator):
            return special and (operator not in _BINARY or name in _BINARY[operator])
        case Consume() | Enter():
            return special
    return False


def _is_builtin(symbol: str) -> bool:
    return symbol.partition(":")[0] in ("builtins", "copy", "math", "os")


def _called(given: Expression, target: str, code: Code) -> str:
    match given:
        case Consume(source) | Enter(source):
            return _called(source, target, code)
        case Call(symbol):
            return symbol
        case Construct(symbol):
            maker = code.maker(symbol)
            return maker.id if maker is not None else symbol
        case Get(symbol=symbol):
            return symbol
        case Operate(operator) if operator in OPERATORS or operator in _USING:
            own = f"{owner_of(target)}.{OPERATORS.get(operator) or _USING[operator]}"
            return own if own in code.symbols else ""
    return ""


_BRACKETS = {"[]": "__getitem__", "[]=": "__setitem__", "del []": "__delitem__", "in": "__contains__"}
_NAMES = {**OPERATORS, **_BRACKETS, "len": "__len__"}


def _all_names(operator: str, name: str) -> frozenset[str]:
    if operator in _COMPARING:
        return frozenset(OPERATORS[sign] for sign in _COMPARING)
    if operator in _BRACKETS:
        return frozenset((name, *_BESIDE.get(operator, ())))
    return frozenset((name, f"__r{name[2:]}"))


_BESIDE = {"[]": ("__missing__", "__class_getitem__"), "in": ("__iter__", "__getitem__")}
_BINARY = {operator: _all_names(operator, name) for operator, name in (OPERATORS | _BRACKETS).items()}
