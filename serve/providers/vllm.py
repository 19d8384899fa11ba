"""A model on vLLM's engine, in this process: the grammar of a JSON Schema, priorities, a cache of prefixes. The one place that imports vLLM."""

import contextlib
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator

from vllm import SamplingParams
from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.exceptions import GracefulHTTPError, VLLMClientError, VLLMValidationError
from vllm.inputs import TokensPrompt
from vllm.renderers.params import ChatParams
from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams
from vllm.v1.engine.async_llm import AsyncLLM
from vllm.v1.engine.exceptions import EngineDeadError, EngineGenerateError

from qtest.records.completion import Completion, Prompt, Tier
from serve.deadline import in_time
from serve.engineoptions import engine_arguments
from serve.gpushare import GpuShare
from serve.seams import ProviderError
from serve.tierconfig import TierSettings
from serve.weights import revision_of

_TOO_LONG = ("input_text", "input_tokens")


class VllmProvider:
    """Made in seconds to minutes. What waits for it is cancelled by cancelling: vLLM aborts a request whose iterator is closed."""

    name = "vllm"

    def __init__(self, tier: Tier, settings: TierSettings) -> None:
        self.tier: Tier = tier
        self.model = settings.model
        self.revision = settings.revision or revision_of(settings.model)
        self._room = settings.max_length
        self._share = GpuShare(settings.gpus_taken)
        self._engine = AsyncLLM.from_engine_args(AsyncEngineArgs(**engine_arguments(settings)))

    async def complete(self, prompt: Prompt, *, within_s: float) -> Completion:
        async with contextlib.aclosing(self._answer(prompt, RequestOutputKind.FINAL_ONLY)) as answer:
            async for piece in in_time(answer, within_s, self._who):
                if isinstance(piece, Completion):
                    return piece
        raise ProviderError("garbage", f"{self._who} ended without an answer")

    async def stream(self, prompt: Prompt, *, within_s: float) -> AsyncIterator[str | Completion]:
        async with contextlib.aclosing(self._answer(prompt, RequestOutputKind.DELTA)) as answer:
            async for piece in in_time(answer, within_s, self._who):
                yield piece

    async def check_health(self) -> None:
        """Raises where the engine is dead."""
        await self._engine.check_health()

    def close(self) -> None:
        self._engine.shutdown()

    @property
    def _who(self) -> str:
        return f"{self.tier} ({self.model})"

    async def _answer(self, prompt: Prompt, kind: RequestOutputKind) -> AsyncGenerator[str | Completion, None]:
        began = time.monotonic()
        mark = self._share.begin(began)
        texts: list[str] = []
        counted, finish = 0, None
        try:
            tokens = await self._tokens(prompt)
            sampling = self._sampling(prompt, kind)
            outputs = self._engine.generate(
                TokensPrompt(prompt_token_ids=tokens),
                sampling,
                uuid.uuid4().hex,
                priority=0 if prompt.urgent else 1,
            )
            async with contextlib.aclosing(outputs):
                async for output in outputs:
                    answer = output.outputs[0]
                    counted += len(answer.token_ids)
                    finish = answer.finish_reason
                    if answer.text:
                        texts.append(answer.text)
                        yield answer.text
        except (VLLMClientError, GracefulHTTPError, EngineGenerateError, EngineDeadError) as error:
            raise _translated(error, self._who, begun=bool(texts)) from error
        finally:
            ended = time.monotonic()
            gpu_s = self._share.end(mark, ended)
        yield Completion(
            content="".join(texts),
            provider=self.name,
            model=self.model,
            tier=self.tier,
            finish="length" if finish == "length" else "stop",
            input_tokens=len(tokens),
            output_tokens=counted,
            latency_ms=(ended - began) * 1000,
            gpu_s=gpu_s,
        )

    async def _tokens(self, prompt: Prompt) -> list[int]:
        """As the model's own template writes a conversation. Answer and prompt must fit together: an answer that is bound to be cut is
        better asked of a model with more room."""
        conversation = [message.model_dump() for message in prompt.messages]
        how = ChatParams(chat_template_kwargs={"add_generation_prompt": True})
        _, rendered = await self._engine.renderer.render_chat_async([conversation], how)
        tokens: list[int] = rendered[0]["prompt_token_ids"]
        if len(tokens) + prompt.max_tokens > self._room:
            raise ProviderError(
                "too long",
                f"{self._who} holds {self._room} tokens; the prompt has {len(tokens)} and up to {prompt.max_tokens} were asked for",
            )
        return tokens

    def _sampling(self, prompt: Prompt, kind: RequestOutputKind) -> SamplingParams:
        return SamplingParams(
            max_tokens=prompt.max_tokens,
            temperature=prompt.temperature,
            seed=prompt.seed,
            structured_outputs=StructuredOutputsParams(json=prompt.answer) if prompt.answer else None,
            output_kind=kind,
        )


def _translated(error: Exception, who: str, *, begun: bool) -> ProviderError:
    said = " ".join(str(error).split())[:300]
    if isinstance(error, VLLMValidationError) and error.parameter in _TOO_LONG:
        return ProviderError("too long", f"{who}: {said}")
    if isinstance(error, VLLMClientError):
        return ProviderError("refused", f"{who}: {said}")
    if isinstance(error, GracefulHTTPError):
        return ProviderError("overloaded", f"{who}: {said}")
    cause = error.__cause__ if isinstance(error, EngineGenerateError) and error.__cause__ else error
    return ProviderError(
        "unreachable",
        f"{who}: the engine broke: {type(cause).__name__}: {' '.join(str(cause).split())[:200]}",
        begun=begun,
    )
