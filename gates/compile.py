"""Does the file compile, and do a linter's fatal rules and a type checker find nothing in it?"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from gates.lay import lay
from qtest.errors import QTestError
from qtest.ports import Sandbox, Session, Toolchain
from qtest.records.baseline import Setting
from qtest.records.file import TestFile
from qtest.records.outcome import Finding, GateReport
from qtest.records.sandbox import Completed

_PLANTED = "def test_planted():\n    return undefined_name_of_the_self_test + ''.no_such_method_of_the_self_test()\n"
_TOO_LONG_S = 120.0


@dataclass
class CompileGate:
    """`readable` is what our own checkers need to run inside. The first use plants an error: checkers that find nothing are broken."""

    sandbox: Sandbox
    toolchain: Toolchain
    setting: Setting
    readable: tuple[str, ...]
    trusted: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return "compile"

    def check(self, file: TestFile) -> GateReport:
        started = time.monotonic()
        with self.sandbox.open(self.toolchain.spec(self.setting, readable=self.readable)) as session:
            if not self.trusted:
                self._prove_itself(session, file)
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
        for command in self.toolchain.compile(self.setting, file):
            done = session.run(command, wall_s=_TOO_LONG_S)
            cpu_s += done.cpu_s
            found = list(_read(done, file.path))
            if found:
                return found, cpu_s
        return [], cpu_s

    def _prove_itself(self, session: Session, file: TestFile) -> None:
        planted = file.model_copy(
            update={"path": f"{file.path.rpartition('/')[0]}/test_planted_error.py".lstrip("/"), "text": _PLANTED}
        )
        lay(session, self.setting, planted.written())
        for command in self.toolchain.compile(self.setting, planted)[1:]:
            if not any(_read(session.run(command, wall_s=_TOO_LONG_S), planted.path)):
                raise QTestError(
                    f"the compile gate is blind: {command[0].rpartition('/')[2]} {command[2] if len(command) > 2 else ''} did not find a planted error"
                )
        self.trusted.add("planted error found")


def _read(done: Completed, path: str) -> Iterator[Finding]:
    """What one checker found in that file; when it failed without saying where, that."""
    if done.ok:
        return
    found = [*_ruff(done.stdout), *_lines(f"{done.stdout}\n{done.stderr}", path)]
    yield from found
    if not found:  # whatever it meant, it did not say that the file is well-formed
        said = (done.stdout.strip() or done.stderr.strip()).splitlines()
        how = (
            f"its {done.limit} limit" if done.limit else f"signal {done.signal}" if done.signal else f"code {done.code}"
        )
        yield Finding(text=said[-1][:300] if said and done.code else f"the check ended with {how}")


def _ruff(text: str) -> Iterator[Finding]:
    try:
        items = json.loads(text)
    except ValueError:
        return
    for item in items if isinstance(items, list) else []:
        yield Finding(
            text=f"{item.get('code') or 'syntax'}: {item.get('message')}",
            line=int(item.get("location", {}).get("row", 0)),
        )


def _lines(text: str, path: str) -> Iterator[Finding]:
    """mypy's lines for our file, and Python's own traceback of a syntax error."""
    name = re.escape(path.rpartition("/")[2])
    for found in re.finditer(rf"^[^\n:]*{name}:(\d+): error: (.+)$", text, re.M):
        yield Finding(text=found.group(2)[:300], line=int(found.group(1)))
    syntax = re.search(rf'File "[^"]*{name}", line (\d+)', text)
    if syntax:
        yield Finding(text=text.strip().splitlines()[-1][:300], line=int(syntax.group(1)))
