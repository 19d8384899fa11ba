"""Where namespaces are forbidden: Landlock and a stricter system-call filter around every command; no file system of its own.

As root the code inside is a user that nobody else is. There is no network at all, not even a loopback. What a session writes
into overlaid folders it writes there; they are put back when it closes.
"""

import os
import shutil
import tempfile

from qtest.adapters.sandbox import landlock, trial
from qtest.adapters.sandbox.asked import inner, new_identity
from qtest.adapters.sandbox.before import Before, empty
from qtest.adapters.sandbox.cgroup import bounded
from qtest.adapters.sandbox.link import Link
from qtest.adapters.sandbox.session import ProcessSession
from qtest.errors import SandboxError
from qtest.records.sandbox import Level, Promise, SandboxSpec

_OURS = "qtest-"


def build(spec: SandboxSpec) -> ProcessSession:
    """For `Proven`, which asks before opening what these walls hold."""
    if landlock.version() < 3:
        raise SandboxError("the kernel has no Landlock, or one that does not guard against truncating files")
    scratch = tempfile.mkdtemp(prefix=f"{_OURS}scratch-")
    identity = new_identity()
    before: Before | None = None
    try:
        told = inner(spec, identity, scratch)
        if os.geteuid() == 0:
            os.chown(scratch, identity, identity)
            for path in (scratch, *spec.readable, *spec.overlaid):
                _must_be_reachable(path)
        before = Before(spec.overlaid)
        with bounded(spec.limits) as group:
            link = Link("lone", told | {"where": scratch}, started=group.add if group else None)
            return ProcessSession(link, scratch, spec.limits, lambda: _discard(scratch, before), group=group)
    except BaseException:
        _discard(scratch, before)
        raise


def _discard(scratch: str, before: Before | None) -> None:
    try:
        empty(scratch)
    except OSError:
        pass
    shutil.rmtree(scratch, ignore_errors=True)
    if before:
        before.restore()


def notes() -> dict[Promise, tuple[Level, str]]:
    said: dict[Promise, tuple[Level, str]] = {
        Promise.LOOPBACK: ("absent", "sockets are refused altogether"),
        Promise.DISK_GROUP: ("absent", "each file is bounded, their sum is not"),
    }
    if os.geteuid() != 0:
        said[Promise.NO_DAEMONS] = ("best effort", "processes that fork faster than we kill may outlive a session")
    return said


def python() -> tuple[str, ...]:
    """For the trial: the system's interpreter where another user cannot reach ours."""
    ours = trial.interpreter()
    try:
        for path in ours if os.geteuid() == 0 else ():
            _must_be_reachable(path)
    except SandboxError:
        return ("/usr/bin/python3",) if os.path.exists("/usr/bin/python3") else ours
    return ours


def _must_be_reachable(path: str) -> None:
    """Nothing is mounted here, so that another user has to pass through the folders above. Those of QTest let it pass."""
    above = os.path.dirname(os.path.realpath(path))
    while above != "/":
        status = os.stat(above)
        if not status.st_mode & 0o001:
            if status.st_uid != os.geteuid() or not os.path.basename(above).startswith(_OURS):
                raise SandboxError(
                    f"{path} cannot be shown to the code inside: others may not read it, as they may not pass {above}; chmod o+x it"
                )
            os.chmod(above, status.st_mode & 0o7777 | 0o001)
        above = os.path.dirname(above)
