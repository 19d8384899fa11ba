"""Run inside the peers' environment, in a project with a session of cosmic-ray's: keeps the one mutant that gives the text on stdin.

The only place that imports cosmic-ray. Says how many mutants are left, none or one.
"""

import sqlite3
import sys
from pathlib import Path

import cosmic_ray.plugins  # type: ignore[import-not-found, unused-ignore]
from cosmic_ray.mutating import mutate_code  # type: ignore[import-not-found, unused-ignore]
from cosmic_ray.work_db import WorkDB, use_db  # type: ignore[import-not-found, unused-ignore]


def main() -> None:
    session, wanted = sys.argv[1], sys.stdin.read()
    source = Path("m.py").read_text("utf-8")
    with use_db(session, WorkDB.Mode.open) as work:
        specs = [(item.job_id, item.mutations[0]) for item in work.work_items]
    kept = [job for job, spec in specs if _text(source, spec) == wanted][:1]
    with sqlite3.connect(session) as database:
        for table in ("mutation_specs", "work_items"):
            database.execute(f"DELETE FROM {table} WHERE job_id NOT IN (?)", kept or [""])
    sys.stdout.write(f"{len(kept)}\n")


def _text(source: str, spec) -> object:  # type: ignore[no-untyped-def]
    operator = cosmic_ray.plugins.get_operator(spec.operator_name)(**spec.operator_args)
    return mutate_code(source, operator, spec.occurrence)


main()
