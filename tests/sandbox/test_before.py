"""Folders that sessions without a file system of their own write into."""

from pathlib import Path

import pytest

from qtest.adapters.sandbox.before import Before
from qtest.errors import SandboxError


def test_a_folder_is_put_back_when_the_last_session_closes(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("as it was")
    first, second = Before([str(tmp_path)]), Before([str(tmp_path)])
    (tmp_path / "kept").write_text("changed")
    (tmp_path / "new").touch()
    first.restore()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"kept": "changed", "new": ""}
    second.restore()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"kept": "as it was"}


def test_one_that_cannot_be_copied_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    with pytest.raises(SandboxError):
        Before([str(tmp_path), str(tmp_path / "absent")])
    (tmp_path / "meanwhile").touch()
    Before([str(tmp_path)]).restore()
    assert {path.name for path in tmp_path.iterdir()} == {"kept", "meanwhile"}
