"""Which model a run asks: from the text behind `--llm` to a completer.

What speaks HTTP is imported when it is needed: that takes a third of a second, and most runs ask no model.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import urlsplit

from qtest.config import Config, LlmSettings
from qtest.errors import UsageError
from qtest.ports import Completer
from qtest.records.completion import Completion, Prompt
from serve.allowance import Allowance
from serve.allowance import read as read_allowance
from serve.config import ProviderSettings
from serve.prices import Price

if TYPE_CHECKING:
    from qtest.adapters.llm import FarRouter

EXPECTED = (
    "expected the address of a router, such as http://127.0.0.1:8000, or openai:MODEL, anthropic:MODEL, ollama:MODEL "
    "or recorded:FILE"
)
KEYS = {
    "router": "QTEST_API_KEY",
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "ollama": "OLLAMA_API_KEY",
}
CLOUDS = ("openai", "anthropic")
CLOUD_TOKENS = 500_000  # that a run may use where nobody says how many
NearKind = Literal["openai", "anthropic", "ollama", "recorded"]


@dataclass(frozen=True)
class Asked:
    """`router` and its address, or a kind of provider and its model or file."""

    kind: Literal["router"] | NearKind
    what: str


@dataclass(frozen=True)
class Opened:
    """A completer, and what ends when it does: first who asks, then who counts."""

    inner: Completer
    ends: Sequence[Callable[[], None]]

    def complete(self, prompt: Prompt) -> Completion:
        return self.inner.complete(prompt)

    def close(self) -> None:
        _end(self.ends)


def completer(config: Config, folder: Path, environ: Mapping[str, str] | None = None) -> Opened | None:
    """What the settings ask for; None where they ask for no model. `folder` is that of what is remembered. To be closed by who asked for
    it. The key is read here, in the process that asks the model, and is in nothing that is handed on. Raises UsageError."""
    if not config.llm.ask:
        return None
    outer = os.environ if environ is None else environ
    ends: list[Callable[[], None]] = []
    with ExitStack() as failing:
        failing.callback(_end, ends)
        inner: Completer = _asking(config.llm, folder / "llm", outer, ends)
        allowance = allowed(config.llm)
        if allowance != Allowance():
            from serve.capped import Capped

            capped = Capped(inner, allowance, folder / "llm", _price(config.llm))
            ends.append(capped.close)
            inner = capped
        if config.llm.record:
            from serve.providers.cassette import Recorder
            from serve.providers.recorded import Recording

            inner = Recording(inner, Recorder(Path(config.llm.record), _secrets(outer), config.llm.ask))
        failing.pop_all()
        return Opened(inner, ends)


def check(config: Config, folder: Path, environ: Mapping[str, str] | None = None) -> None:
    """What would go wrong with the first prompt, before any work is done. Raises UsageError, CompletionError."""
    made = completer(config, folder, environ)
    if made is None:
        return
    made.close()
    asked = parsed(config.llm.ask)
    if asked.kind == "router":
        router = _far(config.llm, asked, os.environ if environ is None else environ)
        try:
            router.check()
        finally:
            router.close()


def parsed(text: str) -> Asked:
    """Raises UsageError, which never holds the text: somebody may have put a key there."""
    if text.startswith(("http://", "https://")):
        if "@" in text:
            raise UsageError(f"--llm: the address has a login in it; a router's key goes in {KEYS['router']}")
        if not _has_host(text):
            raise UsageError(f"--llm: an address without a host; {EXPECTED}")
        return Asked("router", text)
    kind, colon, what = text.partition(":")
    if kind == "router" or kind not in (*KEYS, "recorded"):
        named = f" {kind!r} is nobody we know;" if colon and kind.isalpha() and len(kind) <= 20 else ""
        raise UsageError(f"--llm:{named} {EXPECTED}")
    if not what.strip():
        raise UsageError(f"--llm {kind}: names no {'file' if kind == 'recorded' else 'model'}; {EXPECTED}")
    return Asked(cast(NearKind, kind), what.strip())


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def allowed(settings: LlmSettings) -> Allowance:
    """By the run's own budget. A router elsewhere has budgets too; nothing that runs here costs money."""
    text, asked = settings.budget, parsed(settings.ask)
    if not text:
        return Allowance(tokens=CLOUD_TOKENS) if asked.kind in CLOUDS else Allowance()
    allowance = read_allowance(text)
    if allowance.usd is not None and asked.kind in CLOUDS and _price(settings) == Price():
        raise UsageError(
            f"--llm-budget {text}: what {asked.what} costs is not known; expected input_usd_per_million and "
            "output_usd_per_million in [tool.qtest.llm], or a budget in tokens, such as 200k"
        )
    return allowance


def estimate(settings: LlmSettings) -> str:
    """What a run may cost at most, in words; empty where it costs no money."""
    asked = parsed(settings.ask) if settings.ask else None
    if asked is None or asked.kind not in CLOUDS:
        return ""
    allowance, price = allowed(settings), _price(settings)
    if allowance.tokens is None:
        return f"{settings.ask} may cost up to ${allowance.usd:.2f} in this run"
    dearest = max(price.usd(allowance.tokens, 0, 0.0), price.usd(0, allowance.tokens, 0.0))
    money = f"${dearest:.2f} at most" if dearest else "for which no price is given in [tool.qtest.llm]"
    return f"{settings.ask} may use up to {allowance.tokens:,} tokens in this run, {money}"


def _end(ends: Sequence[Callable[[], None]]) -> None:
    for end in ends:
        end()


def _asking(
    settings: LlmSettings, folder: Path, environ: Mapping[str, str], ends: list[Callable[[], None]]
) -> Completer:
    asked = parsed(settings.ask)
    if asked.kind == "router":
        router = _far(settings, asked, environ)
        ends.append(router.close)
        return router
    from serve.near import Near

    provider = ProviderSettings(kind=asked.kind, model=asked.what, try_s=settings.timeout_s, price=_price(settings))
    near = Near(provider, environ, folder)
    ends.append(near.close)
    return near


def _far(settings: LlmSettings, asked: Asked, environ: Mapping[str, str]) -> "FarRouter":
    from qtest.adapters.llm import FarRouter

    return FarRouter(asked.what, environ.get(KEYS["router"], "").strip(), settings.timeout_s)


def _price(settings: LlmSettings) -> Price:
    return Price(
        input_usd_per_million=settings.input_usd_per_million, output_usd_per_million=settings.output_usd_per_million
    )


def _secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(value for name in KEYS.values() if (value := environ.get(name, "").strip()))
