"""Run inside mutmut's own environment: source text on stdin, each mutant as a whole file on stdout, with its name where `named` is asked.

The only place that imports mutmut; its inside is no interface, so its version is pinned to the digit.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from mutmut.mutation.file_mutation import (  # type: ignore[import-not-found, unused-ignore]
    combine_mutations_to_source,
    create_mutations,
    deep_replace,
)


def main() -> None:
    source = sys.stdin.read()
    module, mutations, classes, functions = create_mutations("module.py", source)
    named = combine_mutations_to_source(module, mutations, classes, functions).mutant_names
    holders = list(_mutated(module))
    used = [one for one in mutations if any(one.contained_by_top_level_function is holder for holder in holders)]
    if len(used) != len(named):
        raise SystemExit(f"mutmut names {len(named)} mutants, {len(used)} were found")
    texts = [deep_replace(module, one.original_node, one.mutated_node).code for one in used]
    json.dump(list(zip(named, texts, strict=True)) if "named" in sys.argv else texts, sys.stdout)


def _mutated(module: Any) -> Iterator[Any]:
    """The functions and methods that mutmut gives a trampoline."""
    for statement in module.body:
        if type(statement).__name__ == "FunctionDef":
            yield statement
        elif type(statement).__name__ == "ClassDef" and type(statement.body).__name__ == "IndentedBlock":
            yield from (one for one in statement.body.body if type(one).__name__ == "FunctionDef")


main()
