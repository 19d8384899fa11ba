"""Makes text of unknown origin safe to show: what would steer a terminal or hide itself becomes visible."""

import unicodedata

from qtest.records.sandbox import Guarantees

_HIDDEN = (
    "Cc",
    "Cf",
    "Cs",
    "Co",
    "Zl",
    "Zp",
)  # control, format (bidirectional overrides among them), surrogate, private, separators


def visible(text: str, *, lines: bool = False, limit: int = 10_000) -> str:
    """Every control, format and surrogate character as an escape; with `lines`, line ends and tabs stay. Cut at `limit`."""
    cut = text if len(text) <= limit else text[:limit] + " …"
    if cut.isprintable():  # most texts: none of these is
        return cut
    return "".join(c if (lines and c in "\n\t") or unicodedata.category(c) not in _HIDDEN else _escape(c) for c in cut)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def promised(guarantees: Guarantees) -> str:
    """How many of the sandbox's guarantees hold, and which do not."""
    names: dict[str, list[str]] = {}
    for item in guarantees.items:
        names.setdefault(item.level, []).append(item.promise)
    enforced = len(names.pop("enforced", []))
    rest = "".join(f"; {level}: {', '.join(promises)}" for level, promises in names.items())
    return f"{guarantees.adapter}, {enforced} of {len(guarantees.items)} guarantees enforced{rest}"
