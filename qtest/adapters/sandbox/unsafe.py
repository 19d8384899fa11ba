"""No sandbox at all, for `--unsafe-no-sandbox`: limits on each process and a clock, and every guarantee reported absent."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qtest.adapters.sandbox.session import Link, ProcessSession
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
        aside = tempfile.mkdtemp(prefix="qtest-before-")
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": scratch, "TMPDIR": scratch, "LC_ALL": "C.UTF-8"}
        told = {"cwd": spec.cwd, "env": {**environment, **dict(spec.env)}, "limits": spec.limits.model_dump()}

        def closed() -> None:
            _restore(spec.overlaid, aside)
            shutil.rmtree(scratch, ignore_errors=True)
            shutil.rmtree(aside, ignore_errors=True)

        try:
            for number, folder in enumerate(spec.overlaid):
                shutil.copytree(folder, f"{aside}/{number}", symlinks=True)
            link = Link("bare", told)
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            shutil.rmtree(aside, ignore_errors=True)
            raise
        return ProcessSession(link, scratch, spec.limits, closed)


def _restore(folders: Sequence[str], aside: str) -> None:
    """Put the content back that the folders had; the folders themselves stay, somebody may hold them open."""
    for number, folder in enumerate(folders):
        for entry in Path(folder).iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        shutil.copytree(f"{aside}/{number}", folder, symlinks=True, dirs_exist_ok=True)
