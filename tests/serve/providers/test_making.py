"""Addresses and keys, as the official clients look for them."""

import asyncio
from typing import Any, Literal

import pytest

from qtest.errors import UsageError
from serve.config import ProviderSettings, checked
from serve.providers.making import named, provider
from serve.providers.remote import RemoteProvider

KEY = "sk-planted-0123"


def made(
    kind: Literal["openai", "anthropic", "ollama"], environ: dict[str, str], **settings: Any
) -> tuple[str, dict[str, str], str]:
    """The address, the headers that hold a key, and the name of the limit of an answer."""
    found = provider(ProviderSettings(kind=kind, model="m", **settings), "TIER3", environ)
    assert isinstance(found, RemoteProvider)
    assert (found.name, found.model, found.tier) == (kind, "m", "TIER3")
    headers = {name: text for name, text in found._wire._client.headers.items() if KEY in text}
    limit = getattr(found._dialect, "limit_name", "max_tokens")
    address = found._wire.address
    asyncio.run(found.close())
    return address, headers, limit


def test_a_cloud_is_asked_at_home_with_its_own_headers() -> None:
    assert made("openai", {"OPENAI_API_KEY": f" {KEY}\n"}) == (
        "https://api.openai.com/v1",
        {"authorization": f"Bearer {KEY}"},
        "max_completion_tokens",
    )
    assert made("anthropic", {"ANTHROPIC_API_KEY": KEY}) == (
        "https://api.anthropic.com",
        {"x-api-key": KEY},
        "max_tokens",
    )


def test_another_server_needs_no_key_and_knows_the_older_name_of_the_limit() -> None:
    assert made("openai", {"OPENAI_BASE_URL": "http://box:8000/v1/"}) == ("http://box:8000/v1", {}, "max_tokens")
    assert made("anthropic", {}, url="http://box:8000")[:2] == ("http://box:8000", {})


def test_another_server_in_anthropics_dialect_may_look_for_the_key_where_openais_is() -> None:
    headers = made("anthropic", {"ANTHROPIC_API_KEY": KEY}, url="http://box:8000")[1]
    assert headers == {"x-api-key": KEY, "authorization": f"Bearer {KEY}"}


def test_settings_go_before_variables() -> None:
    environ = {"OPENAI_BASE_URL": "http://other/v1", "OPENAI_API_KEY": "another", "MINE": KEY}
    address, headers, _ = made("openai", environ, url="http://box/v1", key_env="MINE")
    assert (address, headers) == ("http://box/v1", {"authorization": f"Bearer {KEY}"})


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0:99", "http://127.0.0.1:99/v1"),
        ("box", "http://box:11434/v1"),
        ("box:99", "http://box:99/v1"),
        ("[::1]:99", "http://[::1]:99/v1"),
        ("[::1]", "http://[::1]:11434/v1"),
        ("https://box/ollama/", "https://box:443/ollama/v1"),
        ("http://box:99/v1", "http://box:99/v1"),
    ],
)
def test_ollama_is_asked_where_its_own_variable_says(host: str, address: str) -> None:
    assert made("ollama", {"OLLAMA_HOST": host})[0] == address


@pytest.mark.parametrize(
    ("environ", "settings", "message"),
    [
        ({}, {}, "openai:m needs a key in the environment variable OPENAI_API_KEY, which is not set"),
        ({"OPENAI_API_KEY": " "}, {}, "needs a key"),
        ({"OPENAI_API_KEY": KEY}, {"key_env": "MINE"}, "needs a key in the environment variable MINE"),
        ({"OPENAI_API_KEY": f"{KEY}\nx: y"}, {}, "the key in OPENAI_API_KEY has characters that no key has"),
        ({"OPENAI_API_KEY": f"{KEY}é"}, {}, "the key in OPENAI_API_KEY has characters that no key has"),
        ({"OPENAI_BASE_URL": f"https://me:{KEY}@box"}, {}, "has a login in it; a key goes in OPENAI_API_KEY"),
        ({"OPENAI_BASE_URL": "ftp://box"}, {}, "the address of openai is no address; expected one such as https"),
        ({"OPENAI_BASE_URL": "http://box:99999"}, {}, "the address of openai is no address"),
    ],
)
def test_what_cannot_be_asked_is_told_without_the_key(
    environ: dict[str, str], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        made("openai", environ, **settings)
    assert "planted" not in str(raised.value)


CHAINS = {
    "tiers": {"TIER2": {"model": "./m", "gpus": 0}},
    "providers": {"far": {"kind": "ollama", "model": "m"}, "cloud": {"kind": "openai", "model": "m"}},
    "chains": {"TIER2": ["engine", "far"], "TIER3": ["far"]},
}


def test_chains_get_a_provider_for_each_name_but_the_engine() -> None:
    found = named(checked(CHAINS, "the test"), {})
    assert {tier: list(standing) for tier, standing in found.items()} == {"TIER2": ["far"], "TIER3": ["far"]}
    assert [standing["far"].tier for standing in found.values()] == ["TIER2", "TIER3"]


def test_a_cloud_in_a_chain_needs_its_key() -> None:
    chains = {**CHAINS, "chains": {"TIER2": ["engine", "cloud"]}}
    with pytest.raises(UsageError, match="openai:m needs a key in the environment variable OPENAI_API_KEY"):
        named(checked(chains, "the test"), {})
