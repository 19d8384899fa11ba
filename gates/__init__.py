"""The gates a generated file must pass, cheapest first."""

from gates.compile import CompileGate
from gates.mutation import MutationGate
from gates.runtime import RuntimeGate

__all__ = ["CompileGate", "MutationGate", "RuntimeGate"]
