"""Search alone, a plain model with a repair loop, and QTest's mix, at equal tokens on the same modules: tests, kills, and tokens for each."""

import argparse
import os
import platform
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.generation.commit import commit
from benchmarks.generation.store import Store
from benchmarks.llm_quality.sides import SIDES, Asked, Row, Side, measured
from benchmarks.page import publish
from qtest.wiring import open_library

SUBJECTS = (
    ("inflection==0.5.1", "inflection.py", "inflection"),
    ("pytimeparse==1.1.8", "pytimeparse/timeparse.py", "pytimeparse.timeparse"),
    ("semver==3.0.4", "src/semver/version.py", "semver.version"),
    ("isodate==0.7.2", "src/isodate/isoduration.py", "isodate.isoduration"),
    ("python-slugify==8.0.4", "slugify/slugify.py", "slugify.slugify"),
)
HEAD = """# Language models: what one adds to the search

Written by `python -m benchmarks.run llm_quality --llm ...`; do not edit. Each side is asked for tests of the same modules; those with a model may read
and write the same number of tokens for each module. All files are judged by `qtest mutate` in its sandbox, tests that fail on the module as it is left
aside. *plain* is a model that writes whole files and is told what fails and what survives until its tokens are spent; *mix* is `qtest run --llm`.
"""
COLUMNS = ("module", "side", "tests", "mutants killed", "tokens", "unusable answers", "wall s", "note")


def main(words: list[str]) -> int:
    given = _parser().parse_args(words)
    asked = Asked(given.llm, given.tokens, given.evaluations, given.seed)
    store = Store(given.store.expanduser().resolve())
    rows = []
    for package, path, module in _subjects(given):
        for side in SIDES:
            row = _row(store, package, path, module, side, asked)
            rows.append(row)
            print(f"| {' | '.join(cells(row))} |", flush=True)
    if given.publish:
        publish(page(rows, asked))
    return 0


def _row(store: Store, package: str, path: str, module: str, side: Side, asked: Asked) -> Row:
    model = () if side == "search" else (asked.llm, asked.tokens)
    key = (package, module, side, f"seed={asked.seed}", f"evaluations={asked.evaluations}", *model, commit())
    return Row(**store.once("llm_quality", key, lambda: vars(_measured(package, path, module, side, asked))))


def _measured(package: str, path: str, module: str, side: Side, asked: Asked) -> Row:
    if Path(package).is_dir():
        return measured(Path(package).resolve(), path, module, side, asked)
    with open_library() as library:
        return measured(Path(library.fetcher.fetch(f"pypi:{package}").folder), path, module, side, asked)


def _subjects(given: argparse.Namespace) -> Iterable[tuple[str, str, str]]:
    if given.folder:
        return ((given.folder, given.path, given.path.removesuffix(".py").replace("/", ".")),)
    return [one for one in SUBJECTS if not given.packages or one[0] in given.packages.split(",")]


def page(rows: list[Row], asked: Asked) -> str:
    machine = (
        f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, QTest {commit()}; {asked.llm}, "
        f"{asked.tokens:,} tokens and {asked.evaluations:,} evaluations for each module, seed {asked.seed}"
    )
    table = [f"| {' | '.join(cells(row))} |" for row in rows]
    return "\n".join(
        (HEAD, machine, "", f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS), *table, "", *totals(rows), "")
    )


def totals(rows: list[Row]) -> Iterator[str]:
    """By side, over the modules that all sides were judged on."""
    by_module: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_module.setdefault(row.module, {})[row.side] = row
    whole = [sides for sides in by_module.values() if len(sides) == len(SIDES)]
    most = sum(max(row.mutants for row in sides.values()) for sides in whole)
    for side in SIDES:
        found = [sides[side] for sides in whole]
        tokens = sum(row.tokens for row in found)
        yield f"- {side}: {sum(row.killed for row in found)} of {most} mutants of {len(whole)} modules, {tokens:,} tokens"


def cells(row: Row) -> tuple[str, ...]:
    return (
        *(row.module, row.side, str(row.tests), f"{row.killed} of {row.mutants}", f"{row.tokens:,}", str(row.unusable)),
        *(f"{row.wall_s:.0f}", row.note.replace("|", "/").replace("\n", " ")),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run llm_quality", description=__doc__)
    parser.add_argument("--llm", required=True, help="as for `qtest run --llm`")
    parser.add_argument("--tokens", type=int, default=60_000, help="for each module and side")
    parser.add_argument("--evaluations", type=int, default=20_000, help="of the search, for each module")
    parser.add_argument("--packages", default="", help="comma-separated; all of them when left out")
    parser.add_argument("--folder", default="", help="a project of your own instead, with --path")
    parser.add_argument("--path", default="", help="the module's file in it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--publish", action="store_true", help="write the section of the page of results")
    parser.add_argument("--store", type=Path, default=Path("~/.cache/qtest/benchmarks"))
    return parser
