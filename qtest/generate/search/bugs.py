"""Behaviour that contradicts what the code says of itself: a documented example, or a crash on input its annotations allow."""

import ast
import doctest
import json
from collections.abc import Iterable, Iterator

from qtest.generate.search.code import Code
from qtest.generate.search.fit import fits, placed
from qtest.generate.search.making import last_name, parameters_of
from qtest.generate.search.oracle import raised_of, result_of, text_of
from qtest.generate.search.trial import Trial, candidate
from qtest.records.case import (
    Call,
    Expression,
)
from qtest.records.outcome import SuspectedBug
from qtest.records.system import Parameter, Symbol
from qtest.records.workbench import Observation

_CRASHES = frozenset(
    f"builtins:{name}"
    for name in ("IndexError", "KeyError", "UnboundLocalError", "ZeroDivisionError", "AssertionError", "RecursionError")
)
_LOOKUPS = frozenset(
    ("get", "pop", "first", "last", "nth", "peek", "index", "popitem", "remove", "head", "next", "lookup", "find")
)


class Suspicions:
    """Collects what looks wrong; one for each function, error and line."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._found: dict[tuple[str, str, int], tuple[Trial, str, str]] = {}

    def look(self, trial: Trial, observation: Observation) -> None:
        symbol = self._code.symbols.get(trial.target)
        if symbol is None or not symbol.public or observation.status != "ok":
            return  # what no caller from outside can meet is nobody's bug
        raised = raised_of(observation)
        if trial.origin == "doctest" and trial.expected:
            self._example(trial, observation, raised)
        elif raised:
            self._crash(trial, symbol, observation, raised)

    def trials(self) -> list[Trial]:
        return [trial for trial, _, _ in self._found.values()]

    def confirmed(self, keys: Iterable[tuple[object, ...]]) -> Iterator[SuspectedBug]:
        """Of those trials that were seen to do the same in fresh processes."""
        stable = set(keys)
        for trial, contract, observed in self._found.values():
            if trial.identity in stable:
                yield SuspectedBug(
                    target=trial.target, contract=contract, observed=observed, repro=program(trial, self._code.module)
                )

    def _example(self, trial: Trial, observation: Observation, raised: dict[str, object]) -> None:
        want = trial.expected.strip()
        if want.startswith("Traceback") or not want:
            return
        if raised:
            # An example that shows no error at all: what it needs may be set up elsewhere on the page.
            return
        form = result_of(observation)
        got = text_of(form)
        printed = _printed(observation)
        if got is None or printed or _same(want, got):
            return
        self._found.setdefault(
            (trial.target, "example", hash(trial.identity)),
            (trial, f"the documented example at {trial.source} says: {want[:200]}", f"it returns {got[:200]}"),
        )

    def _crash(self, trial: Trial, symbol: Symbol, observation: Observation, raised: dict[str, object]) -> None:
        error = str(raised.get("type", ""))
        line = raised.get("line")
        if error not in _CRASHES or raised.get("explicit") or not isinstance(line, int) or not line:
            return
        name = error.partition(":")[2]
        if self._announced(symbol, name) or not self._fits(trial, symbol):
            return
        if name in ("IndexError", "KeyError") and _is_lookup(last_name(symbol.id)):
            return
        self._found.setdefault(
            (trial.target, error, line),
            (
                trial,
                f"the annotations of {symbol.qualname} allow this input, and nothing says that it raises {name}",
                f"{name} on line {line}",
            ),
        )

    def _announced(self, symbol: Symbol, name: str) -> bool:
        prose = f"{symbol.docstring} {' '.join(item.error for item in symbol.raises)}"
        return name in prose or (name in ("IndexError", "KeyError") and "LookupError" in prose)

    def _fits(self, trial: Trial, symbol: Symbol) -> bool:
        """Every argument is plainly of the kind its parameter is annotated with; a receiver counts as fitting only when new."""
        given = trial.input
        if trial.setup or not isinstance(given, Call) or given.receiver is not None:
            return False
        parameters = parameters_of(symbol)
        if not parameters or any(not item.annotation for item in parameters):
            return False
        return all(
            found is not None and self._allowed(value, found) for value, found in placed(given.arguments, parameters)
        )

    def _allowed(self, value: Expression, parameter: Parameter) -> bool:
        return any(fits(value, kind) for kind in self._code.scope.kinds(parameter.annotation))


def program(trial: Trial, module: str) -> str:
    """A small program that shows it."""
    drawn = candidate(trial, 0, module)
    if drawn is None:
        return ""
    return "\n".join((*drawn.imports, *drawn.setup, f"print(repr({drawn.expr}))")) + "\n"


def _same(want: str, got: str) -> bool:
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if doctest.OutputChecker().check_output(f"{want}\n", f"{got}\n", options):
        return True
    try:
        return bool(ast.literal_eval(want) == ast.literal_eval(got))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return not _is_literal(want)


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True


def _printed(observation: Observation) -> bool:
    try:
        return bool(json.loads(observation.seen).get("out"))
    except (ValueError, AttributeError):
        return True


def _is_lookup(name: str) -> bool:
    return name.startswith("__") or name in _LOOKUPS or any(name.startswith(f"{word}_") for word in _LOOKUPS)
