"""Does every test pass, in fresh processes, in any order? What does not is told wrong from flaky, and flaky with its cause."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from gates.lay import lay
from qtest.config import RuntimeSettings
from qtest.ports import Sandbox, Session, Toolchain
from qtest.records.baseline import Setting, SuiteRun, TestCoverage
from qtest.records.file import TestFile
from qtest.records.outcome import Finding, GateReport

Cause = Literal["", "wrong", "order", "time", "network", "shared state", "hash seed", "resources", "unknown"]
_ZONES = ("UTC", "Asia/Kolkata", "America/Los_Angeles")
_TOO_LONG_S = 120.0


@dataclass(frozen=True)
class RuntimeGate:
    """Each run is a process and a session of its own."""

    sandbox: Sandbox
    toolchain: Toolchain
    setting: Setting
    settings: RuntimeSettings

    @property
    def name(self) -> str:
        return "runtime"

    def check(self, file: TestFile) -> GateReport:
        started = time.monotonic()
        with ThreadPoolExecutor() as pool:  # they wait for sandboxed processes
            runs = list(pool.map(lambda number: self._varied_run(file, number), range(self.settings.runs)))
        findings = self._findings(file, runs)
        return GateReport(
            gate="runtime",
            result="failed" if findings else "passed",
            findings=findings,
            wall_s=time.monotonic() - started,
            cpu_s=sum(run.cpu_s for run in runs),
        )

    def _varied_run(self, file: TestFile, number: int) -> SuiteRun:
        with self.sandbox.open(self.toolchain.spec(self.setting)) as session:
            return _run(
                session,
                self.toolchain,
                self.setting,
                file,
                shuffle=number,
                hash_seed=number + 1,
                zone=_ZONES[number % len(_ZONES)],
            )

    def _findings(self, file: TestFile, runs: Sequence[SuiteRun]) -> tuple[Finding, ...]:
        wanted = file.nodes
        broken = next((run for run in runs if not run.complete), None)
        if broken:
            return (Finding(text=f"the file could not be run: {broken.problem}", cause="unknown"),)
        outcomes = [{_full(self.setting, test.node): test for test in run.tests} for run in runs]
        beside = next((one for seen in outcomes for one in seen.items() if _suffers(file, *one)), None)
        if beside:
            return (Finding(text=f"{beside[0]} does not pass beside the new ones", node=beside[0]),)
        missing = sorted(node for node in wanted if not all(node in seen for seen in outcomes))
        if missing:
            return tuple(Finding(text="pytest does not find it", node=node, cause="wrong") for node in missing)
        bad = sorted(node for node in wanted if any(seen[node].outcome != "passed" for seen in outcomes))
        return tuple(
            self._explained(
                file, node, [seen[node].outcome for seen in outcomes], [seen[node].reason for seen in outcomes]
            )
            for node in bad
        )

    def _explained(self, file: TestFile, node: str, outcomes: Sequence[str], reasons: Sequence[str]) -> Finding:
        reason = next((reason for reason in reasons if reason), "")
        if all(outcome != "passed" for outcome in outcomes):
            cause, text = self._alone(file, node, reason)
        else:
            cause, text = (
                self._varied(file, node),
                f"passed {outcomes.count('passed')} of {len(outcomes)} times: {reason}",
            )
        return Finding(text=text[:300], node=node, cause=cause)

    def _alone(self, file: TestFile, node: str, reason: str) -> tuple[Cause, str]:
        if self._passes(file, node, hash_seed=0, zone="UTC"):
            return "shared state", f"fails beside the others, passes alone: {reason}"
        return "wrong", f"fails on the code as it is: {reason}"

    def _varied(self, file: TestFile, node: str) -> Cause:
        """One thing changed at a time, the rest fixed; blamed when the outcome changes with it."""
        if len({self._passes(file, node, hash_seed=seed, zone="UTC") for seed in range(self.settings.runs + 1)}) > 1:
            return "hash seed"
        if len({self._passes(file, node, hash_seed=0, zone=zone) for zone in _ZONES}) > 1:
            return "time"
        return "order"

    def _passes(self, file: TestFile, node: str, *, hash_seed: int, zone: str) -> bool:
        with self.sandbox.open(self.toolchain.spec(self.setting)) as session:
            run = _run(session, self.toolchain, self.setting, file, nodes=(node,), hash_seed=hash_seed, zone=zone)
        return run.complete and {test.outcome for test in run.tests} == {"passed"}


def _suffers(file: TestFile, node: str, test: TestCoverage) -> bool:
    """A test of the host's, all of which passed before."""
    return bool(file.host) and node not in file.nodes and test.outcome in ("failed", "error")


def _run(
    session: Session,
    toolchain: Toolchain,
    setting: Setting,
    file: TestFile,
    *,
    nodes: Sequence[str] = (),
    shuffle: int | None = None,
    hash_seed: int,
    zone: str,
) -> SuiteRun:
    lay(session, setting, file.written())
    names = tuple(_local(setting, node) for node in nodes)
    command = toolchain.run(setting, files=(file.path,), nodes=names, shuffle=shuffle, hash_seed=hash_seed, zone=zone)
    return toolchain.read(session.run(command, wall_s=_TOO_LONG_S))


def _full(setting: Setting, node: str) -> str:
    return _root(setting) + node


def _local(setting: Setting, node: str) -> str:
    return node.removeprefix(_root(setting))


def _root(setting: Setting) -> str:
    """pytest's ids are relative to the project's folder, ours to the tree."""
    return f"{setting.project.root}/" if setting.project.root else ""
