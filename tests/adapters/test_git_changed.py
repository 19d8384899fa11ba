"""The forms that a file had, out of its history."""

import os
import subprocess
from pathlib import Path

from qtest.adapters.git.changed import forms_of
from qtest.adapters.git.command import Git


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def forms(folder: Path, path: str) -> list[tuple[str, bytes]]:
    return [(commit.subject, data) for commit, data in forms_of(Git(dict(os.environ)), folder, path)]


def test_each_commit_comes_with_what_it_left_newest_first(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "in ner").mkdir()
    for number in (1, 2):
        (tmp_path / "in ner" / "a.py").write_text(f"x = {number}\n")
        (tmp_path / "b.py").write_text(f"{number}")
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-qm", f"form {number}")
    (tmp_path / "b.py").write_text("3")
    git(tmp_path, "commit", "-qam", "another file")
    wanted = [("form 2", b"x = 2\n"), ("form 1", b"x = 1\n")]
    assert forms(tmp_path, "in ner/a.py") == wanted
    assert forms(tmp_path / "in ner", "a.py") == wanted


def test_without_a_history_there_are_none(tmp_path: Path) -> None:
    assert forms(tmp_path, "a.py") == []
