"""The settings of a run: frozen, read once at the door from defaults, pyproject.toml and flags, and handed down in slices."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from qtest.errors import UsageError
from qtest.records.plan import Budget, TestLevel
from qtest.records.record import Record
from qtest.records.workbench import JudgeLimits

Fraction = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[float, Field(ge=0, le=1000)]
Percent = Annotated[int, Field(ge=0, le=100)]
Pattern = Annotated[str, Field(min_length=1)]
DomainWord = Annotated[str, Field(pattern=r"^[A-Za-z]+$")]


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


class MutateSettings(Record):
    """Of `qtest mutate`, but for `arid`, which is of every command: dotted names or globs of functions whose calls no test has to notice,
    such as `metrics.*` or `audit_log`. `floor` is the score below which it ends with exit code 1; None for no threshold. `sample` is how many mutants
    are judged, drawn over all functions and operators; None for all. `matrix` asks every test about every mutant. `since` is a
    revision: only mutants on lines that changed from there are judged. `shard` is `K/N`: the K-th of N parts. `tests` are the files
    and folders of tests to judge by, relative to the repository; empty for all. `allow_red` judges by the tests that pass, and lets
    those that fail be."""

    arid: tuple[Pattern, ...] = ()
    floor: Fraction | None = None
    sample: Annotated[int, Field(ge=1)] | None = None
    matrix: bool = False
    since: str = ""
    shard: Annotated[str, Field(pattern=r"^([1-9][0-9]*/[1-9][0-9]*)?$")] = ""
    tests: tuple[Pattern, ...] = ()
    allow_red: bool = False

    @field_validator("shard")
    @classmethod
    def _is_there(cls, shard: str) -> str:
        part, _, parts = shard.partition("/")
        if shard and int(part) > int(parts):
            raise PydanticCustomError("shard", "there are fewer parts than that; expected K/N with K from 1 to N")
        return shard


class RiskWeights(Record):
    """Points: for each decision, up to `most_decisions`; for each doubling of the decisions in private code, of the callers, of the
    critical paths through a symbol, of the recent commits, of the commits that mended and of the files that change with this one;
    at most `gap` for code no test runs; for a dear domain, for effects, for each error raised."""

    decision: Points = 1.0
    helpers: Points = 1.5
    fan_in: Points = 1.5
    path: Points = 2.0
    change: Points = 1.0
    fix: Points = 1.0
    together: Points = 0.5
    gap: Points = 8.0
    domain: Points = 3.0
    effects: Points = 2.0
    raises: Points = 0.5
    most_decisions: Annotated[int, Field(ge=0)] = 25


class PyramidGuide(Record):
    """Percent of the targets, to compare with; levels follow from the code, never from this. `outside` is API and end-to-end.

    The first guess of Wacker, "Just Say No to More End-to-End Tests", Google Testing Blog, 2015.
    """

    unit: Percent = 70
    integration: Percent = 20
    outside: Percent = 10

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        if self.unit + self.integration + self.outside != 100:
            raise PydanticCustomError("shares", "unit, integration and outside should add up to 100")
        return self


class PlanSettings(Record):
    """What people decide about the plan. Patterns are `module:function`, a module, a path or a glob of one of them; `domains` adds
    to the words that tell what code is about, or replaces those of a domain that is known."""

    skip: tuple[Pattern, ...] = ()
    first: tuple[Pattern, ...] = ()
    level: dict[Pattern, TestLevel] = Field(default_factory=dict)
    weights: RiskWeights = RiskWeights()
    domains: dict[Pattern, tuple[DomainWord, ...]] = Field(default_factory=dict)
    pyramid: PyramidGuide = PyramidGuide()

    def general(self) -> "PlanSettings":
        """Without what names code."""
        return PlanSettings(weights=self.weights, domains=self.domains, pyramid=self.pyramid)


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
    plan: PlanSettings = PlanSettings()
    search: SearchSettings = SearchSettings()
    gates: GateSettings = GateSettings()
    mutate: MutateSettings = MutateSettings()
    output: OutputSettings = OutputSettings()
    where: WhereSettings = WhereSettings()


def load_for(spec: str, flags: Mapping[str, Any]) -> Config:
    """The settings beside the target; for a target that is fetched those of this folder, as far as they do not name code."""
    folder = Path(spec).expanduser()
    if folder.is_dir():
        return load(folder, flags)
    config = load(Path(), flags)
    return config.model_copy(
        update={"plan": config.plan.general(), "mutate": config.mutate.model_copy(update={"arid": ()})}
    )


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
        raise UsageError(f"{source}: {_said(where, given, first['type'], first['msg'])}") from error


def _said(where: str, given: Any, kind: str, message: str) -> str:
    """In the words of pyproject.toml, where our tuples are lists and our dictionaries tables."""
    if kind == "extra_forbidden":
        return f"{where} is {given!r}; there is no such setting"
    return f"{where} is {given!r}; {message[:1].lower()}{message[1:].replace('valid tuple', 'list').replace('valid dictionary', 'table')}"


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
    """A last part `[key]` means the key itself."""
    for part in where[:-1] if where[-1:] == ("[key]",) else where:
        try:
            table = table[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True
