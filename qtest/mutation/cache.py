"""What was seen of a mutant is remembered under all that it depends on: the facts, which are ruled on again, never the verdict."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from qtest.mutation.dependencies import Dependencies
from qtest.mutation.judge import Case, Ruled, ruled
from qtest.mutation.plan import is_lasting
from qtest.mutation.slices import Slices
from qtest.records.mutant import Mutant, MutantRun
from qtest.records.record import digest_of
from qtest.records.run import JudgedRow
from qtest.records.source import RawSourceBundle
from qtest.records.workbench import JudgeOrder

_LINE = re.compile(r":\d+$")
CLEAR = ("killed", "survived", "not a mutant")  # a limit may have been hit because the machine was busy


@dataclass(frozen=True)
class Named:
    """`name` of an order's facts, the `shelf` on which all of one file's lie, the `edit` it is about and the `tests` that the name tells
    of."""

    name: str
    shelf: str
    edit: str
    tests: tuple[str, ...]


class Names:
    """Under which name what is seen of an order is remembered. `ours` is the version of our own code and everything else that is the
    same for a whole run, guards of the sandbox among it; `stable` gives names of mutants that outlive changes elsewhere in their file."""

    def __init__(
        self,
        case: Case,
        bundle: RawSourceBundle,
        dependencies: Dependencies,
        slices: Slices,
        stable: Mapping[str, str],
        ours: str,
    ) -> None:
        self._case = case
        self._dependencies, self._slices, self._stable = dependencies, slices, stable
        self._shas = {file.path: file.sha256 for file in bundle.files}
        self._python = frozenset(file.path for file in bundle.files if file.language == "python")
        environment = case.setting.environment
        self._common = digest_of(
            json.dumps(
                [
                    ours, environment.python, environment.version, environment.packages,
                    case.setting.project.to_json(), case.limits.to_json(), case.matrix,
                ]
            )
        )  # fmt: skip
        self._content = bundle.content
        self._depended: dict[tuple[object, ...], str] = {}

    def of_all(self, planned: Iterable[tuple[Mutant, JudgeOrder | None]]) -> Mapping[str, Named]:
        """By mutant. What nothing executes is not run, and has none."""
        return {mutant.id: self.of(order) for mutant, order in planned if order}

    def of(self, order: JudgeOrder) -> Named:
        """The order of the tests counts where one may do another's work."""
        mutant = order.mutant
        lasting = is_lasting(mutant, self._case.reach)
        tests = order.tests if lasting else tuple(sorted(order.tests))
        edit = self._stable.get(mutant.id) or mutant.id
        name = digest_of(json.dumps([self._common, edit, order.how, lasting, self._depends(tests, mutant)]))
        return Named(name, digest_of(json.dumps([self._common, mutant.path])), edit, tests)

    def _depends(self, tests: tuple[str, ...], mutant: Mutant) -> str:
        key = (tests, mutant.path, _top(mutant.symbol), mutant.replacement)
        if key not in self._depended:
            self._depended[key] = digest_of(json.dumps([tests, self._contents(tests, mutant)]))
        return self._depended[key]

    def _contents(self, tests: tuple[str, ...], mutant: Mutant) -> str | Sequence[tuple[str, str]]:
        """Files and digests of what counts of them, or that of everything: of a test that starts processes nobody sees what these run."""
        if set(tests) & set(self._case.reach.spawning):
            return self._content
        root = self._case.setting.project.root
        by_path: dict[str, set[str]] = {}
        for node in tests:
            path, _, name = node.partition("::")
            by_path.setdefault(f"{root}/{path}" if root else path, set()).add(re.split(r"::|\[", name)[0])
        found = self._dependencies.of(by_path)
        if found is None or mutant.path not in found:
            return self._content
        code = found & self._python
        parts = self._slices.of(code, by_path, [_top(mutant.symbol)], mutant.replacement)
        rest = found if parts is None else found - code
        return [*((path, self._shas[path]) for path in sorted(rest)), *(parts or ())]


def _top(symbol: str) -> str:
    """The function or class of the top level that it is, or lies in; nothing for the module itself."""
    return symbol.partition(":")[2].partition(".")[0]


def row(named: Named, item: Ruled, run: str, now: int) -> JudgedRow | None:
    """None for what is to be seen again: what had no clear end, was itself remembered, or was judged by more tests than the name tells."""
    if item.run is None or item.run.how == "cold" or item.remembered or not _is_clear(item):
        return None
    if not set(item.run.planned) <= set(named.tests):
        return None
    record = item.run.model_copy(update={"mutant": named.edit}).to_json()
    return JudgedRow(
        name=named.name, text=named.shelf, record=record, proof=_proof(named.name, record), run=run, made=now
    )


def recalled(mutant: Mutant, named: Named, known: Mapping[str, JudgedRow]) -> Ruled | None:
    """None also for a row that is damaged, or not this mutant's. It costs nothing this time; lines of its places may have moved, and are not told."""
    found = known.get(named.name)
    if found is None or found.proof != _proof(named.name, found.record):
        return None
    try:
        run = MutantRun.from_json(found.record)
    except ValueError:
        return None
    item = ruled(mutant, run)
    if run.mutant != named.edit or not _is_clear(item):
        return None
    note = "; ".join(filter(None, (run.note, f"remembered from run {found.run}")))
    failing = tuple(one.model_copy(update={"place": _LINE.sub("", one.place)}) for one in run.failing)
    update = {"mutant": mutant.id, "note": note, "failing": failing, "wall_s": 0.0, "cpu_s": 0.0}
    return replace(item, run=run.model_copy(update=update), remembered=True)


def _is_clear(item: Ruled) -> bool:
    return item.ruling is not None and item.ruling.status in CLEAR


def _proof(name: str, record: str) -> str:
    return digest_of(f"{name}\0{record}")
