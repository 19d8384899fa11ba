"""Have tests written on the fixed release, run them on the buggy one, store, print, and write the section of the page of results."""

import argparse
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.generation import tools
from benchmarks.generation.commit import commit
from benchmarks.generation.environments import PYNGUIN
from benchmarks.generation.store import Store
from benchmarks.generation.subjects import Subject
from benchmarks.page import publish
from benchmarks.regressions import releases, results
from benchmarks.regressions.judge import RULES, judge
from benchmarks.regressions.releases import Release
from benchmarks.regressions.reproduced import reproduced
from benchmarks.regressions.subjects import PAIRS, Pair

TOOLS = ("qtest", "pynguin")


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    wanted = asked.packages.split(",") if asked.packages else [pair.package for pair in PAIRS]
    pairs = [pair for pair in PAIRS if pair.package in wanted][: asked.first]
    unknown = {*asked.tools.split(",")} - {*TOOLS}
    if not pairs or unknown:
        raise SystemExit(
            f"--packages and --tools name nothing or {sorted(unknown)}; expected some of {wanted} and of {TOOLS}"
        )
    session = Session(asked, Store(asked.store.expanduser().resolve()))
    print(session.machine, flush=True)
    rows = []
    for row in session.rows(pairs):
        rows.append(row)
        print(list(results.table([row]))[-1], flush=True)
    print("\n".join(results.summary(rows)))
    session.write_page()
    return 0


class Session:
    """One run of the benchmark over one store."""

    def __init__(self, asked: argparse.Namespace, store: Store) -> None:
        self.asked = asked
        self.store = store
        self.commit = commit()
        self.running = releases.running(store.folder)
        self.machine = self._machine()

    def rows(self, pairs: list[Pair]) -> Iterator[dict[str, Any]]:
        for pair in pairs:
            for seed in (int(word) for word in self.asked.seeds.split(",")):
                for tool in self.asked.tools.split(","):
                    yield self._row(pair, tool, seed)

    def write_page(self) -> None:
        """From every stored row but those of another QTest or of older rules, in the order of the pairs."""
        places = {(pair.package, pair.fixed, pair.module): place for place, pair in enumerate(PAIRS)}
        kept = [
            row
            for row in self.store.all("regressions")
            if row["commit"] in ("", self.commit) and row["rules"] == RULES and _place(row) in places
        ]
        kept.sort(key=lambda row: (row["tool"] != "qtest", row["given"], row["seed"], places[_place(row)]))
        publish(results.page(kept, self.machine))

    def _row(self, pair: Pair, tool: str, seed: int) -> dict[str, Any]:
        key: tuple[object, ...] = (
            tool,
            pair.package,
            pair.buggy,
            pair.fixed,
            pair.module,
            f"seed={seed}",
            self._given(tool),
        )
        key = key if tool == "pynguin" else (*key, self.commit)
        generated = self.store.once("written", key, lambda: asdict(self._generate(pair, tool, seed)))
        row: dict[str, Any] = self.store.once(
            "regressions", (*key, f"rules={RULES}"), lambda: self._judged(pair, tool, seed, generated)
        )
        return row

    def _given(self, tool: str) -> str:
        if tool == "pynguin":
            return f"{self.asked.pynguin_seconds} s"
        given = f"{self.asked.evaluations} evaluations" if self.asked.evaluations else f"{self.asked.budget} s"
        return f"{given}, {'with its tests' if self.asked.with_its_tests else 'its tests withheld'}"

    def _generate(self, pair: Pair, tool: str, seed: int) -> tools.Generated:
        subject = Subject(pair.package, pair.module)
        fixed = self._release(pair, pair.fixed)
        if tool == "pynguin":
            alone = Release(releases.searching(self.store.folder).folder, fixed.site)
            return tools.pynguin(subject, alone, seed, self.asked.pynguin_seconds)
        more = ("--evaluations", str(self.asked.evaluations)) if self.asked.evaluations else ()
        budget = self.asked.patience if self.asked.evaluations else self.asked.budget
        repository = f"pypi:{pair.package}=={pair.fixed}"
        if not self.asked.with_its_tests:
            repository = str(releases.untested(self.store.folder, pair.package, pair.fixed))
        return tools.qtest(subject, fixed.pattern(pair.module), seed, budget, repository, more)

    def _judged(self, pair: Pair, tool: str, seed: int, generated: dict[str, Any]) -> dict[str, Any]:
        fixed, buggy = self._release(pair, pair.fixed), self._release(pair, pair.buggy)
        reproduced(pair, fixed, buggy)
        ours = tool == "qtest"
        return {
            **asdict(judge(generated["files"], pair, fixed, buggy)),
            **{field: getattr(pair, field) for field in ("package", "buggy", "fixed", "module", "kind", "bug")},
            "tool": tool,
            "seed": seed,
            "given": self._given(tool),
            "commit": self.commit if ours else "",
            "tool_version": "" if ours else PYNGUIN,
            "rules": RULES,
            **{field: generated[field] for field in ("wall_s", "cpu_s", "note", "load")},
        }

    def _release(self, pair: Pair, version: str) -> Release:
        return releases.release(self.store.folder, self.running, pair.package, version)

    def _machine(self) -> str:
        loads = " ".join(f"{load:.2f}" for load in os.getloadavg())
        return (
            f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, "
            f"Python {platform.python_version()}, load {loads}; QTest {self.commit}, {PYNGUIN}; {len(PAIRS)} pairs"
        )


def _place(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["package"], row["fixed"], row["module"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run regressions", description=__doc__)
    parser.add_argument("--packages", default="", help="comma-separated; all of them when left out")
    parser.add_argument("--first", type=int, default=None, help="only so many pairs, in their order")
    parser.add_argument("--tools", default="qtest", help="qtest, pynguin or both, comma-separated")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--budget", type=int, default=120, help="seconds given to QTest for the module")
    parser.add_argument(
        "--evaluations", type=int, default=0, help="work given to QTest for the module in place of seconds"
    )
    parser.add_argument("--patience", type=int, default=600, help="seconds after which --evaluations are cut short")
    parser.add_argument(
        "--with-its-tests", action="store_true", help="let QTest read the release's own tests, which know the bug"
    )
    parser.add_argument("--pynguin-seconds", type=int, default=60, help="search time given to Pynguin for the module")
    parser.add_argument("--store", type=Path, default=Path("~/.cache/qtest/benchmarks"))
    return parser
