"""The default sandbox: namespaces of our own, a root built from nothing, Landlock and seccomp; no daemon, no dependency.

As root the code inside gets another identity, one for each session, so that its process limit is its own; else a user namespace
holds it.
"""

from qtest.adapters.sandbox.asked import inner, new_identity
from qtest.adapters.sandbox.cgroup import bounded
from qtest.adapters.sandbox.link import Link
from qtest.adapters.sandbox.root import SCRATCH
from qtest.adapters.sandbox.session import ProcessSession
from qtest.records.sandbox import SandboxSpec


def build(spec: SandboxSpec) -> ProcessSession:
    """For `Proven`, which asks before opening what these walls hold."""
    told = inner(spec, new_identity())
    with bounded(spec.limits) as group:
        link = Link("init", told, started=group.add if group else None)
        return ProcessSession(link, SCRATCH, spec.limits, group=group)
