"""`python -m benchmarks.run generation`: each word is a benchmark, with a page of results of its own."""

import sys

from benchmarks.faults.command import main as faults
from benchmarks.generation.command import main as generation
from benchmarks.growth.command import main as growth
from benchmarks.llm_quality.command import main as llm_quality
from benchmarks.model.command import main as model
from benchmarks.mutation.command import main as mutation
from benchmarks.regressions.command import main as regressions
from benchmarks.router.command import main as router
from benchmarks.scale.command import main as scale
from benchmarks.store.command import main as store

BENCHMARKS = {
    "faults": faults,
    "generation": generation,
    "growth": growth,
    "llm_quality": llm_quality,
    "model": model,
    "mutation": mutation,
    "regressions": regressions,
    "router": router,
    "scale": scale,
    "store": store,
}

if __name__ == "__main__":
    if sys.argv[1:2] == [] or sys.argv[1] not in BENCHMARKS:
        raise SystemExit(f"usage: python -m benchmarks.run {{{','.join(BENCHMARKS)}}} [options]")
    raise SystemExit(BENCHMARKS[sys.argv[1]](sys.argv[2:]))
