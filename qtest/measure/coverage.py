"""Coverage of one file, by one suite or by two together."""

from collections.abc import Iterable

from qtest.records.baseline import FileCoverage


def of_file(path: str, files: Iterable[FileCoverage]) -> FileCoverage | None:
    return next((found for found in files if found.path == path), None)


def together(one: FileCoverage | None, other: FileCoverage | None) -> FileCoverage | None:
    """Lines that either executes. Branches are those of the better one: their union cannot be told from counts."""
    if one is None or other is None:
        return one or other
    executed = tuple(sorted({*one.executed, *other.executed}))
    return other.model_copy(
        update={
            "executed": executed,
            "missing": tuple(line for line in other.statements if line not in set(executed)),
            "branches_taken": max(one.branches_taken, other.branches_taken),
        }
    )
