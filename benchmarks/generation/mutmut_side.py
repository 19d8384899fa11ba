"""Run inside mutmut's own environment: source text on stdin, each mutant as a whole file on stdout. With `--names` each has its name with
it, and names that follow are the only ones; `--list` gives names alone, which takes no time.

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
    asked, only = sys.argv[1:2], set(sys.argv[2:])
    if asked == ["--list"]:
        json.dump(list(named), sys.stdout)
        return
    wanted = [(name, one) for name, one in zip(named, used, strict=True) if not only or name in only]
    texts = [(name, deep_replace(module, one.original_node, one.mutated_node).code) for name, one in wanted]
    json.dump(texts if asked == ["--names"] else [text for _, text in texts], sys.stdout)


def _mutated(module: Any) -> Iterator[Any]:
    """The functions and methods that mutmut gives a trampoline."""
    for statement in module.body:
        if type(statement).__name__ == "FunctionDef":
            yield statement
        elif type(statement).__name__ == "ClassDef" and type(statement.body).__name__ == "IndentedBlock":
            yield from (one for one in statement.body.body if type(one).__name__ == "FunctionDef")


main()
