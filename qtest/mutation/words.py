"""What a mutant does, in a few words."""

from qtest.records.mutant import Mutant

_LONGEST = 48


def change(mutant: Mutant) -> str:
    """Such as `<` → `<=`."""
    old, new = _short(mutant.original), _short(mutant.replacement)
    if not new or new == "pass":
        return f"without `{old}`"
    return f"`{old}` → `{new}`" if old else f"with `{new}` put in"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 1]}…"
