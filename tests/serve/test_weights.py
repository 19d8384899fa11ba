"""Which weights a folder holds."""

import os
from pathlib import Path

from serve.weights import revision_of


def laid(folder: Path) -> Path:
    (folder / "config.json").write_text("{}", "utf-8")
    (folder / "model.safetensors").write_bytes(b"1234")
    return folder


def test_other_settings_or_other_weights_are_another_revision(tmp_path: Path) -> None:
    folder = laid(tmp_path)
    seen = [revision_of(str(folder))]
    (folder / "config.json").write_text('{"layers": 2}', "utf-8")
    seen.append(revision_of(str(folder)))
    (folder / "model.safetensors").write_bytes(b"12345")
    seen.append(revision_of(str(folder)))
    os.utime(folder / "model.safetensors", (1, 1))
    seen.append(revision_of(str(folder)))
    assert len(set(seen)) == 4
    assert revision_of(str(folder)) == seen[-1]


def test_what_is_no_folder_here_has_no_revision(tmp_path: Path) -> None:
    assert revision_of("Qwen/Qwen2.5-Coder-7B-Instruct") == ""
    assert revision_of(str(tmp_path / "nothing")) == ""
