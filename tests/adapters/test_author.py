"""Who accepts a mutant, as git knows."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from qtest.adapters.git.author import author


@pytest.fixture
def outer(tmp_path: Path) -> Mapping[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    return {"PATH": os.environ["PATH"], "HOME": str(home)}


@pytest.fixture
def folder(tmp_path: Path, outer: Mapping[str, str]) -> Path:
    made = tmp_path / "project"
    subprocess.run(["git", "init", "-q", str(made)], check=True, env=dict(outer))
    return made


def test_the_users_own_settings_say_who_it_is(outer: Mapping[str, str], folder: Path) -> None:
    Path(outer["HOME"], ".gitconfig").write_text("[user]\n\tname = Ann\n\temail = ann@example.org\n")
    assert author(outer, folder) == "Ann <ann@example.org>"


def test_the_folders_settings_go_before(outer: Mapping[str, str], folder: Path) -> None:
    Path(outer["HOME"], ".gitconfig").write_text("[user]\n\tname = Ann\n\temail = ann@example.org\n")
    with (folder / ".git" / "config").open("a") as config:
        config.write("[user]\n\tname = Work Ann\n")
    assert author(outer, folder) == "Work Ann <ann@example.org>"


def test_without_settings_nobody_is_known(outer: Mapping[str, str], folder: Path) -> None:
    assert author(outer, folder) == ""


def test_a_folder_that_is_no_repository_has_the_users_author(outer: Mapping[str, str], tmp_path: Path) -> None:
    config = Path(outer["HOME"], ".config", "git", "config")
    config.parent.mkdir(parents=True)
    config.write_text("[user]\n\temail = ann@example.org\n")
    assert author(outer, tmp_path) == "ann@example.org"
