"""A folder is taken as it is, and a work tree brings its history: read by git, with nothing of the repository run."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qtest.adapters.folder import FolderFetcher
from qtest.adapters.git.command import Git
from qtest.errors import FetchError
from qtest.records.source import Repository

if TYPE_CHECKING:
    from conftest import Made


def fetch(folder: Path, path: str = os.environ["PATH"]) -> Repository:
    return FolderFetcher(Git({"PATH": path})).fetch(str(folder))


def subjects(found: Repository) -> list[str]:
    return [commit.subject for commit in found.commits]


def reason(found: Repository) -> str:
    (only,) = found.omitted
    assert only.path == ".git"
    return only.reason


@pytest.fixture
def shop(made: "Made") -> "Made":
    made.commit("One", {"a.py": "", "sub/\n b.py": ""})
    made.commit("Two\nlines", {"sub/c.py": "x"})
    return made


def test_a_work_tree_brings_its_commits_newest_first(shop: "Made") -> None:
    found = fetch(shop.folder)
    assert [(commit.subject, commit.paths) for commit in found.commits] == [
        ("Two lines", ("sub/c.py",)),
        ("One", ("a.py", "sub/\n b.py")),
    ]
    assert (found.revision.kind, found.omitted) == ("folder", ())


def test_a_folder_inside_a_work_tree_brings_what_touched_it(shop: "Made") -> None:
    shop.commit("Elsewhere", {"a.py": "x"})
    assert [commit.paths for commit in fetch(shop.folder / "sub").commits] == [("c.py",), ("\n b.py",)]


def test_a_linked_work_tree_brings_its_commits(shop: "Made", tmp_path: Path) -> None:
    shop.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    assert subjects(fetch(tmp_path / "linked")) == ["Two lines", "One"]


def test_a_plain_folder_and_one_without_a_commit_have_no_history(made: "Made", tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    for folder in (tmp_path / "plain", made.folder):
        found = fetch(folder)
        assert (found.commits, found.omitted) == ((), ())


@pytest.mark.parametrize("broken", ["HEAD", "objects", "config"])
def test_a_broken_repository_is_still_a_folder_and_its_history_is_named(shop: "Made", broken: str) -> None:
    path = shop.folder / ".git" / broken
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.write_text("[nonsense")
    found = fetch(shop.folder)
    assert found.commits == ()
    assert reason(found).startswith("no history: it cannot be read")


def test_a_broken_repository_inside_another_does_not_borrow_its_history(shop: "Made") -> None:
    (shop.folder / "sub" / ".git").mkdir()
    found = fetch(shop.folder / "sub")
    assert found.commits == ()
    assert reason(found).startswith("no history")


def test_without_git_a_folder_is_still_a_folder(shop: "Made", tmp_path: Path) -> None:
    assert reason(fetch(shop.folder, str(tmp_path))) == "no history: it cannot be read (git is not installed)"


def test_where_a_shallow_clone_ends_no_commit_touched_everything(shop: "Made", tmp_path: Path) -> None:
    shop.commit("Three", {"a.py": "y"})
    shop.git("clone", "--quiet", "--depth=2", f"file://{shop.folder}", str(tmp_path / "shallow"))
    found = fetch(tmp_path / "shallow")
    assert subjects(found) == ["Three"]
    assert reason(found) == "a shallow clone: its history ends after 1 commits"


def test_the_repository_of_another_user_is_read(shop: "Made") -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    for path in (shop.folder, *shop.folder.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    assert len(fetch(shop.folder).commits) == len(fetch(shop.folder / "sub").commits) == 2


def test_nothing_of_a_repository_runs_and_nothing_missing_is_fetched(shop: "Made") -> None:
    lost = shop.git("rev-parse", "HEAD~1^{tree}")
    (shop.folder / ".git/objects" / lost[:2] / lost[2:]).unlink()
    signed = shop.git("cat-file", "commit", "HEAD").replace("\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n\n", 1)
    shop.git("update-ref", "HEAD", shop.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=signed.encode()))
    (shop.folder / ".gitattributes").write_text("* filter=evil diff=evil\n")
    ran = shop.plant(shop.folder / ".git")
    assert reason(fetch(shop.folder)).startswith("no history")
    assert not ran.exists()


def test_a_bare_repository_hidden_in_a_folder_is_not_opened(made: "Made", tmp_path: Path) -> None:
    made.commit("One", {"a.py": ""})
    made.publish()
    found = fetch(made.bare / "objects")
    assert (found.commits, found.omitted) == ((), ())


def test_what_is_no_folder_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    with pytest.raises(FetchError, match="is a file"):
        fetch(tmp_path / "a.py")
    with pytest.raises(FetchError, match="there is no such path; expected a folder"):
        fetch(tmp_path / "none")
