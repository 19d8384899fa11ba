"""No sandbox at all, for `--unsafe-no-sandbox`: limits on each process and a clock, and every guarantee reported absent."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from qtest.adapters.sandbox.before import Before
from qtest.adapters.sandbox.link import Link
from qtest.adapters.sandbox.session import ProcessSession
from qtest.errors import SandboxError
from qtest.records.sandbox import Guarantee, Guarantees, Promise, SandboxSpec


@dataclass(frozen=True)
class UnsafeSandbox:
    """See `qtest.ports.Sandbox`; the only one whose `open` ignores what is missing."""

    @property
    def name(self) -> str:
        return "unsafe"

    def probe(self) -> Guarantees:
        items = (Guarantee(promise=promise, level="absent", detail="switched off") for promise in Promise)
        return Guarantees(adapter=self.name, items=tuple(items))

    def open(self, spec: SandboxSpec) -> ProcessSession:
        for path in (*spec.readable, *spec.overlaid):
            if not Path(path).exists():
                raise SandboxError(f"{path} cannot be shown to the code inside: there is no such path")
        scratch = tempfile.mkdtemp(prefix="qtest-unsafe-")
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": scratch, "TMPDIR": scratch, "LC_ALL": "C.UTF-8"}
        told = {"cwd": spec.cwd, "env": {**environment, **dict(spec.env)}, "limits": spec.limits.model_dump()}
        before = Before(spec.overlaid)

        def closed() -> None:
            shutil.rmtree(scratch, ignore_errors=True)
            before.restore()

        try:
            link = Link("bare", told)
        except BaseException:
            closed()
            raise
        return ProcessSession(link, scratch, spec.limits, closed, guarded=False)
