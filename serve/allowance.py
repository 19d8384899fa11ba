"""What a run may use of models."""

from dataclasses import dataclass

_UNITS = {"k": 1_000, "M": 1_000_000}


@dataclass(frozen=True)
class Allowance:
    """None for no limit."""

    tokens: int | None = None
    usd: float | None = None


def read(text: str) -> Allowance:
    """Of a text such as 200k, 1.5M or $2, which is well-formed."""
    if text.startswith("$"):
        return Allowance(usd=float(text[1:]))
    return Allowance(tokens=int(float(text.rstrip("kM")) * _UNITS.get(text[-1], 1)))
