"""Where a server's API is, and which token it is shown."""

import pytest

from qtest.adapters.github.address import api_of, token_for
from qtest.errors import UsageError

ENTERPRISE = "https://github.example.com"
ACTIONS = {"GITHUB_SERVER_URL": ENTERPRISE, "GITHUB_API_URL": f"{ENTERPRISE}/api", "GITHUB_TOKEN": "actions"}


@pytest.mark.parametrize(
    ("server", "outer", "api"),
    [
        ("https://github.com", {}, "https://api.github.com"),
        (ENTERPRISE, {}, f"{ENTERPRISE}/api/v3"),
        (ENTERPRISE, ACTIONS, f"{ENTERPRISE}/api"),
        ("https://github.com", ACTIONS, "https://api.github.com"),
        (ENTERPRISE, {"QTEST_GITHUB_URL": "https://api.example.com/"}, "https://api.example.com"),
    ],
)
def test_the_api_is_where_the_server_or_the_user_says(server: str, outer: dict[str, str], api: str) -> None:
    assert api_of(server, outer) == api


@pytest.mark.parametrize(
    "address", ["github.example.com", "ftp://x.org", "https://me:secret@x.org", "http://x.org/api/v3"]
)
def test_an_api_that_a_token_is_not_safe_with_is_refused(address: str) -> None:
    with pytest.raises(UsageError) as caught:
        api_of(ENTERPRISE, {"QTEST_GITHUB_URL": address})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("server", "outer", "token"),
    [
        ("https://github.com", {"GITHUB_TOKEN": "public"}, "public"),
        ("https://elsewhere.org", {"GITHUB_TOKEN": "public"}, ""),
        ("https://github.com", ACTIONS, ""),
        (ENTERPRISE, ACTIONS, "actions"),
        ("https://elsewhere.org", {"QTEST_GIT_TOKEN": "ours"}, "ours"),
        ("http://elsewhere.org", {"QTEST_GIT_TOKEN": "ours"}, ""),
        ("http://127.0.0.1:80", {"QTEST_GIT_TOKEN": "ours"}, "ours"),
        ("http://127.0.0.1.elsewhere.org", {"QTEST_GIT_TOKEN": "ours"}, ""),
    ],
)
def test_a_token_goes_to_its_own_server_and_over_no_open_way(server: str, outer: dict[str, str], token: str) -> None:
    assert token_for(server, outer) == token
