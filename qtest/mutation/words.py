"""What a mutant does, in a few words."""

from collections.abc import Callable

from qtest.records.mutant import Mutant

_LONGEST = 48


def ticked(text: str) -> str:
    return f"`{text}`"


def change(mutant: Mutant, quoted: Callable[[str], str] = ticked) -> str:
    """Such as `<` → `<=`."""
    old, new = _short(mutant.original), _short(mutant.replacement)
    if not new or new == "pass":
        return f"without {quoted(old)}"
    return f"{quoted(old)} → {quoted(new)}" if old else f"with {quoted(new)} put in"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 1]}…"
