"""The forms in which a user names a repository, and what may be shown of them."""

from pathlib import Path

import pytest

from qtest.adapters.git.spec import Login, parse
from qtest.errors import FetchError, without_logins


@pytest.mark.parametrize(
    ("spec", "url", "wanted"),
    [
        ("https://github.com/org/repo.git@feature/x", "https://github.com/org/repo.git", "feature/x"),
        ("https://github.com/org/repo.git", "https://github.com/org/repo.git", ""),
        ("https://github.com/org/repo@v1@2", "https://github.com/org/repo", "v1@2"),
        ("https://host:8443/a/b.git#12", "https://host:8443/a/b.git", "pr/12"),
        ("git+https://host/a/b@main", "https://host/a/b", "main"),
        ("https://host/@scope/b.git@main", "https://host/@scope/b.git", "main"),
        ("ssh://git@host:22/a/b.git@main", "ssh://git@host:22/a/b.git", "main"),
        ("git@host:org/repo.git@main", "git@host:org/repo.git", "main"),
        ("git@host:org/repo@pr/3", "git@host:org/repo", "pr/3"),
        ("org/repo", "https://github.com/org/repo.git", ""),
        ("org/repo.js@v1", "https://github.com/org/repo.js.git", "v1"),
        ("org/repo.git#7", "https://github.com/org/repo.git", "pr/7"),
        ("file:///srv/a b.git@main", "file:///srv/a b.git", "main"),
    ],
)
def test_an_address_and_a_revision(spec: str, url: str, wanted: str) -> None:
    found = parse(spec)
    assert found is not None
    assert (found.url, found.wanted) == (url, wanted)


@pytest.mark.parametrize("spec", ["pypi:a@b", ".", "./a/b", "../a", "/a/b", "a", "a/b/c", "C:/a"])
def test_a_package_and_a_path_are_no_address(spec: str) -> None:
    assert parse(spec) is None


def test_a_folder_that_is_there_wins_over_github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "org" / "repo").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert parse("org/repo") is None
    (tmp_path / "org" / "repo" / ".git").mkdir()
    local = parse("org/repo@main")
    assert local is not None
    assert local.url == f"file://{tmp_path}/org/repo"


def test_a_login_is_taken_out_of_an_address() -> None:
    found = parse("https://me:p%40ss@w%2Frd@host/a.git@main")
    assert found is not None
    assert found.login == Login("me", "p@ss@w/rd")
    assert (found.shown, found.url) == ("https://host/a.git@main", "https://host/a.git")
    assert "p@ss" not in repr(found)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("ext::sh -c evil% ", ""),
        ("ext://me:s3cret@evil/x", "not supported"),
        ("https://host/a.git?token=s3cret", "has a query"),
        ("https://me:s3cret/x@host/a.git", "the port is no number"),
        ("https://me:s3cret@host", "is no address"),
        ("https://me:s3cret%0Ahost=evil@host/a.git", "control character"),
        ("ssh://git:s3cret@host/a.git", "takes no password"),
        ("https://host/a.git@--upload-pack=evil", "cannot be a revision"),
        ("https://host/a.git@a*", "cannot be a revision"),
        ("https://host/a.git@", "cannot be a revision"),
        ("https://host/a.git#egg=a", "not the number of a pull request"),
        ("https://host/a\nb.git", "control character"),
    ],
)
def test_what_is_no_address_is_said_without_its_login(spec: str, said: str) -> None:
    if not said:
        assert parse(spec) is None
        return
    with pytest.raises(FetchError, match=said) as caught:
        parse(spec)
    assert "s3cret" not in str(caught.value)


def test_logins_are_taken_out_of_any_text() -> None:
    assert without_logins("at https://me:pw@host/a and ssh://git@b/c@d") == "at https://host/a and ssh://b/c@d"
