"""All scenarios, by what breaks."""

from benchmarks.faults.scenario import Scenario
from benchmarks.faults.scenarios.application import APPLICATION
from benchmarks.faults.scenarios.collection import COLLECTION
from benchmarks.faults.scenarios.endings import ENDINGS
from benchmarks.faults.scenarios.forging import FORGING
from benchmarks.faults.scenarios.leaks import LEAKS
from benchmarks.faults.scenarios.limits import LIMITED
from benchmarks.faults.scenarios.reports import REPORTS

SCENARIOS: tuple[Scenario, ...] = (*APPLICATION, *COLLECTION, *ENDINGS, *LIMITED, *LEAKS, *REPORTS, *FORGING)
