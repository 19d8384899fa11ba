"""The default sandbox: namespaces of our own, a root built from nothing, Landlock and seccomp; no daemon, no dependency.

As root the code inside gets another identity, one for each session, so that its process limit is its own; else a user namespace
holds it.
"""

from dataclasses import dataclass

from qtest.adapters.sandbox import trial
from qtest.adapters.sandbox.asked import inner, new_identity
from qtest.adapters.sandbox.cgroup import bounded
from qtest.adapters.sandbox.link import Link
from qtest.adapters.sandbox.root import SCRATCH
from qtest.adapters.sandbox.session import ProcessSession
from qtest.errors import SandboxError
from qtest.records.sandbox import Guarantees, SandboxSpec


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
        told = inner(spec, new_identity())
        with bounded(spec.limits) as group:
            link = Link("init", told, started=group.add if group else None)
            return ProcessSession(link, SCRATCH, spec.limits, group=group)
