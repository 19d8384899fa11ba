"""Private folders: gone with their process, however it ended."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from qtest.adapters.scratch import scratch, sweep

HOLDS = "from qtest.adapters.scratch import scratch\nwith scratch() as folder:\n    print(folder, flush=True)\n    input()\n"


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_it_is_gone_afterwards() -> None:
    with scratch() as folder:
        assert folder.is_dir()
    assert not folder.exists()


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        sweep(tmp_path)
        assert folder.is_dir()
        process.kill()
        process.wait()
        assert folder.is_dir()
        with scratch() as own:
            assert not folder.exists()
            assert own.is_dir()


def test_a_folder_that_is_not_ours_is_left(tmp_path: Path) -> None:
    other = tmp_path / "qtest-notes"
    other.mkdir()
    sweep(tmp_path)
    assert other.is_dir()
