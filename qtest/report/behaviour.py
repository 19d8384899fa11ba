"""What a change does to behaviour, in plain words: for a terminal, and as Markdown for a comment."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from qtest.records.behaviour import BehaviourReport, Change, SymbolChange
from qtest.report.markdown import Section, code
from qtest.report.text import visible

_OF_ONE = 3  # calls shown of a function
_LONGEST = 300  # characters of what a call does
_PAST = {
    "cannot": "could not", "gives": "gave", "has": "had", "keeps": "kept", "leaves": "left", "prints": "printed",
    "raises": "raised", "warns": "warned",
}  # fmt: skip


def lines(report: BehaviourReport) -> Iterator[str]:
    yield first_line(report)
    for target, changes in _by_target(report):
        yield ""
        yield visible(target)
        yield from (f"  {_said(change, visible)}" for change in changes[:_OF_ONE])
        if len(changes) > _OF_ONE:
            yield f"  and {len(changes) - _OF_ONE} more calls"
    kinds = _of_kinds(report)
    if kinds:
        yield ""
    yield from (_kind(change, visible) for change in kinds)
    if report.symbols:
        yield ""
    yield from (_symbol(change, visible) for change in report.symbols)
    remarks = [f"left out: {visible(one.path)}: {visible(one.reason)}" for one in report.problems]
    remarks += beside(report)
    if report.unsafe:
        remarks.append("NO SANDBOX: the code ran unprotected (--unsafe-no-sandbox)")
    yield from ("", *remarks) if remarks else ()


def sections(report: BehaviourReport) -> Iterator[Section]:
    """Markdown; what changed in the open, what only came or went folded."""
    parts = tuple(
        f"{code(target)}\n"
        + "".join(f"- {_said(change, _code)}\n" for change in changes[:_OF_ONE])
        + _more(changes)
        + "\n"
        for target, changes in _by_target(report)
    )
    yield Section(f"## {_heading(report)}\n", parts, what="functions that behave differently")
    kinds = tuple(f"- {_kind(change, code)}\n" for change in _of_kinds(report))
    if kinds:
        yield Section("", kinds, what="other kinds of iterators")
    resigned = tuple(f"- {_symbol(one, code)}\n" for one in report.symbols if one.how == "signature")
    if resigned:
        yield Section("", resigned, what="changed signatures")
    moved = tuple(f"- {_symbol(one, code)}\n" for one in report.symbols if one.how != "signature")
    if moved:
        yield Section("", moved, f"{len(moved)} added or removed", "added or removed functions")
    said = ["**No sandbox was used**: the code ran unprotected"] if report.unsafe else []
    said += [*(f"{code(one.path)}: {code(one.reason, _LONGEST)}" for one in report.problems), *beside(report)]
    if said:
        yield Section("", tuple(f"{one}.\n" for one in said), what="remarks")


def first_line(report: BehaviourReport) -> str:
    """What it came to, in one sentence."""
    if not report.touched and not report.symbols:
        return "no function has changed"
    if not report.calls:
        return f"{len(report.touched)} functions have changed or use what has; no call of them could be compared"
    changes = [change for change in report.changes if not change.same_items]
    functions = len({change.target for change in changes})
    of = f"of {report.calls} calls of the changed functions and their callers"
    if not functions:
        return f"no difference was seen: {of}, all do the same on both revisions"
    return f"{len(changes)} {of} do something else, in {functions} function{'s' if functions > 1 else ''}"


def beside(report: BehaviourReport) -> Iterator[str]:
    """What the comparison leaves out."""
    if report.unstable:
        yield f"{report.unstable} calls are not the same twice on one revision and were left out"
    if report.unclear:
        yield f"{report.unclear} calls had no clear end on the other revision"
    if report.unasked:
        yield f"{len(report.unasked)} affected functions were not called by themselves: private, dangerous, or far from the change"


def _heading(report: BehaviourReport) -> str:
    said = first_line(report)
    return said[:1].upper() + said[1:]


def _by_target(report: BehaviourReport) -> list[tuple[str, Sequence[Change]]]:
    """Functions that changed themselves before those that only call them."""
    told = (change for change in report.changes if not change.same_items)
    found = [(target, tuple(changes)) for target, changes in groupby(told, lambda change: change.target)]
    return sorted(found, key=lambda pair: (pair[0] not in report.touched, pair[0]))


def _of_kinds(report: BehaviourReport) -> list[Change]:
    """One for each function whose iterators are of another class and give the same."""
    found = {(one.target, one.before, one.after): one for one in reversed(report.changes) if one.same_items}
    return [found[key] for key in sorted(found)]


def _kind(change: Change, quoted: Callable[[str], str]) -> str:
    return f"same items, other iterator: {quoted(change.call)} was {quoted(change.before)}, is {quoted(change.after)}"


def _said(change: Change, quoted: Callable[[str], str]) -> str:
    """Such as: `f(1)` was `2`, is `3`; or: `f(1)` gave `2`, now raises `ValueError`."""
    where = f" at {quoted(change.where)}" if change.where else ""
    did, before = _parted(change.before)
    does, after = _parted(change.after)
    if did == does and did in ("", "gives"):
        return f"{quoted(change.call)}{where} was {quoted(before)}, is {quoted(after)}"
    return f"{quoted(change.call)}{where} {_PAST.get(did, 'was')} {quoted(before)}, now {does or 'is'} {quoted(after)}"


def _parted(told: str) -> tuple[str, str]:
    """The verb, empty when it has none, and what comes after it."""
    verb, _, rest = told.partition(" ")
    return (verb, rest) if verb in _PAST and rest else ("", told or "something that no words tell apart")


def _symbol(change: SymbolChange, quoted: Callable[[str], str]) -> str:
    if change.how == "added":
        return f"added: {quoted(change.after)} in {quoted(change.symbol.partition(':')[0])}"
    if change.how == "removed":
        return f"removed: {quoted(change.before)} of {quoted(change.symbol.partition(':')[0])}"
    refused = f"; {change.refused} of {change.tried} calls seen before do not fit it" if change.refused else ""
    return f"signature: {quoted(change.before)} is {quoted(change.after)}{refused}"


def _more(changes: Sequence[Change]) -> str:
    return f"- and {len(changes) - _OF_ONE} more calls\n" if len(changes) > _OF_ONE else ""


def _code(text: str) -> str:
    return code(text, _LONGEST)
