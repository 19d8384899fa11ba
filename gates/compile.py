"""Does the file compile, and do a linter's fatal rules and a type checker find nothing in it?"""

import time
from dataclasses import dataclass

from gates.checkers import TOO_LONG_S, Checkers, findings_in
from gates.lay import lay
from qtest.ports import Session
from qtest.records.baseline import Setting
from qtest.records.file import TestFile
from qtest.records.outcome import Finding, GateReport


@dataclass(frozen=True)
class CompileGate:
    checkers: Checkers
    setting: Setting

    @property
    def name(self) -> str:
        return "compile"

    def check(self, file: TestFile) -> GateReport:
        started = time.monotonic()
        with self.checkers.session(self.setting) as session:
            findings, cpu_s = self._findings(session, file)
        return GateReport(
            gate="compile",
            result="failed" if findings else "passed",
            findings=tuple(findings),
            wall_s=time.monotonic() - started,
            cpu_s=cpu_s,
        )

    def _findings(self, session: Session, file: TestFile) -> tuple[list[Finding], float]:
        lay(session, self.setting, file.written())
        cpu_s = 0.0
        for command in self.checkers.toolchain.compile(self.setting, file.path):
            done = session.run(command, wall_s=TOO_LONG_S)
            cpu_s += done.cpu_s
            found = [one for one in findings_in(done, file.path) if file.owns(one.line)]
            if found:
                return found, cpu_s
        return [], cpu_s
