"""A sandbox that opens only what it promised: it tries once what its walls hold, and refuses where they do not."""

from collections.abc import Callable
from dataclasses import dataclass

from qtest.adapters.sandbox import trial
from qtest.adapters.sandbox.session import ProcessSession
from qtest.errors import SandboxError
from qtest.records.sandbox import Guarantees, Level, Promise, SandboxSpec


@dataclass
class Proven:
    """See `qtest.ports.Sandbox`. `build` puts up the walls, whatever they hold; for the others see `trial.guarantees`."""

    name: str
    build: Callable[[SandboxSpec], ProcessSession]
    notes: Callable[[], dict[Promise, tuple[Level, str]]] = dict
    python: Callable[[], tuple[str, ...]] = tuple
    _found: Guarantees | None = None

    def probe(self) -> Guarantees:
        if self._found is None:
            self._found = trial.guarantees(self.name, self.build, self.notes(), self.python())
        return self._found

    def open(self, spec: SandboxSpec) -> ProcessSession:
        missing = self.probe().missing
        if missing:
            raise SandboxError(f"the {self.name} sandbox cannot hold here: {', '.join(missing)}")
        return self.build(spec)
