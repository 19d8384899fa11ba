"""The router in this process, over a server that speaks a cloud's wire protocol."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from wires import server as wire
from wires.peer import KEY, PROMPT

from qtest.errors import CompletionError
from serve.config import ProviderSettings
from serve.near import Near
from serve.prices import Price

if TYPE_CHECKING:
    from wires.peer import Peer

Opened = Callable[..., Near]


@pytest.fixture
def near(peer: "Peer") -> Iterator[Opened]:
    made: list[Near] = []

    def opened(folder: Path | None = None, key: str = KEY) -> Near:
        url = f"{peer.server.url}/v1" if peer.kind == "openai" else peer.server.url
        price = Price(input_usd_per_million=1000, output_usd_per_million=2000)
        settings = ProviderSettings(kind=peer.kind, model="sonnet-9b", url=url, price=price)
        made.append(Near(settings, {f"{peer.kind.upper()}_API_KEY": key}, folder))
        return made[-1]

    yield opened
    for one in made:
        one.close()


def test_an_answer_says_what_it_cost_and_who_was_asked(near: Opened, peer: "Peer") -> None:
    found = near().complete(PROMPT)
    assert (found.content, found.cost_usd) == ("fine", pytest.approx(0.011 + 0.014))
    assert [(attempt.provider, attempt.problem) for attempt in found.attempts] == [(peer.kind, "")]


def test_a_server_that_is_busy_is_asked_again(near: Opened, peer: "Peer") -> None:
    peer.server.first = [wire.fails(503, "busy", "server_error", retry_after="0")]
    assert len(near().complete(PROMPT).attempts) == 2


def test_the_same_prompt_costs_nothing_the_second_time_in_another_process_too(
    near: Opened, peer: "Peer", tmp_path: Path
) -> None:
    first = near(tmp_path)
    first.complete(PROMPT)
    first.close()
    found = near(tmp_path).complete(PROMPT)
    assert (found.content, found.cached, found.cost_usd) == ("fine", True, 0.0)
    assert len(peer.server.asked) == 1


def test_a_wrong_key_ends_in_one_line_that_names_its_variable_and_not_the_key(near: Opened, peer: "Peer") -> None:
    with pytest.raises(CompletionError) as raised:
        near(key="sk-planted-wrong").complete(PROMPT)
    assert f"{peer.kind.upper()}_API_KEY" in str(raised.value)
    assert "planted" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_several_threads_ask_at_once(near: Opened, peer: "Peer") -> None:
    router = near()
    prompts = [PROMPT.model_copy(update={"seed": seed}) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert {found.content for found in pool.map(router.complete, prompts)} == {"fine"}
    assert len(peer.server.asked) == 8


def test_closing_ends_what_is_being_asked(near: Opened, peer: "Peer") -> None:
    peer.server.say = wire.hangs
    router = near()
    problems: list[str] = []

    def ask() -> None:
        with pytest.raises(CompletionError) as raised:
            router.complete(PROMPT)
        problems.append(str(raised.value))

    thread = threading.Thread(target=ask)
    thread.start()
    while not peer.server.asked:
        thread.join(0.01)
    router.close()
    thread.join(60)
    assert problems == ["the run ended before the model had answered"]
    assert peer.server.left.wait(60)
