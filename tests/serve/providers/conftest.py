"""One provider after the other, each with a server of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

if TYPE_CHECKING:
    from wires.peer import Peer


@pytest.fixture(params=["openai", "anthropic", "ollama"])
def peer(request: pytest.FixtureRequest) -> "Iterator[Peer]":
    from wires.anthropic import MessageSpeech
    from wires.openai import ChatSpeech
    from wires.peer import KEY, Peer
    from wires.server import answers, only_with, serving

    speech = MessageSpeech() if request.param == "anthropic" else ChatSpeech()
    with serving(speech, only_with(KEY, answers("fine"))) as server:
        yield Peer(request.param, server)
