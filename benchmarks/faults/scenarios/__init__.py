"""All scenarios, by what breaks."""

from benchmarks.faults.scenario import Scenario
from benchmarks.faults.scenarios.endings import ENDINGS

SCENARIOS: tuple[Scenario, ...] = (*ENDINGS,)
