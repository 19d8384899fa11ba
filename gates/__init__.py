"""The gates a generated file must pass, cheapest first."""

from collections.abc import Sequence

from gates.checkers import Checkers
from gates.compile import CompileGate
from gates.mutation import MutationGate
from gates.runtime import RuntimeGate
from gates.sent import SentGate, compiled, repeated
from qtest.config import GateSettings
from qtest.ports import Executor, Gate
from qtest.records.baseline import Setting
from qtest.records.mutant import Mutant

__all__ = ["Checkers", "CompileGate", "MutationGate", "RuntimeGate", "chain"]


def chain(
    executor: Executor, setting: Setting, mutants: Sequence[Mutant], text: str, settings: GateSettings
) -> tuple[Gate, ...]:
    """All of them, each done by the executor's workers. `mutants` and `text` are as MutationGate says."""
    return (
        SentGate("compile", compiled, executor, setting, settings.runtime),
        SentGate("runtime", repeated, executor, setting, settings.runtime),
        MutationGate(executor, setting, mutants, text, settings.mutation),
    )
