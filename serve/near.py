"""The router in this process: for a run that asks a model without a server of ours between."""

from collections.abc import Mapping
from pathlib import Path

from qtest.errors import CompletionError
from qtest.loop import Loop, LoopClosed
from qtest.records.completion import Completion, Prompt, Tier
from serve.config import CacheSettings, ProviderSettings, RouterConfig, TrySettings
from serve.providers.making import provider
from serve.setup import served

_TIER: Tier = "TIER2"


class Near:
    """One provider behind all policies of the router. Answers `qtest.ports.Completer`; to be closed by who made it."""

    def __init__(self, settings: ProviderSettings, environ: Mapping[str, str], folder: Path | None = None) -> None:
        """`folder` keeps answers from run to run; those of a cassette are kept already. A prompt has `try_s` for all its tries together.
        Raises UsageError."""
        self._provider = provider(settings, _TIER, environ)
        name = settings.kind
        cache = CacheSettings(on=name != "recorded", folder=str(folder or ""))
        tries = TrySettings(deadline_s=settings.try_s)
        config = RouterConfig(providers={name: settings}, chains={_TIER: (name,)}, cache=cache, tries=tries)
        self._served = served(config, {_TIER: {name: self._provider}})
        self._loop = Loop("near router")

    def complete(self, prompt: Prompt) -> Completion:
        try:
            return self._loop.run(self._served.router.complete(prompt))
        except LoopClosed:
            raise CompletionError("the run ended before the model had answered") from None

    def close(self) -> None:
        """What is being asked is cancelled there."""
        self._loop.close(self._provider.close())
        self._served.close()
