"""Logging in by the device flow, against a server that speaks it, on a clock of the test's."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtest.adapters.credentials.device import DeviceFlow
from qtest.errors import CredentialError

sys.path.insert(0, str(Path(__file__).parent))

from device import Clock, DeviceServer


@pytest.fixture
def server() -> Iterator[DeviceServer]:
    with DeviceServer(Clock()) as server:
        yield server


def flow(server: DeviceServer, client_id: str = "Iv1.app") -> DeviceFlow:
    return DeviceFlow(server.url, client_id, server.clock.now, server.clock.sleep)


def logged_in(server: DeviceServer) -> str:
    asked = flow(server)
    return asked.wait(asked.ask())


def refused(server: DeviceServer) -> str:
    with pytest.raises(CredentialError) as caught:
        logged_in(server)
    said = str(caught.value)
    assert said.startswith(f"{server.url}: ")
    assert "\n" not in said
    return said


def test_a_person_gets_a_code_and_a_page_and_the_app_the_scope_it_needs(server: DeviceServer) -> None:
    code = flow(server).ask()
    assert (code.user_code, code.page) == ("WDJB-MJHT", f"{server.url}/login/device")
    assert server.scopes == ["repo"]
    assert server.device_code not in repr(code)


def test_it_is_asked_at_the_servers_interval_until_the_code_was_entered(server: DeviceServer) -> None:
    assert logged_in(server) == server.token
    assert server.polls == [5, 10, 15]


def test_slow_down_makes_every_further_wait_five_seconds_longer(server: DeviceServer) -> None:
    server.hurried, server.after_s = 2, 50
    assert logged_in(server) == server.token
    assert server.clock.slept == [5, 10, 15, 15, 15]


def test_a_server_in_trouble_is_asked_again_later(server: DeviceServer) -> None:
    server.troubles, server.after_s = [502, 429], 0
    assert logged_in(server) == server.token
    assert server.clock.slept == [5, 10, 15]


def test_a_refusal_may_come_as_a_bad_request_as_the_rfc_has_it(server: DeviceServer) -> None:
    server.refusal = 400
    assert logged_in(server) == server.token
    server.answer = "no"
    assert "refused on the page" in refused(server)


def test_a_login_that_is_refused_on_the_page_ends_at_once(server: DeviceServer) -> None:
    server.answer = "no"
    assert "refused on the page" in refused(server)


def test_nobody_is_waited_for_longer_than_the_code_lives(server: DeviceServer) -> None:
    server.answer = "never"
    assert "not entered in time" in refused(server)
    assert server.clock.time <= 900


def test_a_code_that_the_server_forgot_early_is_a_line_too(server: DeviceServer) -> None:
    asked = flow(server)
    code = asked.ask()
    server.expires_s = 1
    with pytest.raises(CredentialError, match="not entered in time"):
        asked.wait(code)


def test_an_app_without_the_device_flow_is_told_what_to_enable(server: DeviceServer) -> None:
    server.enabled = False
    assert "enable Device Flow" in refused(server)


def test_an_unknown_client_id_is_told(server: DeviceServer) -> None:
    with pytest.raises(CredentialError, match="the client id is not known there"):
        flow(server, "Iv1.other").ask()


def test_a_server_that_answers_with_a_page_is_told_apart(server: DeviceServer) -> None:
    server.garbled = True
    assert "is it a GitHub server?" in refused(server)


def test_nothing_is_sent_over_a_way_that_others_can_listen_to() -> None:
    clock = Clock()
    with pytest.raises(CredentialError, match="expected https"):
        DeviceFlow("http://github.example", "Iv1.app", clock.now, clock.sleep).ask()


def test_a_host_that_does_not_answer_is_one_line(server: DeviceServer) -> None:
    with DeviceServer(Clock()) as other:
        gone = flow(other)
    with pytest.raises(CredentialError, match="cannot be reached"):
        gone.ask()
