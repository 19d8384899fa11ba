"""Words that tell what code is about, where a mistake is dear."""

import re
from collections.abc import Iterable, Mapping

_DOMAINS: dict[str, frozenset[str]] = {
    "security": frozenset(
        [
            "auth",
            "authenticate",
            "authorize",
            "authorise",
            "login",
            "password",
            "passwd",
            "secret",
            "token",
            "permission",
            "role",
            "access",
            "crypt",
            "encrypt",
            "decrypt",
            "cipher",
            "hash",
            "hmac",
            "sign",
            "signature",
            "verify",
            "security",
            "secure",
            "sanitize",
            "sanitise",
            "escape",
            "csrf",
            "session",
            "safe",
        ]
    ),
    "money": frozenset(
        [
            "payment",
            "pay",
            "price",
            "amount",
            "invoice",
            "tax",
            "currency",
            "money",
            "balance",
            "refund",
            "charge",
            "billing",
            "discount",
            "fee",
            "interest",
            "account",
            "transaction",
            "total",
        ]
    ),
    "parsing": frozenset(
        [
            "parse",
            "parser",
            "decode",
            "encode",
            "tokenize",
            "lexer",
            "grammar",
            "deserialize",
            "serialize",
            "loads",
            "dumps",
        ]
    ),
    "time": frozenset(
        ["date", "time", "datetime", "timezone", "duration", "calendar", "schedule", "expire", "expiry", "deadline"]
    ),
    "validation": frozenset(["validate", "valid", "check", "normalize", "normalise", "convert", "compare", "version"]),
    "data loss": frozenset(["delete", "remove", "drop", "purge", "migrate", "rollback", "commit", "overwrite"]),
}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words_of(own: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """The table with a project's own rows, which replace ours of the same name."""
    return {**_DOMAINS, **{domain: frozenset(word.lower() for word in words) for domain, words in own.items()}}


def domains_of(names: Iterable[str], words: Mapping[str, frozenset[str]] = _DOMAINS) -> dict[str, str]:
    """Domain to the first word that shows it, in the table's order."""
    said = {word.lower() for name in names for word in _WORD.findall(name)}
    found = {domain: sorted(said & known) for domain, known in words.items()}
    return {domain: hits[0] for domain, hits in found.items() if hits}
