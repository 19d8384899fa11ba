"""Pairs of functions of which one undoes the other: found by name, believed on what the search has tried and on fresh inputs."""

import re
from collections.abc import Iterator, Sequence

from qtest.generate.search.archive import Archive
from qtest.generate.search.code import Code
from qtest.generate.search.hearing import Hearing
from qtest.generate.search.making import last_name, parameters_of
from qtest.generate.search.minimise import Proven, smaller
from qtest.generate.search.oracle import result_of, value_of
from qtest.generate.search.spending import SHRINKING, Spending
from qtest.generate.search.trial import Trial
from qtest.generate.search.tries import Tries
from qtest.languages.python.naming import snake
from qtest.records.case import Argument, Bytes, Call, Expression, Int, List, Map, Text, Tuple

_LEAST, _MOST = 5, 20  # inputs that differ
_NEAR = 2  # fresh ones for each
_WORDS = (
    ("dumps", "loads"),
    ("dump", "load"),
    ("encode", "decode"),
    ("escape", "unescape"),
    ("quote", "unquote"),
    ("compress", "decompress"),
    ("encrypt", "decrypt"),
    ("pack", "unpack"),
    ("format", "parse"),
    ("to", "from"),
)


class Relations:
    """Each is a plain call of the one function on what the other gives, and is judged as any call is."""

    def __init__(self, code: Code, archive: Archive, tries: Tries, hearing: Hearing, spending: Spending) -> None:
        self._code, self._archive = code, archive
        self._tries, self._hearing, self._spending = tries, hearing, spending

    def found(self, mutants: Sequence[str]) -> list[Proven]:
        """Round trips that no input contradicts, with what each kills."""
        proven: list[Proven] = []
        for there, back in pairs(self._plain()):
            if not self._spending.over(SHRINKING):
                proven += self._round_trips(there, back, mutants)
        return proven

    def _plain(self) -> list[str]:
        """Public functions that can be called with one thing."""
        return [
            target
            for target, symbol in self._code.symbols.items()
            if symbol.kind == "function" and symbol.public and parameters_of(symbol)
        ]

    def _round_trips(self, there: str, back: str, mutants: Sequence[str]) -> list[Proven]:
        tried = list(dict.fromkeys(self._inputs(there)))[:_MOST]
        trials = {_trip(there, back, given): given for given in (*tried, *self._fresh(there, tried))}
        if len(trials) < _LEAST:
            return []
        seen = self._tries.observe(list(trials), mutants)
        held = [one for one in seen if value_of(result_of(one[1])) == trials[one[0]]]
        if len(held) < len(trials):
            return []
        return [proven for trial, one in held if (proven := self._hearing.proven(trial, one))]

    def _fresh(self, target: str, tried: Sequence[Expression]) -> list[Expression]:
        """Neighbours of what was tried that the function takes as well."""
        near = {found.identity: found for given in tried for found in smaller(_call(target, given))[:_NEAR]}
        seen = self._tries.observe(list(near.values()), ())
        found = [_given(trial) for trial, one in seen if one.status == "ok" and not one.raised]
        return [given for given in dict.fromkeys(found) if given is not None and given not in tried]

    def _inputs(self, target: str) -> Iterator[Expression]:
        """What the function took without an error."""
        for entry in self._archive.corpus:
            trial = entry.trial
            given = _given(trial) if trial.target == target and not trial.setup else None
            if given is not None and entry.observation.status == "ok" and not entry.observation.raised:
                yield given


def pairs(targets: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Those whose names say that the second undoes the first."""
    known = {(target.partition(":")[0], snake(last_name(target))): target for target in targets}
    for (home, name), target in known.items():
        for there, back in _WORDS:
            other = re.sub(rf"(?<![a-z]){there}(?![a-z])", back, name)
            if other != name and (home, other) in known:
                yield target, known[home, other]


def _given(trial: Trial) -> Expression | None:
    match trial.input:
        case Call(
            receiver=None, arguments=(Argument(Text() | Bytes() | Int() | List() | Tuple() | Map() as value, ""),)
        ):
            return value
    return None


def _call(target: str, given: Expression) -> Trial:
    return Trial(target, Call(target, (Argument(given),)))


def _trip(there: str, back: str, given: Expression) -> Trial:
    return Trial(back, Call(back, (Argument(Call(there, (Argument(given),))),)))
