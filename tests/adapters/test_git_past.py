"""What a folder held when it and a revision parted: real git, with nothing of the repository run."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qtest.adapters.git.command import Git
from qtest.adapters.git.past import files_at
from qtest.errors import UsageError

if TYPE_CHECKING:
    from conftest import Made


def past(folder: Path, revision: str, path: str = os.environ["PATH"]) -> dict[str, bytes]:
    return dict(files_at(Git({"PATH": path}), folder, revision))


@pytest.fixture
def shop(made: "Made") -> "Made":
    made.commit("One", {"a.py": "one", "sub/b.py": "b", "note.txt": "n"})
    return made


def test_python_files_of_the_revision_whatever_lies_in_the_work_tree(shop: "Made") -> None:
    (shop.folder / "a.py").write_text("uncommitted")
    (shop.folder / "new.py").write_text("new")
    assert past(shop.folder, "HEAD") == {"a.py": b"one", "sub/b.py": b"b"}


def test_it_is_where_both_parted_that_counts(shop: "Made") -> None:
    shop.git("checkout", "--quiet", "-b", "mine")
    shop.commit("Mine", {"a.py": "mine"})
    shop.git("checkout", "--quiet", "main")
    shop.commit("Theirs", {"sub/b.py": "theirs"})
    shop.git("checkout", "--quiet", "mine")
    assert past(shop.folder, "main") == {"a.py": b"one", "sub/b.py": b"b"}


def test_a_folder_inside_a_work_tree_has_its_own_paths(shop: "Made") -> None:
    assert past(shop.folder / "sub", "HEAD") == {"b.py": b"b"}


def test_a_linked_work_tree_is_one_too(shop: "Made", tmp_path: Path) -> None:
    shop.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    assert past(tmp_path / "linked", "main") == {"a.py": b"one", "sub/b.py": b"b"}


@pytest.mark.parametrize("revision", ["nowhere", "--all", "HEAD:a.py", "-", "", "0" * 40])
def test_a_revision_that_is_no_commit_is_said_in_one_line(shop: "Made", revision: str) -> None:
    with pytest.raises(UsageError, match="there is no such commit") as raised:
        past(shop.folder, revision)
    assert "\n" not in str(raised.value)


def test_a_revision_with_a_null_byte_is_refused(shop: "Made") -> None:
    with pytest.raises(UsageError, match="cannot be a revision"):
        past(shop.folder, "main\0")


def test_histories_that_have_nothing_in_common_are_said(shop: "Made") -> None:
    shop.git("checkout", "--quiet", "--orphan", "other")
    shop.commit("Alone", {"a.py": "alone"})
    with pytest.raises(UsageError, match="no ancestor in common"):
        past(shop.folder, "main")


def test_a_folder_that_is_no_repository_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no git repository"):
        past(tmp_path, "main")


def test_a_repository_without_a_commit_has_no_such_commit(made: "Made") -> None:
    with pytest.raises(UsageError, match="there is no such commit"):
        past(made.folder, "HEAD")


def test_without_git_it_is_said(shop: "Made", tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="git is not installed"):
        past(shop.folder, "main", str(tmp_path))


def test_nothing_that_the_repository_names_is_run(shop: "Made") -> None:
    ran = shop.plant(shop.folder / ".git")
    (shop.folder / ".gitattributes").write_text("* filter=evil diff=evil\n")
    (shop.folder / "a.py").write_text("changed")
    assert past(shop.folder, "HEAD")["a.py"] == b"one"
    assert not ran.exists()
