"""The settings of the router: read once from a file, or handed over by Ray Serve, and checked to the last key."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from qtest.errors import UsageError
from qtest.records.completion import Tier
from qtest.records.record import Record
from serve.prices import NotNegative, Price
from serve.rules import RULES, TIERS, Rule
from serve.tierconfig import Count, Seconds, TierSettings

ENGINE = "engine"
_OF_KEYS = {("env",), ("key_env",), ("sha256",)}

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@-]{1,64}$")]
EnvironmentName = Annotated[str, Field(pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")]


class ProviderSettings(Record):
    """Another server or a cloud. `key_env` names the environment variable that holds its key; the key itself never stands here."""

    kind: Literal["openai", "anthropic", "ollama", "recorded"]
    model: Annotated[str, Field(min_length=1)]
    url: str = ""
    revision: str = ""
    key_env: EnvironmentName = ""
    max_length: Count = 128_000
    max_output: Count = 16_384
    in_flight: Count = 32
    try_s: Seconds = 120.0
    price: Price = Price()


class TrySettings(Record):
    """How long an answer is looked for. The whole chain is gone through `rounds` times, with a pause between that doubles from `pause_s`;
    a provider that failed `failures` times running is left alone for `cooldown_s`."""

    deadline_s: Seconds = 300.0
    rounds: Count = 3
    pause_s: Seconds = 0.5
    most_pause_s: Seconds = 20.0
    failures: Count = 3
    cooldown_s: Seconds = 60.0


class CacheSettings(Record):
    """`folder` is empty for answers that are remembered in memory alone."""

    on: bool = True
    folder: str = ""
    most_mb: Count = 512
    memory_mb: Count = 64


class Limits(Record):
    """None for no limit. `soft` is the share from which on cheaper tiers answer."""

    tokens: Annotated[int, Field(ge=0)] | None = None
    usd: NotNegative | None = None
    gpu_s: NotNegative | None = None
    soft: Annotated[float, Field(gt=0, le=1)] = 0.8


class BudgetSettings(Record):
    """What each run, repository and key may use in a day (UTC). `folder` holds what was spent; empty for memory alone."""

    folder: str = ""
    run: Limits = Limits()
    repository: Limits = Limits()
    key: Limits = Limits()


class KeySettings(Record):
    """Who may ask. The key is in an environment variable, or only its SHA-256 is known here. `limits` go before those of every key."""

    name: Name
    env: EnvironmentName = ""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    per_minute: Count = 600
    burst: Count = 200
    limits: Limits | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.env) == bool(self.sha256):
            raise PydanticCustomError("key", "a key has either env or sha256")
        return self


class HttpSettings(Record):
    """What is taken in at once; more is told to come back."""

    most_body_kb: Count = 4_096
    in_flight: Count = 1_000


class RouterConfig(Record):
    """`chains` names, for each tier, who is asked, in that order: `engine` is the tier's own deployment, the others stand in `providers`.
    A tier that is not in `chains` asks its own deployment."""

    tiers: dict[Tier, TierSettings] = Field(default_factory=dict)
    providers: dict[Name, ProviderSettings] = Field(default_factory=dict)
    chains: dict[Tier, tuple[Name, ...]] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = RULES
    tries: TrySettings = TrySettings()
    cache: CacheSettings = CacheSettings()
    budgets: BudgetSettings = BudgetSettings()
    keys: Annotated[tuple[KeySettings, ...], Field(min_length=1)] = (KeySettings(name="default", env="QTEST_API_KEY"),)
    http: HttpSettings = HttpSettings()

    def chain(self, tier: Tier) -> tuple[str, ...]:
        return self.chains.get(tier, (ENGINE,) if tier in self.tiers else ())

    @model_validator(mode="after")
    def _names_are_there(self) -> Self:
        for tier, names in self.chains.items():
            for name in names:
                if name == ENGINE and tier not in self.tiers:
                    raise PydanticCustomError("chains", f"chains.{tier} asks its engine, and tiers has no {tier}")
                if name != ENGINE and name not in self.providers:
                    raise PydanticCustomError("chains", f"chains.{tier} asks {name!r}, and providers has no {name!r}")
        if not any(self.chain(tier) for tier in TIERS):
            raise PydanticCustomError("tiers", "nobody is there to answer: tiers and chains are empty")
        if ENGINE in self.providers:
            raise PydanticCustomError("providers", f"{ENGINE!r} is the tier's own deployment; another name is needed")
        twice = {key.name for key in self.keys if sum(key.name == other.name for other in self.keys) > 1}
        if twice:
            raise PydanticCustomError("keys", f"two keys are called {min(twice)!r}")
        return self


def load(path: Path) -> RouterConfig:
    """Raises UsageError. A file for `serve deploy` has the settings under its first application's `args`."""
    try:
        table = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}; expected the settings of the router as YAML") from error
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", "") or "no YAML"
        at = f" line {mark.line + 1}" if mark else ""
        raise UsageError(f"{path}{at}: {problem}; expected the settings of the router as YAML") from error
    applications = table.get("applications") if isinstance(table, dict) else None
    if isinstance(applications, list) and applications and isinstance(applications[0], dict):
        table = applications[0].get("args", {})
    return checked(table, str(path))


def checked(table: Any, source: str) -> RouterConfig:
    """Nothing is converted: a number that is written as text is a mistake. Raises UsageError."""
    if not isinstance(table, Mapping):
        raise UsageError(f"{source} is {table!r}; expected a table of settings, such as tiers")
    try:
        return RouterConfig.model_validate_json(json.dumps(table), strict=True)
    except (TypeError, ValueError) as error:
        if isinstance(error, ValidationError):
            raise UsageError(f"{source}: {_said(error)}") from error
        raise UsageError(f"{source}: {error}; expected texts, numbers, lists and tables") from error


def _said(error: ValidationError) -> str:
    """Without the values of settings that do not exist or have to do with keys: somebody may have written the key itself there."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != "[key]")
    if first["type"] == "extra_forbidden":
        return f"{where}: there is no such setting"
    message = first["msg"][:1].lower() + first["msg"][1:]
    if isinstance(first["input"], dict) or first["loc"][-1:] in _OF_KEYS:
        return f"{where}: {message}" if where else message
    return f"{where} is {first['input']!r}; {message}"
