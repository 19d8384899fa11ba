"""The gates a generated file must pass, cheapest first."""

from gates.checkers import Checkers
from gates.compile import CompileGate
from gates.mutation import MutationGate
from gates.runtime import RuntimeGate

__all__ = ["Checkers", "CompileGate", "MutationGate", "RuntimeGate"]
