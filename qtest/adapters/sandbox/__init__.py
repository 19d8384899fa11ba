"""Places to run code that must not be trusted, best first. Imported also by process 1 of a session: keep it empty of imports."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtest.ports import Sandbox

ADAPTERS = ("namespaces", "bwrap", "reduced")  # the ladder; "unsafe" is never on it
SHARING = ("reduced", "unsafe")  # no file system of their own: what a session writes, others that are open see


def adapter(name: str) -> "Callable[[], Sandbox]":
    from qtest.adapters.sandbox import bwrap, namespaces, reduced, unsafe
    from qtest.adapters.sandbox.proven import Proven

    table: dict[str, Callable[[], Sandbox]] = {
        "namespaces": lambda: Proven("namespaces", namespaces.build),
        "bwrap": lambda: Proven("bwrap", bwrap.build),
        "reduced": lambda: Proven("reduced", reduced.build, reduced.notes, reduced.python),
        "unsafe": unsafe.UnsafeSandbox,
    }
    return table[name]


def choose(unsafe: bool = False) -> "Sandbox":
    """The first that enforces all that is required here. Raises SandboxError, saying what to do, when none does."""
    from qtest.errors import SandboxError

    if unsafe:
        return adapter("unsafe")()
    said = []
    for name in ADAPTERS:
        sandbox = adapter(name)()
        found = sandbox.probe()
        if not found.missing:
            return sandbox
        detail = next((item.detail for item in found.items if item.promise in found.missing), "")
        said.append(f"{name}: {detail or ', '.join(found.missing)}")
    raise SandboxError(
        f"no sandbox holds on this machine ({'; '.join(said)}); allow user namespaces, install bubblewrap, or use a kernel with Landlock (6.12 or later)"
    )
