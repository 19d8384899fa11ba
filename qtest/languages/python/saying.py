"""A case in a line that a person reads: what is called, and what comes of it."""

from collections.abc import Callable, Iterable, Iterator

from qtest.errors import UnspokenError
from qtest.languages.python.phrase import phrase, sketch
from qtest.records.case import (
    Approximately,
    Equals,
    Expectation,
    Expression,
    HasShape,
    Holds,
    Is,
    IsInstance,
    IsNan,
    Outputs,
    Raises,
    Step,
    Subject,
    Warns,
)


def called(setup: Iterable[Step], given: Expression, module: str) -> str:
    """Source text, its set-up before it. Raises UnspokenError."""
    drawn = sketch(setup, given, module)
    return "; ".join((*drawn.setup, drawn.expr))


def outcomes(expect: Iterable[Expectation], module: str, quoted: Callable[[str], str] = str) -> Iterator[str]:
    """Such as `gives 3` or `raises ValueError('no')`; what the language cannot say is left out. `quoted` sets off what is source."""
    for one in expect:
        try:
            yield _outcome(one, module, quoted)
        except UnspokenError:
            continue


def _outcome(one: Expectation, module: str, quoted: Callable[[str], str]) -> str:
    match one:
        case Equals(value=value, subject=subject) | Is(value=value, subject=subject):
            return _is(subject, quoted(phrase(value, module)), quoted)
        case Approximately(value=value, subject=subject):
            return _is(subject, f"about {quoted(phrase(value, module))}", quoted)
        case IsNan(subject=subject):
            return _is(subject, quoted("nan"), quoted)
        case IsInstance(symbol=symbol, subject=subject):
            return _is(subject, f"a {quoted(symbol.partition(':')[2])}", quoted)
        case HasShape(members=members, subject=subject):
            shape = ", ".join(f"{path}: {kind}" for path, kind in members)
            return _is(subject, f"something with {quoted(shape)}", quoted)
        case Raises(symbol=symbol, message=message):
            return f"raises {quoted(_error(symbol, message))}"
        case Warns(symbol=symbol, message=message):
            return f"warns {quoted(_error(symbol, message))}"
        case Outputs(text=text, stream=stream):
            return f"prints {quoted(repr(text))}" + (" to stderr" if stream == "stderr" else "")
        case Holds(law=law):
            return f"keeps {quoted(phrase(law, module))}"


def _error(symbol: str, message: str | None) -> str:
    return symbol.partition(":")[2] + (f"({message!r})" if message else "")


def _is(subject: Subject, what: str, quoted: Callable[[str], str]) -> str:
    where = ".".join((subject.of, *subject.path))
    if where == "result":
        return f"gives {subject.view} {what}" if subject.view else f"gives {what}"
    seen = f"{subject.view} of {quoted(where)}" if subject.view else quoted(where)
    return f"has {seen} {what}" if subject.of == "result" else f"leaves {seen} {what}"
