"""Three sides for one module, each through the front door, and one judge for all of them: `qtest mutate` in its sandbox."""

import json
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmarks.generation.commit import ROOT
from benchmarks.generation.process import Ran, clean_environment, run
from benchmarks.llm_quality.plain import Judged, written
from qtest.completers import completer
from qtest.config import Config, LlmSettings
from qtest.records.completion import Payer

Side = Literal["search", "plain", "mix"]
SIDES: tuple[Side, ...] = ("search", "plain", "mix")
PATIENCE_S = 3600.0


@dataclass(frozen=True)
class Asked:
    """What all sides are given: of `llm` they may have so many tokens, of the search so many evaluations."""

    llm: str
    tokens: int
    evaluations: int
    seed: int


@dataclass(frozen=True)
class Row:
    module: str
    side: Side
    tests: int
    killed: int
    mutants: int
    tokens: int
    unusable: int
    wall_s: float
    note: str = ""


def measured(folder: Path, path: str, module: str, side: Side, asked: Asked) -> Row:
    """`path` is the module's file in the folder of the project, which is only read."""
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        bench = _Bench(folder, path, module, asked, Path(scratch))
        return bench.plain() if side == "plain" else bench.through_qtest(side)


@dataclass(frozen=True)
class _Bench:
    folder: Path
    path: str
    module: str
    asked: Asked
    scratch: Path

    def through_qtest(self, side: Side) -> Row:
        out = self.scratch / "out"
        model = ("--llm", self.asked.llm, "--llm-budget", str(self.asked.tokens), "--yes") if side == "mix" else ()
        ran = self._qtest(
            *("run", str(self.folder), "--inline", "--standalone", "--only", self.path, "--out", str(out)),
            *("--evaluations", str(self.asked.evaluations), "--seed", str(self.asked.seed), *model),
        )
        report = _read(out / "qtest-report" / "report.json")
        if not report:
            return self._row(side, Judged(), 0, 0, ran.wall_s, _last(ran.output))
        found = next((one for one in report["modules"] if one["module"] == self.module), None)
        judged = self.judge(found["file"]["text"]) if found and found["file"] else Judged(said="no test was kept")
        spent = [one for module in report["modules"] for one in module["effort"]["spent"]]
        tokens = sum(one["input_tokens"] + one["output_tokens"] for one in spent)
        return self._row(
            side,
            judged,
            tokens,
            sum(one["unusable"] for one in spent),
            ran.wall_s,
            judged.said if not judged.tests else "",
        )

    def plain(self) -> Row:
        config = Config(llm=LlmSettings(ask=self.asked.llm, budget=str(self.asked.tokens)))
        made = completer(config, self.scratch / "completer")
        assert made is not None, "a model is asked for"
        started = time.monotonic()
        try:
            source = (self.folder / self.path).read_text("utf-8")
            payer = Payer(run=f"plain {self.module}")
            found = written(source, self.module, made, self.asked.tokens, self.judge, payer)
        finally:
            made.close()
        judged = found.judged if found.text else Judged()
        return self._row(
            "plain", judged, found.tokens, found.rounds if not found.text else 0, time.monotonic() - started, found.note
        )

    def judge(self, text: str) -> Judged:
        """All of the module's mutants, by that file alone: tests of it that fail on the module as it is are left aside."""
        tree = Path(tempfile.mkdtemp(dir=self.scratch)) / "project"
        shutil.copytree(self.folder, tree, ignore=shutil.ignore_patterns("test_*.py", "*_test.py", "conftest.py"))
        (tree / "tests").mkdir(exist_ok=True)
        (tree / "tests" / "test_side.py").write_text(text, "utf-8")
        out = tree.parent / "out"
        ran = self._qtest(
            *("mutate", str(tree), "--inline", "--only", self.path, "--tests", "tests/test_side.py", "--allow-red"),
            *("--ask", "0s", "--out", str(out)),
        )
        report = _read(out / "qtest-mutation" / "report.json")
        return read_judged(report) if report else Judged(said=_last(ran.output))

    def _qtest(self, *words: str) -> Ran:
        command = [sys.executable, "-m", "qtest", *words]
        env = clean_environment(PYTHONPATH=str(ROOT), QTEST_STORE=str(self.scratch / "store"))
        return run(command, cwd=self.scratch, env=env, timeout_s=PATIENCE_S, log=self.scratch / "log")

    def _row(self, side: Side, judged: Judged, tokens: int, unusable: int, wall_s: float, note: str) -> Row:
        return Row(self.module, side, judged.tests, judged.killed, judged.mutants, tokens, unusable, wall_s, note[:200])


def read_judged(report: dict[str, Any]) -> Judged:
    """From what `qtest mutate` reports."""
    verdicts = [one for module in report["modules"] for one in module["verdicts"]]
    killed = sum(one["result"]["status"] == "killed" for one in verdicts)
    alive = [one["diff"] for one in verdicts if one["result"]["status"] in ("survived", "no coverage")]
    reasons = [suite["reason"] for suite in report["suites"] if suite["reason"]]
    said = "\n".join((*reasons, f"{killed} of {len(verdicts)} changes are noticed. Not noticed:", *alive[:10]))
    tests = sum(suite["tests"] for suite in report["suites"])
    return Judged(tests=tests, killed=killed if tests else 0, mutants=len(verdicts), said=said)


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def _last(output: str) -> str:
    return (output.strip().splitlines() or ["it said nothing"])[-1]
