"""Generate, judge, store, print, and write the page of results."""

import argparse
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.generation import environments, results, tools
from benchmarks.generation.commit import commit
from benchmarks.generation.judge import RULES, Judged, judge
from benchmarks.generation.mutants import mutate, sample
from benchmarks.generation.readability import Readability, project_text, readability
from benchmarks.generation.reruns import rerun
from benchmarks.generation.store import Store
from benchmarks.generation.subjects import SUBJECTS, Subject
from benchmarks.page import publish


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    subjects = [one for one in SUBJECTS if not asked.packages or one.package in asked.packages.split(",")]
    if not subjects:
        raise SystemExit(f"--packages is {asked.packages}; expected some of {[one.package for one in SUBJECTS]}")
    session = Session(asked, Store(asked.store.expanduser().resolve()))
    print(session.machine, flush=True)
    rows = []
    for row in session.rows(subjects):
        rows.append(row)
        for line in list(results.table([row]))[-1:]:
            print(line, flush=True)
    print("\n".join((*results.ratios(rows), *results.reading(rows))))
    session.write_page()
    return 0


class Session:
    """One run of the benchmark over one store."""

    def __init__(self, asked: argparse.Namespace, store: Store) -> None:
        self.asked = asked
        self.store = store
        self.commit = commit()
        self.judging = environments.judging(store.folder)
        self.mutating = environments.mutating(store.folder)
        self.versions = self.judging.versions()
        self.machine = self._machine()

    def rows(self, subjects: list[Subject]) -> Iterator[dict[str, Any]]:
        for subject in subjects:
            for seed in (int(word) for word in self.asked.seeds.split(",")):
                for tool in self.asked.tools.split(","):
                    yield self._row(subject, tool, seed)

    def write_page(self) -> None:
        """From every stored row but those of another QTest, another release of a package or another sample."""
        kept = [row for row in self.store.all("rows") if row["commit"] in ("", self.commit) and self._same(row)]
        publish(results.page(kept, self.machine))

    def _same(self, row: dict[str, Any]) -> bool:
        return bool(
            row["installed"] == self.versions[row["package"]]
            and row["most"] == self.asked.mutants
            and row.get("rules") == RULES
        )

    def _row(self, subject: Subject, tool: str, seed: int) -> dict[str, Any]:
        key = self._key(subject, tool, seed)
        generated = self.store.once("generated", key, lambda: asdict(self._generate(subject, tool, seed)))
        return dict(
            self.store.once(
                "rows",
                (*key, f"mutants={self.asked.mutants}", f"rules={RULES}"),
                lambda: self._judged(subject, tool, seed, generated),
            )
        )

    def _key(self, subject: Subject, tool: str, seed: int) -> tuple[object, ...]:
        version = self.versions[subject.package]
        if tool == "pynguin":
            return (tool, subject.module, version, f"seed={seed}", f"search={self.asked.pynguin_seconds}s")
        return (tool, subject.module, version, f"seed={seed}", f"budget={self.asked.budget}s", self.commit)

    def _generate(self, subject: Subject, tool: str, seed: int) -> tools.Generated:
        if tool == "pynguin":
            return tools.pynguin(subject, self.judging, seed, self.asked.pynguin_seconds)
        if tool == "qtest":
            return tools.qtest(subject, tools.pattern(subject, self.judging), seed, self.asked.budget)
        raise SystemExit(f"--tools names {tool}; expected qtest or pynguin")

    def _judged(self, subject: Subject, tool: str, seed: int, generated: dict[str, Any]) -> dict[str, Any]:
        mutants = self._mutants(subject)
        verdict = Judged(problem="no tests", mutants=len(mutants), survived=len(mutants))
        if generated["tests"]:
            verdict = judge(
                generated["tests"], generated["name"], subject.module, self.judging, mutants, self.asked.jobs
            )
        ours = tool == "qtest"
        return {
            **verdict.fields(),
            "mutants": len(mutants),
            "package": subject.package,
            "module": subject.module,
            "tool": tool,
            "seed": seed,
            "given": f"{self.asked.budget if ours else self.asked.pynguin_seconds} s",
            "commit": self.commit if ours else "",
            "tool_version": "" if ours else f"pynguin {self.versions['pynguin']}",
            "installed": self.versions[subject.package],
            "most": self.asked.mutants,
            "rules": RULES,
            "reruns": asdict(rerun(generated["files"], self.judging, self.asked.reruns, self.asked.jobs))
            if ours
            else None,
            "reads": asdict(self._reads(subject, generated)),
            **{field: generated[field] for field in ("version", "wall_s", "cpu_s", "note", "load")},
        }

    def _reads(self, subject: Subject, generated: dict[str, Any]) -> Readability:
        """Of all that was written; a file kept from before all were is judged by the module's own."""
        files = generated.get("files") or ({generated["name"]: generated["tests"]} if generated["tests"] else {})
        return readability(files.values(), project_text(self.judging.files(subject.package)))

    def _mutants(self, subject: Subject) -> list[str]:
        source = self.judging.origin(subject.module).read_bytes().decode("utf-8")
        key = (environments.MUTMUT, subject.module, self.versions[subject.package])
        return sample(self.store.once("mutants", key, lambda: mutate(source, self.mutating)), self.asked.mutants)

    def _machine(self) -> str:
        packages = ", ".join(f"{one.package} {self.versions[one.package]}" for one in SUBJECTS)
        loads = " ".join(f"{load:.2f}" for load in os.getloadavg())
        return (
            f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, "
            f"Python {platform.python_version()}, load {loads}; QTest {self.commit}, {environments.PYNGUIN}, "
            f"{environments.MUTMUT}, coverage {self.versions['coverage']}, pytest {self.versions['pytest']}; {packages}"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run generation", description=__doc__)
    parser.add_argument("--packages", default="", help="comma-separated; all of them when left out")
    parser.add_argument("--tools", default="qtest,pynguin")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--budget", type=int, default=60, help="seconds given to QTest for the module")
    parser.add_argument("--pynguin-seconds", type=int, default=60, help="search time given to Pynguin for the module")
    parser.add_argument("--mutants", type=int, default=200, help="at most so many for each module")
    parser.add_argument("--reruns", type=int, default=100, help="shuffled runs of all that QTest shipped for a package")
    parser.add_argument("--jobs", type=int, default=2, help="mutants judged at the same time")
    parser.add_argument("--store", type=Path, default=Path("~/.cache/qtest/benchmarks"))
    return parser
