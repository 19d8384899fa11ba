"""What a model is asked about a module: one question for each function with mutants that live, the riskiest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qtest.records.mutant import Mutant
from qtest.records.plan import Brief
from qtest.records.system import Symbol

MOST_MUTANTS = 8  # in one question: what one answer can be about
_MOST_THROUGH = 3
_FAR = 4  # calls from a public function to the mutated one


@dataclass(frozen=True)
class Question:
    """Mutants of one symbol, and the public functions through which a test gets there: the symbol itself where it is one."""

    of: Symbol
    through: tuple[Symbol, ...]
    mutants: tuple[Mutant, ...]

    @property
    def asked(self) -> tuple[str, ...]:
        return tuple(symbol.id for symbol in self.through)


def questions(brief: Brief) -> list[Question]:
    """Those whose mutants nothing public reaches are not asked."""
    reader = _Reader(brief)
    homes: dict[str, list[Mutant]] = {}
    for mutant in brief.mutants:
        if not mutant.control:
            homes.setdefault(reader.home(mutant), []).append(mutant)
    found = [reader.question(home, mutants) for home, mutants in homes.items() if home]
    ranks = {target.symbol: rank for rank, target in enumerate(brief.targets)}
    return sorted((one for one in found if one.through), key=lambda one: _rank(one, ranks))


def _rank(question: Question, ranks: dict[str, int]) -> tuple[int, int]:
    return min(ranks.get(name, len(ranks)) for name in question.asked), question.of.line


class _Reader:
    def __init__(self, brief: Brief) -> None:
        self._symbols = {symbol.id: symbol for symbol in brief.module.symbols}

    def home(self, mutant: Mutant) -> str:
        """The innermost symbol that is known; empty for what belongs to the module alone."""
        home, _, name = mutant.symbol.partition(":")
        while name and f"{home}:{name}" not in self._symbols:
            name = name.rpartition(".")[0]
        return f"{home}:{name}" if name else ""

    def question(self, home: str, mutants: Sequence[Mutant]) -> Question:
        through = tuple(self._through(self._symbols[home]))[:_MOST_THROUGH]
        return Question(self._symbols[home], through, tuple(mutants[:MOST_MUTANTS]))

    def _through(self, symbol: Symbol) -> Iterator[Symbol]:
        """The nearest public functions whose calls end in it, by the names that they call."""
        edge, seen = [symbol], {symbol.id}
        for _ in range(_FAR):
            found = [one for one in edge if _callable(one)]
            if found:
                yield from found
                return
            names = {_called(one) for one in edge}
            edge = [one for one in self._symbols.values() if one.id not in seen and names & set(map(_last, one.calls))]
            seen |= {one.id for one in edge}


def _callable(symbol: Symbol) -> bool:
    return symbol.public


def _called(symbol: Symbol) -> str:
    """What a call of it looks like: of an `__init__` that of its class."""
    owner, _, name = symbol.qualname.rpartition(".")
    return _last(owner) if name == "__init__" and owner else name


def _last(name: str) -> str:
    return name.rpartition(".")[2]
