"""Which mutants the type checker refuses, so that no test has to kill them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from qtest.ports import Executor, Tools
from qtest.records.baseline import Setting
from qtest.records.mutant import Mutant
from qtest.records.outcome import Failure
from qtest.records.record import Record
from qtest.records.sandbox import Completed

TOO_LONG_S = 300.0


class TypeCheck(Record):
    """Of one module, whose text is at `path` in the setting's tree."""

    setting: Setting
    path: str
    text: str
    mutants: tuple[Mutant, ...]


class TypeChecked(Record):
    """What was said of each refused mutant, by id. A `problem` means that none is."""

    path: str
    refused: dict[str, str] = Field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Module:
    path: str
    text: str
    mutants: Sequence[Mutant]


def refusals(modules: Sequence[Module], setting: Setting, executor: Executor) -> Iterator[TypeChecked]:
    """One for each module, in any order; of one that could not be checked, why."""
    wanted = [
        TypeCheck(setting=setting, path=module.path, text=module.text, mutants=real)
        for module in modules
        if (real := tuple(mutant for mutant in module.mutants if not mutant.control))
    ]
    missing = {check.path for check in wanted}
    why = ""
    for done in executor.map(checked, wanted):
        if isinstance(done, Failure):
            why = done.reason
        else:
            missing.discard(done.path)
            yield done
    yield from (TypeChecked(path=path, problem=why or "the worker was lost") for path in sorted(missing))


def checked(tools: Tools, check: TypeCheck) -> TypeChecked:
    """What an executor is given. Nothing of the target runs in this session."""
    command = tools.toolchain.refusing(check.setting, check.path)
    edits = [[mutant.id, mutant.start, mutant.end, mutant.replacement] for mutant in check.mutants]
    with tools.sandbox.open(tools.toolchain.spec(check.setting, readable=tools.toolchain.own_paths)) as session:
        done = session.run(command, wall_s=TOO_LONG_S, stdin=json.dumps({"text": check.text, "edits": edits}).encode())
    return _read(check.path, done)


def _read(path: str, done: Completed) -> TypeChecked:
    try:
        said: Mapping[str, object] = json.loads(done.stdout.strip().rpartition("\n")[2])
        return TypeChecked.model_validate({"path": path, **said})
    except ValueError:
        last = (done.stderr.strip().splitlines() or [f"it ended with {done.limit or done.signal or done.code}"])[-1]
        return TypeChecked(path=path, problem=f"the type checker failed: {last[:200]}")
