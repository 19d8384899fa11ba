"""The router in this process: for a run that asks a model without a server of ours between."""

from collections.abc import Mapping
from pathlib import Path

from qtest.errors import CompletionError
from qtest.loop import Loop, LoopClosed
from qtest.records.completion import Completion, Prompt, Tier
from serve.answers import Answers
from serve.budget import Budget
from serve.config import BudgetSettings, ProviderSettings, RouterConfig
from serve.providers.making import provider
from serve.router import Router, backends_of
from serve.spending import Spending

_TIER: Tier = "TIER2"


class Near:
    """One provider behind all policies of the router. Answers `qtest.ports.Completer`; to be closed by who made it."""

    def __init__(self, settings: ProviderSettings, environ: Mapping[str, str], folder: Path | None = None) -> None:
        """`folder` keeps answers from run to run; those of a cassette are kept already. Raises UsageError."""
        self._provider = provider(settings, _TIER, environ)
        name = settings.kind
        config = RouterConfig(providers={name: settings}, chains={_TIER: (name,)})
        self._spending = Spending(None)
        kept = settings.kind != "recorded" and config.cache.on
        self._answers = Answers(folder, config.cache.most_mb, config.cache.memory_mb) if kept else None
        budget = Budget(BudgetSettings(), self._spending)
        self._router = Router(backends_of(config, {_TIER: {name: self._provider}}), config, budget, self._answers)
        self._loop = Loop("near router")

    def complete(self, prompt: Prompt) -> Completion:
        try:
            return self._loop.run(self._router.complete(prompt))
        except LoopClosed:
            raise CompletionError("the run ended before the model had answered") from None

    def close(self) -> None:
        """What is being asked is cancelled there."""
        self._loop.close(self._provider.close())
        self._spending.close()
        if self._answers is not None:
            self._answers.close()
