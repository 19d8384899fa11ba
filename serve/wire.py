"""`POST /llm/generate`: the shapes that come in and go out, and the prompt between them."""

import json
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError

from qtest.records.completion import Attempt, Completion, Difficulty, Message, Payer, Prompt, TaskType, Tier
from qtest.records.record import Record
from serve.refusals import Refusal, of_body

TEMPLATE = "context/1"
SYSTEM = "You help to test software. The task is {task}. Answer with what is asked for alone, without explanations around it."

_ALIASES = {"e2e_flow": "e2e_test"}


def _task(value: Any) -> Any:
    return _ALIASES.get(value, value) if isinstance(value, str) else value


def _tier(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return "auto" if value.lower() == "auto" else value.upper()


Shape = TypeVar("Shape", bound=Record)
TaskName = Annotated[TaskType, BeforeValidator(_task)]


class GenerateRequest(Record):
    """Either `messages` as they are, or a `context` of named texts, such as function_code, function_meta and target_branches, from which
    messages are made. `answer` is a JSON Schema, as text or as it is."""

    model_config = ConfigDict(populate_by_name=True)

    task_type: TaskName
    model_tier: Annotated[str, BeforeValidator(_tier), Field(pattern="^(auto|TIER[123])$")] = "auto"
    context: dict[str, Any] | str = ""
    messages: tuple[Message, ...] = ()
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 2000
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.3
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    answer: dict[str, Any] | str = ""
    template: Annotated[str, Field(max_length=200)] = ""
    difficulty: Difficulty | None = None
    urgent: bool = False
    run: Annotated[str, Field(max_length=200)] = ""
    repository: Annotated[str, Field(max_length=500)] = ""

    def prompt(self, key: str) -> Prompt:
        """Raises Refusal."""
        tier: Any = self.model_tier
        return Prompt(
            task=self.task_type,
            messages=self.messages or self._messages(),
            template=self.template or ("" if self.messages else TEMPLATE),
            answer=self.answer if isinstance(self.answer, str) else json.dumps(self.answer, sort_keys=True),
            tier=tier,
            difficulty=self.difficulty or Difficulty(branches=self._branches()),
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            seed=self.seed,
            urgent=self.urgent,
            payer=Payer(run=self.run, repository=self.repository, key=key),
        )

    def _messages(self) -> tuple[Message, ...]:
        if not self.context:
            raise Refusal(
                400, "missing_parameter", "context or messages is needed, and both are empty", param="context"
            )
        system = Message(role="system", content=SYSTEM.format(task=self.task_type))
        return (system, Message(role="user", content=self._context()))

    def _context(self) -> str:
        if isinstance(self.context, str):
            return self.context
        return "\n\n".join(
            f"## {name}\n{part if isinstance(part, str) else json.dumps(part, sort_keys=True)}"
            for name, part in sorted(self.context.items())
        )

    def _branches(self) -> int:
        if isinstance(self.context, str):
            return 0
        branches = self.context.get("target_branches", 0)
        if isinstance(branches, list):
            return len(branches)
        return branches if isinstance(branches, int) and branches > 0 else 0


class GenerateAnswer(Record):
    """A completion under the names that the route promises."""

    content: str
    provider: str
    model: str
    tier: Tier
    finish: str
    input_tokens: int
    output_tokens: int
    latency_ms: float
    cached: bool
    cost_usd: float
    gpu_s: float
    attempts: tuple[Attempt, ...]
    route_reason: str
    schema_ok: bool | None


def asked(body: bytes) -> GenerateRequest:
    """Raises Refusal."""
    try:
        return read(GenerateRequest, body)
    except ValidationError as error:
        raise _named(error) from error


def read(shape: type[Shape], body: bytes) -> Shape:
    """Source code may hold lone surrogates, which JSON can say and pydantic's own reader refuses. Raises pydantic.ValidationError."""
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        try:
            table = json.loads(body) if error.errors()[0]["type"] == "json_invalid" else None
        except (ValueError, RecursionError):
            table = None
        if table is None:
            raise
        return shape.model_validate(table)


def answered(completion: Completion) -> str:
    fields = {name: value for name, value in completion if name != "reason"}
    return GenerateAnswer.model_construct(**fields, route_reason=completion.reason).to_json()


def _named(error: ValidationError) -> Refusal:
    """Tiers are told by their names, not by the pattern."""
    refusal = of_body(error)
    if refusal.param == "task_type" and refusal.code == "invalid_value":
        return Refusal(400, "unknown_task", str(refusal), param="task_type")
    if refusal.param == "model_tier":
        message = f"{str(refusal).split(';')[0]}; expected auto, tier1, tier2 or tier3"
        return Refusal(400, "unknown_tier", message, param="model_tier")
    return refusal
