"""The default sandbox: namespaces of our own, a root built from nothing, Landlock and seccomp; no daemon, no dependency.

As root the code inside gets another identity, one for each session, so that its process limit is its own; else a user namespace
holds it.
"""

import itertools
import os
import stat
from dataclasses import dataclass

from qtest.adapters.sandbox import trial
from qtest.adapters.sandbox.root import SCRATCH
from qtest.adapters.sandbox.session import Link, ProcessSession, make_open
from qtest.errors import SandboxError
from qtest.records.sandbox import Guarantees, SandboxSpec

_FIRST_UID = 0x4000_0000  # far from what any system hands out
_count = itertools.count()


@dataclass
class NamespaceSandbox:
    """See `qtest.ports.Sandbox`."""

    _found: Guarantees | None = None

    @property
    def name(self) -> str:
        return "namespaces"

    def probe(self) -> Guarantees:
        if self._found is None:
            self._found = trial.guarantees(self.name, self._open)
        return self._found

    def open(self, spec: SandboxSpec) -> ProcessSession:
        missing = self.probe().missing
        if missing:
            raise SandboxError(f"the namespaces sandbox cannot hold here: {', '.join(missing)}")
        return self._open(spec)

    def _open(self, spec: SandboxSpec) -> ProcessSession:
        if os.geteuid() == 0:
            for path in spec.readable:
                _must_be_open(path)
            for path in spec.overlaid:
                make_open(path)
        identity = _FIRST_UID + (os.getpid() * 64 + next(_count)) % 0x1000_0000
        link = Link("init", inner(spec, identity))
        return ProcessSession(link, SCRATCH, spec.limits)


def inner(spec: SandboxSpec, identity: int) -> dict[str, object]:
    """What process 1 is told. Raises SandboxError for a path that is not there."""
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": SCRATCH,
        "TMPDIR": SCRATCH,
        "LC_ALL": "C.UTF-8",
        **dict(spec.env),
    }
    return {
        "readable": [_resolved(path) for path in spec.readable],
        "overlaid": [_resolved(path) for path in spec.overlaid],
        "cwd": spec.cwd,
        "env": environment,
        "uid": identity,
        "gid": identity,
        "scratch": spec.limits.scratch,
        "scratch_files": spec.limits.scratch_files,
        "limits": spec.limits.model_dump(),
    }


def _resolved(path: str) -> tuple[str, str]:
    real = os.path.realpath(path)
    if not os.path.isabs(path) or not os.path.exists(real):
        raise SandboxError(f"{path} cannot be shown to the code inside: there is no such path")
    return real, os.path.normpath(path)


def _must_be_open(path: str) -> None:
    """As root the code inside is another user: what only we may read it could not see, and would fail without a word."""
    _resolved(path)
    mode = os.stat(path).st_mode
    wanted = 0o5 if stat.S_ISDIR(mode) else 0o4
    if mode & wanted != wanted:
        raise SandboxError(
            f"{path} cannot be shown to the code inside: others may not read it (mode {mode & 0o777:o}); chmod o+rX it"
        )
