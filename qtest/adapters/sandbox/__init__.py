"""Places to run code that must not be trusted, best first. Imported also by process 1 of a session: keep it empty of imports."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtest.ports import Sandbox

ADAPTERS = ("namespaces",)  # the ladder; "unsafe" is never on it


def adapter(name: str) -> "Callable[[], Sandbox]":
    from qtest.adapters.sandbox import namespaces, unsafe

    table: dict[str, Callable[[], Sandbox]] = {
        "namespaces": namespaces.NamespaceSandbox,
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
        missing = sandbox.probe().missing
        if not missing:
            return sandbox
        detail = next((item.detail for item in sandbox.probe().items if item.promise in missing), "")
        said.append(f"{name}: {detail or ', '.join(missing)}")
    raise SandboxError(
        f"no sandbox holds on this machine ({'; '.join(said)}); allow user namespaces or install bubblewrap"
    )
