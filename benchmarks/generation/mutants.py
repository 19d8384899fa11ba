"""The mutants both sides are judged by: mutmut's, a sample of them where there are many."""

import json
import random
import subprocess
import tempfile
from pathlib import Path

from benchmarks.generation.environments import Environment
from benchmarks.generation.process import clean_environment

SAMPLE_SEED = 0


def mutate(source: str, environment: Environment) -> list[str]:
    """Every mutant of the module, each as the whole file with that one change."""
    script = Path(__file__).with_name("mutmut_side.py")
    env = clean_environment(PYTHONIOENCODING="utf-8")
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        Path(scratch, "setup.cfg").write_text("[mutmut]\nsource_paths=.\n", "utf-8")
        made = subprocess.run(
            [str(environment.python), str(script)],
            input=source.encode(),
            cwd=scratch,
            env=env,
            capture_output=True,
            check=False,
        )
    if made.returncode:
        raise RuntimeError(f"mutmut made no mutants: {made.stderr.decode('utf-8', 'replace')[-2000:]}")
    mutants: list[str] = json.loads(made.stdout)
    return mutants


def sample(mutants: list[str], most: int) -> list[str]:
    """The same ones each time, in file order."""
    if len(mutants) <= most:
        return mutants
    chosen = sorted(random.Random(SAMPLE_SEED).sample(range(len(mutants)), most))
    return [mutants[index] for index in chosen]
