"""The variables of the environment that hold a secret, and an environment without them, for the processes we start."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

ANY_HOST = "QTEST_GIT_TOKEN"
GITHUB = ("GITHUB_TOKEN", "GH_TOKEN")
KEY = "QTEST_KEY"
KEY_FILE = "QTEST_KEY_FILE"
MODELS = ("QTEST_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OLLAMA_API_KEY")
HOSTS = (ANY_HOST, *GITHUB, "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "ACTIONS_RUNTIME_TOKEN", KEY)
SECRET = (*HOSTS, *MODELS)


def without_secrets(outer: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in outer.items() if name not in SECRET}


@contextmanager
def withheld() -> Iterator[None]:
    """For Ray, which starts processes by itself and hands them our environment: the secrets are not in it meanwhile, but for the keys of
    models, which its workers ask."""
    held = {name: os.environ.pop(name) for name in HOSTS if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(held)
