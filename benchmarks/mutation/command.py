"""How fast mutants are judged, beside mutmut, cosmic-ray and a bare fork; and the page of results."""

import argparse
import os
import platform
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from benchmarks.generation.commit import ROOT, commit
from benchmarks.generation.environments import COSMIC_RAY, MUTMUT, made
from benchmarks.generation.store import Store
from benchmarks.mutation.change import Change
from benchmarks.mutation.change import judged as judged_change
from benchmarks.mutation.cores import cores
from benchmarks.mutation.mutants import at_import, shared
from benchmarks.mutation.peers import Peer, cosmic_ray
from benchmarks.mutation.rounds import Ground, Round
from benchmarks.mutation.subjects import SUBJECTS, Subject
from benchmarks.mutation.table import TABLE, Measured, page, rows
from qtest.records.record import Record

TOOLS = ("pytest==9.2.0", "coverage", MUTMUT, COSMIC_RAY)
RULES = 2  # of measuring: rows of other rules stand on no page
Step = TypeVar("Step", bound=Record)
PAGE = ROOT / "benchmarks" / "MUTATION.md"


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    names = asked.packages.split(",") if asked.packages else [subject.name for subject in SUBJECTS]
    wanted = [subject for subject in SUBJECTS if subject.name in names]
    if not wanted:
        raise SystemExit(f"--packages is {asked.packages}; expected some of {[one.name for one in SUBJECTS]}")
    session = Session(asked, Store(asked.store.expanduser().resolve()))
    print("\n".join(TABLE), flush=True)
    for subject in wanted:
        print("\n".join(rows(session.measured(subject))), flush=True)
        session.write_page(asked.page)
    print(asked.page.read_text("utf-8"))
    return 0


class Session:
    """One run over one store, where each step of this QTest is kept."""

    def __init__(self, asked: argparse.Namespace, store: Store) -> None:
        self.asked = asked
        self.store = store
        self.commit = commit()
        needs = [need for subject in SUBJECTS for need in subject.needs]
        self.environment = made(store.folder, "mutation", [*TOOLS, *needs])

    def measured(self, subject: Subject) -> Measured:
        """Step by step, each of them once."""
        return Measured(
            subject,
            tuple(
                self._once(Round, subject, f"round={n}", lambda: self._round(subject)) for n in range(self.asked.rounds)
            ),
            self._once(Peer, subject, "cosmic-ray", lambda: self._cosmic_ray(subject)),
            self._once(Change, subject, "change", lambda: self._change(subject)),
        )

    def write_page(self, where: Path) -> None:
        """Of all packages that have every step behind them."""
        done = [self.measured(subject) for subject in SUBJECTS if self._complete(subject)]
        where.write_text(page(done, self._machine), "utf-8")

    def _round(self, subject: Subject) -> Round:
        with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
            folder = Path(scratch) / "tree"
            subject.lay(self.store.folder, folder)
            same = shared(subject, folder, self.environment, subject.sample(self.asked.mutants), self.asked.seed)
            fresh = at_import(subject, folder, subject.sample(self.asked.imports), self.asked.seed)
            return Ground(subject, folder, self.store.folder, self.environment, same, fresh).round()

    def _cosmic_ray(self, subject: Subject) -> Peer:
        return cosmic_ray(subject, self.store.folder, self.environment, self.asked.cosmic_ray, cores(1))

    def _change(self, subject: Subject) -> Change:
        return judged_change(subject, self.store.folder, self.environment, self.asked.seed)

    def _complete(self, subject: Subject) -> bool:
        steps = [*(f"round={number}" for number in range(self.asked.rounds)), "cosmic-ray", "change"]
        return all(self.store.known("mutation", self._key(subject, step)) for step in steps)

    def _once(self, kind: type[Step], subject: Subject, step: str, make: Callable[[], Step]) -> Step:
        key = self._key(subject, step)
        return kind.model_validate(self.store.once("mutation", key, lambda: make().model_dump(mode="json")))

    def _key(self, subject: Subject, step: str) -> tuple[object, ...]:
        asked = self.asked
        sizes = f"{subject.sample(asked.mutants)}+{subject.sample(asked.imports)}+{asked.cosmic_ray:g}+{asked.seed}"
        return (self.commit, subject.release, f"rules={RULES}", sizes, step)

    @cached_property
    def _machine(self) -> str:
        tools = self.environment.versions()
        named = ", ".join(f"{name} {tools[name]}" for name in ("pytest", "mutmut", "coverage") if name in tools)
        return (
            f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
            f"{named}, {COSMIC_RAY}, {self.asked.rounds} rounds, seed {self.asked.seed}, at most {self.asked.mutants} mutants; "
            f"QTest {self.commit}"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run mutation", description=__doc__)
    parser.add_argument("--packages", default="", help="separated by commas; all by default")
    parser.add_argument("--mutants", type=int, default=300, help="of mutmut's, at most, for each package")
    parser.add_argument("--imports", type=int, default=40, help="of those that run at import, at most")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--cosmic-ray", type=float, default=20.0, help="seconds that it may work")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--store", type=Path, default=Path("~/.cache/qtest/benchmarks"))
    parser.add_argument("--page", type=Path, default=PAGE, help="the page of results")
    return parser
