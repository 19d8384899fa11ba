"""What was seen of a mutant is remembered under all that it depends on: the facts, which are ruled on again, never the verdict."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from qtest.mutation.dependencies import Dependencies
from qtest.mutation.judge import Case, Ruled, ruled
from qtest.mutation.plan import is_lasting
from qtest.records.mutant import Mutant, MutantRun
from qtest.records.record import digest_of
from qtest.records.run import JudgedRow
from qtest.records.source import RawSourceBundle
from qtest.records.workbench import JudgeOrder

CLEAR = ("killed", "survived", "not a mutant")  # a limit may have been hit because the machine was busy


class Names:
    """Under which name what is seen of an order is remembered. `ours` is the version of our own code and everything else that is the
    same for a whole run, guards of the sandbox among it."""

    def __init__(self, case: Case, bundle: RawSourceBundle, dependencies: Dependencies, ours: str) -> None:
        self._case = case
        self._dependencies = dependencies
        self._shas = {file.path: file.sha256 for file in bundle.files}
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
        self._tests: dict[tuple[str, ...], str] = {}

    def of_all(self, planned: Iterable[tuple[Mutant, JudgeOrder | None]]) -> Mapping[str, str]:
        """By mutant. What nothing executes is not run, and has none."""
        return {mutant.id: self.of(order) for mutant, order in planned if order}

    def of(self, order: JudgeOrder) -> str:
        """The order of the tests counts where one may do another's work."""
        mutant = order.mutant
        lasting = is_lasting(mutant, self._case.reach)
        tests = order.tests if lasting else tuple(sorted(order.tests))
        return digest_of(json.dumps([self._common, mutant.to_json(), order.how, lasting, self._depends(tests)]))

    def _depends(self, tests: tuple[str, ...]) -> str:
        if tests not in self._tests:
            self._tests[tests] = digest_of(json.dumps([tests, self._contents(tests)]))
        return self._tests[tests]

    def _contents(self, tests: tuple[str, ...]) -> str | Sequence[tuple[str, str]]:
        """Files and their digests, or that of everything: of a test that starts processes nobody sees what these run."""
        if set(tests) & set(self._case.reach.spawning):
            return self._content
        root = self._case.setting.project.root
        files = {node.partition("::")[0] for node in tests}
        found = self._dependencies.of(f"{root}/{name}" if root else name for name in files)
        if found is None:
            return self._content
        return [(path, self._shas[path]) for path in sorted(found)]


def row(name: str, item: Ruled, run: str, now: int) -> JudgedRow | None:
    """None for what is to be seen again: what had no clear end, was itself remembered, or was judged by more tests than the name tells."""
    if item.run is None or item.run.how == "cold" or item.remembered or not _is_clear(item):
        return None
    record = item.run.to_json()
    return JudgedRow(
        name=name, text=item.mutant.file_digest, record=record, proof=_proof(name, record), run=run, made=now
    )


def recalled(mutant: Mutant, name: str, known: Mapping[str, JudgedRow]) -> Ruled | None:
    """None also for a row that is damaged, or not this mutant's. It costs nothing this time."""
    found = known.get(name)
    if found is None or found.proof != _proof(name, found.record):
        return None
    try:
        run = MutantRun.from_json(found.record)
    except ValueError:
        return None
    item = ruled(mutant, run)
    if run.mutant != mutant.id or not _is_clear(item):
        return None
    note = "; ".join(filter(None, (run.note, f"remembered from run {found.run}")))
    return replace(item, run=run.model_copy(update={"note": note, "wall_s": 0.0, "cpu_s": 0.0}), remembered=True)


def _is_clear(item: Ruled) -> bool:
    return item.ruling is not None and item.ruling.status in CLEAR


def _proof(name: str, record: str) -> str:
    return digest_of(f"{name}\0{record}")
