"""Providers by their kind, with addresses and keys as the official clients look for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from qtest.errors import UsageError
from qtest.records.completion import Tier
from serve.config import ENGINE, ProviderSettings, RouterConfig
from serve.providers.anthropic import VERSION, Messages
from serve.providers.http import Wire
from serve.providers.openai import ChatCompletions
from serve.providers.recorded import RecordedProvider, opened
from serve.providers.remote import Dialect, RemoteProvider
from serve.rules import TIERS
from serve.seams import Provider


@dataclass(frozen=True)
class Service:
    """`own` is the address of the service itself, `url_env` and `key_env` what the official client reads. Another server may need no key."""

    own: str
    url_env: str
    key_env: str
    dialect: Dialect
    headers: Callable[[str], dict[str, str]]


def _bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


def _anthropic(key: str) -> dict[str, str]:
    return {"anthropic-version": VERSION, **({"x-api-key": key} if key else {})}


SERVICES: Mapping[str, Service] = {
    "openai": Service("https://api.openai.com/v1", "OPENAI_BASE_URL", "OPENAI_API_KEY", ChatCompletions("max_completion_tokens"), _bearer),
    "anthropic": Service("https://api.anthropic.com", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", Messages(), _anthropic),
    "ollama": Service("http://127.0.0.1:11434", "OLLAMA_HOST", "OLLAMA_API_KEY", ChatCompletions(), _bearer),
}  # fmt: skip


def provider(settings: ProviderSettings, tier: Tier, environ: Mapping[str, str]) -> RemoteProvider | RecordedProvider:
    """Of `recorded` the model is a cassette's path. Raises UsageError for an address that is none, and where a cloud's key is missing."""
    if settings.kind == "recorded":
        return opened(settings.model, tier)
    service = SERVICES[settings.kind]
    address = _address(settings.kind, settings.url or environ.get(service.url_env, "") or service.own)
    variable = settings.key_env or service.key_env
    key = environ.get(variable, "").strip()
    if not key and (settings.key_env or (address == service.own and settings.kind != "ollama")):
        raise UsageError(
            f"{settings.kind}:{settings.model} needs a key in the environment variable {variable}, which is not set"
        )
    if not key.isascii() or not key.isprintable():
        raise UsageError(f"the key in {variable} has characters that no key has; expected printable ASCII")
    other = address != service.own
    # others that speak a cloud's dialect look for a key where OpenAI's has it, and know the older names
    headers = service.headers(key) | (_bearer(key) if other else {})
    wire = Wire(address, headers, key, f"see the key in {variable}")
    dialect = ChatCompletions() if other and settings.kind == "openai" else service.dialect
    return RemoteProvider(settings.kind, settings.model, dialect, wire, tier=tier, revision=settings.revision)


def named(config: RouterConfig, environ: Mapping[str, str]) -> dict[Tier, dict[str, Provider]]:
    """Of the chains of each tier all but its own engine, by their names there. Raises UsageError, as one of them does."""
    chains = {tier: [name for name in config.chain(tier) if name != ENGINE] for tier in TIERS}
    return {
        tier: {name: provider(config.providers[name], tier, environ) for name in names}
        for tier, names in chains.items()
        if names
    }


def _address(kind: str, text: str) -> str:
    """Without a scheme it is HTTP's, as Ollama reads its own; what it listens on everywhere is here."""
    whole = (text if "://" in text else f"http://{text}").rstrip("/")
    try:
        parts = urlsplit(whole)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"the address of {kind} is no address; expected one such as {SERVICES[kind].own}")
    if parts.username or parts.password:
        raise UsageError(f"the address of {kind} has a login in it; a key goes in {SERVICES[kind].key_env}")
    if kind != "ollama":
        return whole
    everywhere = parts.hostname == "0.0.0.0"  # noqa: S104 - where Ollama listens; we only ask
    host = "127.0.0.1" if everywhere else parts.netloc.rpartition(":")[0] if port else parts.netloc
    path = parts.path if parts.path.endswith("/v1") else f"{parts.path}/v1"
    return f"{parts.scheme}://{host}:{port or (443 if parts.scheme == 'https' else 11434)}{path}"
