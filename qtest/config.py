"""The settings of a run: frozen, read once at the door from defaults, pyproject.toml and flags, and handed down in slices."""

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from qtest.errors import UsageError
from qtest.records.plan import Budget, TestLevel
from qtest.records.record import Record
from qtest.records.workbench import JudgeLimits
from qtest.variables import Place, filled, places, replaced, standing

_SHARD = (
    "mutate",
    "shard",
)  # which part a report is of stands in it, and parts are joined where the variable is another
_OF_KEYS = ("propertyNames", "default", "description")

Fraction = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[float, Field(ge=0, le=1000)]
Percent = Annotated[int, Field(ge=0, le=100)]
Pattern = Annotated[str, Field(min_length=1)]
DomainWord = Annotated[str, Field(pattern=r"^[A-Za-z]+$")]


class TargetSettings(Record):
    """What is worked on."""

    repository: Annotated[
        str, Field(description="A folder, pypi:name==version, or a git repository; the command's own.")
    ] = "."
    only: Annotated[
        tuple[str, ...],
        Field(description="Files, folders or patterns, relative to the repository; empty for everything."),
    ] = ()
    python: Annotated[
        str, Field(description="Interpreter or virtual environment of the target, or a version such as 3.12.")
    ] = ""
    standalone: Annotated[bool, Field(description="Take no notice of the tests that are there.")] = False
    concern: Annotated[
        str,
        Field(description="What may not go wrong, in words: only code that they are about is tested; empty for all."),
    ] = ""


class SearchSettings(Record):
    """How calls are made up and tried."""

    batch: Annotated[int, Field(ge=1, description="Calls tried in one trip to the warm process.")] = 48
    stall_s: Annotated[
        float, Field(gt=0, description="Seconds of CPU without a new kill that end a module's search early.")
    ] = 4.0
    rounds: Annotated[int, Field(ge=1, description="Rounds of proposing and judging for each module.")] = 2


class WriterSettings(Record):
    """How a language model is asked for tests, where one is given. Tokens are those of one module."""

    rounds: Annotated[
        int, Field(ge=1, le=10, description="Times it is asked about one module, with what the gates said before.")
    ] = 3
    tokens: Annotated[int, Field(ge=0, description="Read and written for one module, in all rounds.")] = 60_000
    wall_s: Annotated[float, Field(gt=0, description="Seconds of asking for one module, in each round.")] = 120.0
    prompt_tokens: Annotated[int, Field(ge=1500, description="Of one prompt, about; what has no room is left out.")] = (
        6000
    )
    answer_tokens: Annotated[int, Field(ge=64, description="Of one answer; one that is longer counts as none.")] = 2000
    temperature: Annotated[float, Field(ge=0, le=2, description="0 for the likeliest answer.")] = 0.3
    naming: Annotated[bool, Field(description="Let it name and order the tests that were kept.")] = True
    critic: Annotated[bool, Field(description="Let it refuse tests that a model wrote.")] = True


class RuntimeSettings(Record):
    """How often a generated file is run before it is believed."""

    runs: Annotated[int, Field(ge=2, description="Runs in fresh processes and random order; all must pass.")] = 3


class MutationSettings(Record):
    """How generated tests are judged by mutants."""

    limits: Annotated[JudgeLimits, Field(description="What one mutant may use; of `qtest mutate` too.")] = JudgeLimits()
    batch: Annotated[int, Field(ge=1, description="Mutants sent to a warm judge at a time.")] = 60
    per_module: Annotated[int, Field(ge=1, description="Mutants of a module that are looked at; more are sampled.")] = (
        2000
    )
    floor: Annotated[
        Fraction | None,
        Field(
            description="The score, accepted mutants set aside, below which `qtest run` ends with exit code 1; none for no threshold."
        ),
    ] = None


class GateSettings(Record):
    """What a generated test has to pass."""

    runtime: RuntimeSettings = RuntimeSettings()
    mutation: MutationSettings = MutationSettings()


class MutateSettings(Record):
    """Of `qtest mutate`, but for `arid`, which is of every command."""

    arid: Annotated[
        tuple[Pattern, ...],
        Field(description="Dotted names or globs of functions whose calls no test has to notice, such as metrics.*"),
    ] = ()
    floor: Annotated[
        Fraction | None,
        Field(
            description="The score, accepted mutants set aside, below which it ends with exit code 1; none for no threshold."
        ),
    ] = None
    sample: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="How many mutants are judged, drawn over all functions and operators; none for all."
    )
    matrix: Annotated[
        bool, Field(description="Ask every test about every mutant, and list those that kill nothing of their own.")
    ] = False
    since: Annotated[
        str,
        Field(description="A revision, such as origin/main: only mutants on lines that changed from there are judged."),
    ] = ""
    shard: Annotated[
        str,
        Field(
            pattern=r"^([1-9][0-9]*/[1-9][0-9]*)?$", description="K/N: the K-th of N parts; `qtest merge` joins them."
        ),
    ] = ""
    tests: Annotated[
        tuple[Pattern, ...],
        Field(description="Files and folders of tests to judge by, relative to the repository; empty for all."),
    ] = ()
    ask_s: Annotated[
        float,
        Field(ge=0, description="Seconds of looking for calls that tell mutants which live from the code; 0 for none."),
    ] = 20.0
    type_check: Annotated[
        Literal["", "mypy"],
        Field(
            description="The type checker whose refusal makes a mutant one that no test has to kill; empty for none."
        ),
    ] = ""
    allow_red: Annotated[
        bool, Field(description="Judge by the tests that pass, though others fail without any mutant.")
    ] = False
    accepted: Annotated[
        str, Field(min_length=1, description="The file, beside pyproject.toml, of mutants that people let live.")
    ] = "qtest-accepted.toml"

    @field_validator("shard")
    @classmethod
    def _is_there(cls, shard: str) -> str:
        part, _, parts = shard.partition("/")
        if shard and int(part) > int(parts):
            raise PydanticCustomError("shard", "there are fewer parts than that; expected K/N with K from 1 to N")
        return shard


class RiskWeights(Record):
    """Points of risk, from 0 to 1000 each."""

    decision: Annotated[Points, Field(description="For each decision, up to `most_decisions`.")] = 1.0
    helpers: Annotated[Points, Field(description="For each doubling of the decisions in private code.")] = 1.5
    fan_in: Annotated[Points, Field(description="For each doubling of the callers.")] = 1.5
    path: Annotated[Points, Field(description="For each doubling of the critical paths through it.")] = 2.0
    change: Annotated[Points, Field(description="For each doubling of the recent commits.")] = 1.0
    fix: Annotated[Points, Field(description="For each doubling of the commits that mended.")] = 1.0
    together: Annotated[Points, Field(description="For each doubling of the files that change with this one.")] = 0.5
    gap: Annotated[Points, Field(description="At most, for code no test runs.")] = 8.0
    domain: Annotated[Points, Field(description="For a dear domain.")] = 3.0
    effects: Annotated[Points, Field(description="For effects.")] = 2.0
    raises: Annotated[Points, Field(description="For each error raised.")] = 0.5
    most_decisions: Annotated[int, Field(ge=0, description="Decisions that count.")] = 25


class PyramidGuide(Record):
    """Percent of the targets, to compare with; levels follow from the code, never from this.

    The first guess of Wacker, "Just Say No to More End-to-End Tests", Google Testing Blog, 2015.
    """

    unit: Annotated[Percent, Field(description="One function or class.")] = 70
    integration: Annotated[Percent, Field(description="Several together, with what they reach.")] = 20
    outside: Annotated[Percent, Field(description="Through an API, and end to end.")] = 10

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        if self.unit + self.integration + self.outside != 100:
            raise PydanticCustomError("shares", "unit, integration and outside should add up to 100")
        return self


class PlanSettings(Record):
    """What people decide about the plan. Patterns are `module:function`, a module, a path or a glob of one of them."""

    skip: Annotated[tuple[Pattern, ...], Field(description="Code that gets no test.")] = ()
    first: Annotated[tuple[Pattern, ...], Field(description="Code that is tested first.")] = ()
    level: dict[Pattern, TestLevel] = Field(default_factory=dict, description="The level of code, where ours is wrong.")
    weights: Annotated[RiskWeights, Field(description="What makes code risky, and how much.")] = RiskWeights()
    domains: dict[Pattern, tuple[DomainWord, ...]] = Field(
        default_factory=dict,
        description="Words that tell what code is about, by domain; a domain that is known gets these instead.",
    )
    pyramid: Annotated[PyramidGuide, Field(description="The shares of the levels, to compare with.")] = PyramidGuide()

    def general(self) -> "PlanSettings":
        """Without what names code."""
        return PlanSettings(weights=self.weights, domains=self.domains, pyramid=self.pyramid)


class OutputSettings(Record):
    """Where results go, and in which form they are told."""

    out: Annotated[str, Field(description="The folder of tests and reports.")] = "qtest-out"
    in_place: Annotated[
        bool, Field(description="Write tests into the project's own tree; reports still go to `out`.")
    ] = False
    extend: Annotated[
        bool, Field(description="Add tests of a module to the file of tests that is named for it, where there is one.")
    ] = True
    form: Annotated[Literal["live", "plain", "json"], Field(description="How progress is shown.")] = "plain"


class PullSettings(Record):
    """How tests are handed over as pull requests of the repository on GitHub."""

    open: Annotated[bool, Field(description="Hand the tests over when a run has ended.")] = False
    draft: Annotated[bool, Field(description="As drafts.")] = False
    base: Annotated[str, Field(description="The branch to test and to merge into; the default one when empty.")] = ""
    lines: Annotated[
        int,
        Field(ge=1, description="Lines of tests that one pull request adds at most, if it is of more than one module."),
    ] = 400
    most: Annotated[int, Field(ge=1, description="Pull requests of QTest that wait for a reviewer at a time.")] = 5


class WhereSettings(Record):
    """Where the work is done and what is remembered."""

    store: Annotated[str, Field(description="The folder of what is remembered; empty for the default one.")] = ""
    address: Annotated[
        str, Field(description="Of a Ray cluster, HOST:PORT or auto; empty for one on this machine.")
    ] = ""
    inline: Annotated[bool, Field(description="Work in this process alone, without Ray.")] = False
    fresh: Annotated[bool, Field(description="Do all work again, whatever is remembered.")] = False


class LlmSettings(Record):
    """Of language models. Who is asked, and so who is sent a key and the code, is said on the command line alone: a project that somebody
    else wrote must not choose that."""

    ask: SkipJsonSchema[str] = ""
    budget: Annotated[
        str,
        Field(
            pattern=r"^(\$[0-9]+(\.[0-9]+)?|[0-9]+(\.[0-9]+)?[kM]?)?$",
            description="What a run may use at most: tokens, such as 200k, or money, such as $2.",
        ),
    ] = ""
    record: SkipJsonSchema[str] = ""
    timeout_s: Annotated[float, Field(gt=0, description="Seconds in which a prompt must be answered.")] = 300.0
    input_usd_per_million: Annotated[float, Field(ge=0, description="What a million tokens sent cost.")] = 0.0
    output_usd_per_million: Annotated[float, Field(ge=0, description="What a million tokens answered cost.")] = 0.0


class LoginSettings(Record):
    """Of `qtest login`."""

    client_id: Annotated[str, Field(description="Of the OAuth app that people log in through; it is no secret.")] = ""


class Filled(Record):
    """A setting that was written with environment variables: the key, its text, and what it came to here, which is not stored."""

    key: tuple[str | int, ...]
    text: str
    value: Any = None


class Config(Record):
    """Settings of QTest, as they stand in pyproject.toml [tool.qtest]; what is given on the command line goes before."""

    target: TargetSettings = TargetSettings()
    budget: Budget = Budget(wall_s=120.0)
    seed: Annotated[
        str, Field(description="Any text; the same seed and the same count of evaluations give the same files.")
    ] = "0"
    unsafe_no_sandbox: Annotated[
        bool, Field(description="Run the target's code unprotected; every report says so.")
    ] = False
    plan: PlanSettings = PlanSettings()
    search: SearchSettings = SearchSettings()
    writer: WriterSettings = WriterSettings()
    gates: GateSettings = GateSettings()
    mutate: MutateSettings = MutateSettings()
    output: OutputSettings = OutputSettings()
    pulls: PullSettings = PullSettings()
    where: WhereSettings = WhereSettings()
    llm: LlmSettings = LlmSettings()
    login: LoginSettings = LoginSettings()
    filled: SkipJsonSchema[tuple[Filled, ...]] = ()

    def kept(self) -> str:
        """The JSON that may be stored or reported: names of environment variables stand in it, their values do not."""
        table = self.model_dump(mode="json", exclude={"filled"})
        ours = [one for one in self.filled if one.key != _SHARD and standing(table, one.key) == one.value]
        table = replaced(table, {one.key: one.text for one in ours})
        marks = [{"key": one.key, "text": one.text} for one in ours]
        return json.dumps({**table, "filled": marks}, separators=(",", ":"))


def recalled(text: str) -> Config:
    """What `kept` wrote, with the environment of this process. Raises UsageError when a variable is not set here."""
    table = json.loads(text)
    marks = [Filled.model_validate(mark) for mark in table.pop("filled", ())]
    return _filled(table, [(mark.key, mark.text) for mark in marks], "the settings of the run:")


def _filled(table: Any, marks: Sequence[tuple[Place, str]], source: str) -> Config:
    values = {key: filled(text, os.environ, f"{source} {_dotted(key)}") for key, text in marks}
    config = Config.model_validate(replaced(table, values))
    known = config.model_dump(mode="json")
    texts = tuple(Filled(key=key, text=text, value=standing(known, key)) for key, text in marks)
    return config.model_copy(update={"filled": texts})


def _dotted(key: Place) -> str:
    return ".".join(str(part) for part in key)


def schema_text() -> str:
    """The JSON Schema of `[tool.qtest]`, for editors and linters of pyproject.toml."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Config.model_json_schema()}
    return json.dumps(_with_variables(_without_titles(schema)), indent=2) + "\n"


def _with_variables(schema: Any) -> Any:
    """A text that has to look like something may also be one with environment variables; a key may not."""
    if isinstance(schema, list):
        return [_with_variables(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: part if name in _OF_KEYS else _with_variables(part) for name, part in schema.items()}
    if schema.get("type") != "string" or not ("pattern" in schema or "enum" in schema):
        return kept
    strict = {name: kept.pop(name) for name in ("type", "pattern", "enum", "minLength") if name in kept}
    return {"anyOf": [strict, {"type": "string", "pattern": r"\$\{"}], **kept}


def _without_titles(schema: Any) -> Any:
    """Pydantic's titles say each name a second time."""
    if isinstance(schema, dict):
        return {name: _without_titles(part) for name, part in schema.items() if not _is_title(name, part)}
    return [_without_titles(part) for part in schema] if isinstance(schema, list) else schema


def _is_title(name: str, part: Any) -> bool:
    return name == "title" and isinstance(part, str)


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
    if "filled" in written:
        raise UsageError(f"{path} [tool.qtest]: {_said('filled', written['filled'], 'extra_forbidden', '')}")
    _must_not_choose(written.get("llm"), path)
    merged = _merged(written, flags)
    marks = [(key, text) for key, text in places(written) if not _holds(flags, key)]
    try:
        return _filled(merged, marks, f"{path} [tool.qtest]:")
    except ValidationError as error:
        first = error.errors()[0]
        given = standing(merged, first["loc"])
        source = (
            f"{path} [tool.qtest]"
            if _holds(written, first["loc"]) and not _holds(flags, first["loc"])
            else "command line"
        )
        where = _dotted(first["loc"])
        raise UsageError(
            f"{source}: {_said(where, first.get('input') if given is None else given, first['type'], first['msg'])}"
        ) from error


def _must_not_choose(llm: Any, path: Path) -> None:
    found = [name for name in ("ask", "record") if isinstance(llm, dict) and name in llm]
    if found:
        option = {"ask": "--llm", "record": "--llm-record"}[found[0]]
        raise UsageError(
            f"{path} [tool.qtest]: llm.{found[0]} may not stand in a file; expected {option} on the command line"
        )


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
