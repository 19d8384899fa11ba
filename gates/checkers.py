"""Sessions for the compile gate's checkers, kept from one file to the next: what a type checker has once read it need not read again."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from gates.lay import lay
from qtest.errors import QTestError, SandboxError
from qtest.ports import Sandbox, Session, Toolchain
from qtest.records.baseline import Setting
from qtest.records.file import WrittenFile
from qtest.records.outcome import Finding
from qtest.records.sandbox import Completed

TOO_LONG_S = 120.0
_PLANTED = WrittenFile(
    path="test_planted_error.py",
    text="def test_planted():\n    return undefined_name_of_the_self_test + ''.no_such_method_of_the_self_test()\n",
)


@dataclass
class Checkers:
    """Nothing of the target runs in these sessions. `readable` is what our own checkers need inside."""

    sandbox: Sandbox
    toolchain: Toolchain
    readable: Sequence[str] = ()
    _free: dict[str, list[Session]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def session(self, setting: Setting) -> Iterator[Session]:
        """One that no other thread uses meanwhile. Each found a planted error when it was new: checkers that find nothing are broken."""
        session = self._kept(setting) or self._opened(setting)
        try:
            yield session
        except BaseException:
            session.close()
            raise
        with self._lock:
            self._free.setdefault(setting.folder, []).append(session)

    def close(self) -> None:
        for sessions in self._free.values():
            for session in sessions:
                session.close()
        self._free.clear()

    def _kept(self, setting: Setting) -> Session | None:
        with self._lock:
            waiting = self._free.get(setting.folder)
            session = waiting.pop() if waiting else None
        if session is None:
            return None
        try:
            if session.run(("/bin/true",), wall_s=TOO_LONG_S).ok:
                return session
        except SandboxError:
            pass  # its time was over
        session.close()
        return None

    def _opened(self, setting: Setting) -> Session:
        session = self.sandbox.open(self.toolchain.spec(setting, readable=self.readable))
        try:
            self._prove(session, setting)
        except BaseException:
            session.close()
            raise
        return session

    def _prove(self, session: Session, setting: Setting) -> None:
        lay(session, setting, _PLANTED)
        for command in self.toolchain.compile(setting, _PLANTED.path)[1:]:
            done = session.run(command, wall_s=TOO_LONG_S)
            if not any(findings_in(done, _PLANTED.path)):
                tool = " ".join((command[0].rpartition("/")[2], *command[1:3]))
                raise QTestError(f"the compile gate is blind: {tool} did not find a planted error")


def findings_in(done: Completed, path: str) -> Iterator[Finding]:
    """What one checker found in that file; when it failed without saying where, that."""
    if done.ok:
        return
    found = [*_ruff(done.stdout), *_lines(done.stdout, path), *_lines(done.stderr, path)]
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
