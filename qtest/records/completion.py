"""What is asked of a language model and what it answers; the same whichever model, server or cloud answers."""

from typing import Literal

from qtest.records.record import Record

TaskType = Literal["unit_test", "integration_test", "api_test", "e2e_test", "critic", "naming", "summary"]
Tier = Literal["TIER1", "TIER2", "TIER3"]


class Message(Record):
    role: Literal["system", "user", "assistant"]
    content: str

    @property
    def sendable(self) -> str:
        """A lone surrogate is no text to any server, and goes as its escape."""
        return self.content.encode("utf-8", "backslashreplace").decode()


class Difficulty(Record):
    """What routing looks at: branches of the code under test, and how often a gate has refused what was answered so far."""

    branches: int = 0
    refusals: int = 0


class Payer(Record):
    """On whose account tokens are spent; empty for nobody in particular. `key` is the name of the API key, never the key: the router
    sets it."""

    run: str = ""
    repository: str = ""
    key: str = ""


class Prompt(Record):
    """`template` is the name and version of what it was built from. `answer` is a JSON Schema as text, empty for free text.
    `urgent` goes before what can wait."""

    task: TaskType
    messages: tuple[Message, ...]
    template: str = ""
    answer: str = ""
    tier: Literal["auto"] | Tier = "auto"
    difficulty: Difficulty = Difficulty()
    max_tokens: int = 2000
    temperature: float = 0.3
    seed: int | None = None
    urgent: bool = False
    payer: Payer = Payer()


class Attempt(Record):
    """One try at one provider; `problem` is empty for the one that answered."""

    provider: str
    model: str
    tier: Tier
    latency_ms: float = 0.0
    problem: str = ""


class Completion(Record):
    """`finish` is `length` where the answer was cut off. `reason` says why that tier answered. `schema_ok` is None where no schema was given.
    `latency_ms` counts from the request's arrival; a cached answer costs no tokens again, and no money."""

    content: str
    provider: str
    model: str
    tier: Tier
    finish: Literal["stop", "length"] = "stop"
    input_tokens: int = 0
    output_tokens: int = 0
    latency_ms: float = 0.0
    cached: bool = False
    cost_usd: float = 0.0
    gpu_s: float = 0.0
    attempts: tuple[Attempt, ...] = ()
    reason: str = ""
    schema_ok: bool | None = None
