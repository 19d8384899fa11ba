"""Mutants of what runs while the module is imported: tables, patterns, registers. Each is imported anew, and calls that what stands beside
it suggests are tried on that, with the plainest of those tried before."""

import ast
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from qtest.generate.search.aliases import aliases_of, calls_of
from qtest.generate.search.archive import Archive
from qtest.generate.search.code import Code
from qtest.generate.search.direct import used_by
from qtest.generate.search.fit import fits
from qtest.generate.search.hearing import Hearing
from qtest.generate.search.kinds import literal
from qtest.generate.search.making import last_name, parameters_of
from qtest.generate.search.minimise import Proven
from qtest.generate.search.regexes import samples
from qtest.generate.search.sources import Sources
from qtest.generate.search.spending import IMPORTING, Spending
from qtest.generate.search.trial import Trial
from qtest.generate.search.tries import Tries
from qtest.records.case import Expression, Text
from qtest.records.mutant import Mutant
from qtest.records.workbench import Observation

_EXAMPLES = 40  # of the corpus, tried on every such mutant
_TELLING = 12  # of them, once it was seen which tell anything
_TOLD = 5  # targets, likewise
_CALLED = 12  # targets that are given what stands beside a mutant
_BESIDE = 6  # values taken from there
_GIVEN = 24  # more, from the module's own calls of the function that the mutant is in
_AT_ONCE = 40  # mutants
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SPECIAL, _SAMPLES = frozenset("()[]^$|*+?\\"), 3  # characters that patterns have
_CASED = re.compile(
    r"\.(?:upper|lower|capitalize|title|swapcase|casefold|islower|isupper)\b|\(\?[aimsux]*i|IGNORECASE|re\.I\b"
)
_CALLABLE = ("function", "static method", "class method", "class")
_NODES = (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Call)


@dataclass(frozen=True)
class _Asked:
    trial: Trial
    observation: Observation


class Imports:
    """`mutants` are those that no call in the warm process can show, because they run at import or may do so."""

    def __init__(
        self,
        code: Code,
        sources: Sources,
        archive: Archive,
        tries: Tries,
        hearing: Hearing,
        spending: Spending,
        source: str,
        batch: int,
    ) -> None:
        self._code, self._sources, self._archive = code, sources, archive
        self._tries, self._hearing, self._spending = tries, hearing, spending
        self._source, self._size = source, batch
        self._telling: Sequence[str] = sources.targets
        self._used = used_by(code)
        self._asked: list[_Asked] = []
        self._places: dict[tuple[object, ...], int] = {}

    def found(self, mutants: Sequence[Mutant]) -> list[Proven]:
        """Calls that show some of them."""
        if not mutants:
            return []
        examples = [at for entry in self._examples() if (at := self._ask(entry.trial, entry.observation)) is not None]
        beside = _Beside(self._source)
        named = self._by_line()
        kills: dict[int, set[str]] = {}
        mutants = _in_turns(mutants, beside)
        for start in range(0, len(mutants), _AT_ONCE):
            if self._spending.over(IMPORTING):
                break
            part = mutants[start : start + _AT_ONCE]
            own = self._suggested({mutant.id: beside.values(mutant) for mutant in part})
            orders = {
                mutant.id: sorted({*examples, *own[mutant.id], *named.get(beside.line(mutant.start), ())})
                for mutant in part
            }
            for at, shown in self._tries.imported([one.trial for one in self._asked], orders).items():
                kills.setdefault(at, set()).update(shown)
            examples = [at for at in examples if at in kills][:_TELLING] or examples[:_TELLING]
            self._telling = self._plainest(kills) or self._telling
        kills = self._directly(kills)
        return [proven for at, shown in sorted(kills.items()) if (proven := self._proven(self._asked[at], shown))]

    def _by_line(self) -> dict[int, list[int]]:
        """The places of calls by another name, by the line that binds it."""
        trials = {alias: list(calls_of(alias, self._sources)) for alias in aliases_of(self._source, self._code)}
        found: dict[int, list[int]] = {}
        for alias, calls in trials.items():
            for trial, observation in self._tries.observe(calls, ()):
                at = self._ask(trial, observation)
                if at is not None:
                    found.setdefault(alias.line, []).append(at)
        return found

    def _plainest(self, kills: Mapping[int, Set[str]]) -> list[str]:
        """Targets that tell something: those that go through none of the others first, then those that tell most."""
        telling = Counter(self._asked[at].trial.target for at in sorted(kills))
        ordered = sorted(telling, key=lambda target: (len(self._used_of(target) & telling.keys()), -telling[target]))
        return ordered[:_TOLD]

    def _directly(self, kills: Mapping[int, Set[str]]) -> dict[int, set[str]]:
        """Without what a call shows only by going through a function that shows it too."""
        showing: dict[str, set[str]] = {}
        for at, shown in kills.items():
            for mutant in shown:
                showing.setdefault(mutant, set()).add(self._asked[at].trial.target)
        kept = {}
        for at, shown in kills.items():
            used = self._used_of(self._asked[at].trial.target)
            kept[at] = {mutant for mutant in shown if not used & showing[mutant]}
        return {at: shown for at, shown in kept.items() if shown}

    def _used_of(self, target: str) -> Set[str]:
        return self._used.get(target, frozenset())

    def _examples(self) -> Iterator[_Asked]:
        entries = [entry for entry in self._archive.corpus if not self._hearing.is_detour(entry.trial)]
        entries.sort(key=lambda entry: (entry.trial.origin == "search", -len(entry.kills)))
        return (_Asked(entry.trial, entry.observation) for entry in entries[:_EXAMPLES])

    def _suggested(self, values: dict[str, list[Expression]]) -> dict[str, list[int]]:
        """For each mutant the places of calls that are given what stands beside it."""
        made = {value: list(self._calls(value)) for found in values.values() for value in found}
        trials = {trial.identity: trial for found in made.values() for trial in found}
        new = [trial for trial in trials.values() if trial.identity not in self._places]
        for at in range(0, len(new), self._size):
            if self._spending.over(IMPORTING):
                break
            for trial, observation in self._tries.observe(new[at : at + self._size], tuple(self._archive.alive)):
                self._ask(trial, observation)
        places = {
            value: [self._places[trial.identity] for trial in found if trial.identity in self._places]
            for value, found in made.items()
        }
        return {mutant: [at for value in found for at in places[value]] for mutant, found in values.items()}

    def _calls(self, value: Expression) -> Iterator[Trial]:
        """A plain call of each target that takes such a value first."""
        count = 0
        for target in self._telling:
            symbol = self._code.symbols[target]
            if symbol.kind not in _CALLABLE or not symbol.public:
                continue
            parameters = parameters_of((self._code.maker(target) or symbol) if symbol.kind == "class" else symbol)
            if not parameters or not any(
                fits(value, kind) or kind.name == "any" for kind in self._code.wanted(symbol, parameters[0]).kinds
            ):
                continue
            yield from self._sources.given(target, value)
            count += 1
            if count == _CALLED:
                return

    def _ask(self, trial: Trial, observation: Observation) -> int | None:
        """Its place among those that are asked; None where a test could say nothing of it."""
        if trial.identity not in self._places:
            if observation.status != "ok" or self._hearing.is_abuse(trial, observation):
                return None
            if self._hearing.said(trial, observation).why:
                return None
            self._places[trial.identity] = len(self._asked)
            self._asked.append(_Asked(trial, observation))
        return self._places[trial.identity]

    def _proven(self, asked: _Asked, shown: set[str]) -> Proven | None:
        kills = tuple(sorted({*asked.observation.kills, *shown}))
        return self._hearing.proven(asked.trial, asked.observation.model_copy(update={"kills": kills}))


def _in_turns(mutants: Sequence[Mutant], beside: "_Beside") -> list[Mutant]:
    """One of each neighbourhood, then a second of each: should time run out, each has had some."""
    seen: Counter[tuple[Expression, ...]] = Counter()
    turns = []
    for mutant in mutants:
        near = tuple(beside.values(mutant))
        seen[near] += 1
        turns.append((seen[near], mutant))
    return [mutant for _, mutant in sorted(turns, key=lambda turn: turn[0])]


class _Beside:
    """Constants near a place of the source: those of the smallest collection or call that holds more than the place itself."""

    def __init__(self, source: str) -> None:
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._cased = bool(_CASED.search(source))
        tree = ast.parse(source)
        self._nodes = [node for node in ast.walk(tree) if isinstance(node, (*_NODES, ast.stmt))]
        self._given: dict[str, dict[Expression, None]] = {}
        for statement in tree.body:
            for node in ast.walk(statement) if not isinstance(statement, _DEFINITIONS) else ():
                if isinstance(node, ast.Call):
                    name = ast.unparse(node.func).rpartition(".")[2]
                    self._given.setdefault(name, {}).update(dict.fromkeys(_constants(node)))

    def values(self, mutant: Mutant) -> list[Expression]:
        """With those that the module itself hands to the function, where the mutant is in one; and as they are in capitals, where the
        module looks at case."""
        given = self._given.get(last_name(mutant.symbol), ())
        found = dict.fromkeys((*self._near(mutant), *list(given)[:_GIVEN]))
        return list(dict.fromkeys((*found, *(_capital(value) for value in found if self._cased))))

    def _near(self, mutant: Mutant) -> list[Expression]:
        line = self.line(mutant.start)
        around = [node for node in self._nodes if node.lineno <= line <= (node.end_lineno or node.lineno)]
        around.sort(key=lambda node: ((node.end_lineno or node.lineno) - node.lineno, self._length(node)))
        for node in around:
            if not self._holds(node, mutant):
                continue
            found = list(dict.fromkeys(_constants(node)))
            if len(found) > 1 or isinstance(node, ast.stmt):
                return found[:_BESIDE]
        return []

    def line(self, start: int) -> int:
        return sum(1 for begin in self._starts if begin <= start)

    def _length(self, node: ast.stmt | ast.expr) -> int:
        begin, end = self._span(node)
        return end - begin

    def _holds(self, node: ast.stmt | ast.expr, mutant: Mutant) -> bool:
        begin, end = self._span(node)
        return begin <= mutant.start and mutant.end <= end

    def _span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        """Columns of ast are bytes; a line with other characters than ASCII may be off by some, which only widens the look."""
        last = node.end_lineno or node.lineno
        return self._starts[node.lineno - 1] + node.col_offset, self._starts[last - 1] + (node.end_col_offset or 0)


def _capital(value: Expression) -> Expression:
    """The word as it begins a sentence: code that looks at case has a branch for it."""
    return Text(value.value.capitalize()) if isinstance(value, Text) and value.value.islower() else value


def _constants(node: ast.AST) -> Iterator[Expression]:
    """Plain ones, and texts that match what looks like a pattern."""
    for part in ast.walk(node):
        value = literal(part) if isinstance(part, ast.Constant) else None
        if isinstance(value, Text) and _SPECIAL & set(value.value):
            yield from (Text(text) for text in samples(value.value, "", random.Random(value.value), _SAMPLES))
        elif value is not None:
            yield value
