"""Import statements in the order in which a formatter would leave them."""

import sys
from collections.abc import Iterable


def ordered(statements: Iterable[str], module: str) -> list[str]:
    """Standard library, other packages, the package under test; merged by module, an empty line between the groups."""
    whole: set[str] = set()
    parts: dict[str, set[str]] = {}
    for statement in statements:
        if statement.startswith("from "):
            home, _, names = statement.removeprefix("from ").partition(" import ")
            parts.setdefault(home, set()).add(names)
        else:
            whole.add(statement.removeprefix("import "))
    own = module.partition(".")[0]
    lines: list[str] = []
    for group in range(3):
        said = [f"import {home}" for home in sorted(whole, key=str.lower) if _group(home, own) == group]
        said += [
            f"from {home} import {', '.join(sorted(names, key=_rank))}"
            for home, names in sorted(parts.items())
            if _group(home, own) == group
        ]
        lines += ["", *said] if lines and said else said
    return lines


def _group(home: str, own: str) -> int:
    top = home.partition(".")[0]
    return 2 if top == own else 0 if top in sys.stdlib_module_names else 1


def _rank(name: str) -> tuple[int, str]:
    """Constants, classes, the rest: as import sorters do."""
    first = name.partition(" ")[0]
    return (0 if first.isupper() and len(first) > 1 else 1 if first[:1].isupper() else 2, name)
