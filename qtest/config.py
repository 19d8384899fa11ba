"""The settings of a run: frozen, read once at the door from defaults, pyproject.toml and flags, and handed down in slices."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from qtest.errors import UsageError
from qtest.records.plan import Budget
from qtest.records.record import Record
from qtest.records.workbench import JudgeLimits

Fraction = Annotated[float, Field(ge=0, le=1)]


class TargetSettings(Record):
    """What is worked on. `only` are paths (files or folders) relative to the repository; empty for everything."""

    repository: str = "."
    only: tuple[str, ...] = ()
    python: str = ""
    standalone: bool = False


class SearchSettings(Record):
    """`stall_s` seconds of CPU without a new kill end a module's search early."""

    batch: Annotated[int, Field(ge=1)] = 48
    stall_s: Annotated[float, Field(gt=0)] = 4.0
    rounds: Annotated[int, Field(ge=1)] = 2


class RuntimeSettings(Record):
    """How often a generated file is run before it is believed."""

    runs: Annotated[int, Field(ge=2)] = 3


class MutationSettings(Record):
    """`floor` is the score below which the run ends with exit code 1; None for no threshold."""

    limits: JudgeLimits = JudgeLimits()
    batch: Annotated[int, Field(ge=1)] = 60
    per_module: Annotated[int, Field(ge=1)] = 2000
    floor: Fraction | None = None


class GateSettings(Record):
    runtime: RuntimeSettings = RuntimeSettings()
    mutation: MutationSettings = MutationSettings()


class OutputSettings(Record):
    """`in_place` writes tests into the user's tree; else everything goes to `out`."""

    out: str = "qtest-out"
    in_place: bool = False
    form: Literal["live", "plain", "json"] = "plain"


class WhereSettings(Record):
    """Where the work is done and what is remembered. `store` is a folder, empty for the default one; `address` of a Ray cluster,
    empty for one on this machine; `inline` for this process alone; `fresh` does not look back at earlier runs."""

    store: str = ""
    address: str = ""
    inline: bool = False
    fresh: bool = False


class Config(Record):
    target: TargetSettings = TargetSettings()
    budget: Budget = Budget(wall_s=120.0)
    seed: str = "0"
    unsafe_no_sandbox: bool = False
    search: SearchSettings = SearchSettings()
    gates: GateSettings = GateSettings()
    output: OutputSettings = OutputSettings()
    where: WhereSettings = WhereSettings()


def load(folder: Path, flags: Mapping[str, Any]) -> Config:
    """Defaults, then `[tool.qtest]` of the folder's pyproject.toml, then flags (nested as Config is). Raises UsageError."""
    path = folder / "pyproject.toml"
    written = _table(path) if path.is_file() else {}
    try:
        return Config.model_validate(_merged(written, flags))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        given = first.get("input")
        source = (
            f"{path} [tool.qtest]"
            if _holds(written, first["loc"]) and not _holds(flags, first["loc"])
            else "command line"
        )
        raise UsageError(f"{source}: {where} is {given!r}; {first['msg'].lower()}") from error


def _table(path: Path) -> Mapping[str, Any]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        return {}  # the target's own file may be broken; ingestion says so, and the defaults serve
    table = document.get("tool", {}) if isinstance(document.get("tool", {}), dict) else {}
    ours = table.get("qtest", {})
    if not isinstance(ours, dict):
        raise UsageError(f"{path}: [tool.qtest] is {ours!r}; expected a table")
    return ours


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        result[key] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def _holds(table: Any, where: tuple[int | str, ...]) -> bool:
    for part in where:
        if not isinstance(table, Mapping) or part not in table:
            return False
        table = table[part]
    return True
