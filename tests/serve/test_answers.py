"""Answers outlive the process, stay within their bounds, and cost no answer where the disk fails."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from qtest.records.completion import Completion
from serve.answers import Answers


def answer(content: str) -> Completion:
    return Completion(content=content, provider="p", model="m", tier="TIER1", cached=True)


def stored(folder: Path) -> int:
    return int(sqlite3.connect(folder / "answers.sqlite").execute("SELECT count(*) FROM answers").fetchone()[0])


def test_an_answer_survives_a_restart(tmp_path: Path) -> None:
    answers = Answers(tmp_path, 1, 1)
    answers.put("k", answer("hello"))
    answers.close()
    again = Answers(tmp_path, 1, 1)
    assert again.get("k") == answer("hello")
    assert again.get("other") is None
    again.close()


def test_memory_holds_no_more_than_it_may_and_lets_the_oldest_go() -> None:
    answers = Answers(None, 1, 1)
    for number in range(200):
        answers.put(str(number), answer("x" * 20_000))
        answers.get("0")
    assert answers.get("0") is not None
    assert answers.get("1") is None
    assert answers.get("199") is not None
    assert answers._held <= 1_000_000
    assert answers._held == sum(len(one.content) + 2_000 for one in answers._memory.values())


def test_the_disk_holds_no_more_than_it_may_and_the_one_used_last_stays(tmp_path: Path) -> None:
    for start in range(0, 200, 40):
        answers = Answers(tmp_path, 1, 1)
        answers.get("0")
        for number in range(start, start + 40):
            answers.put(str(number), answer("x" * 20_000))
        answers.close()
    assert stored(tmp_path) < 50
    answers = Answers(tmp_path, 1, 1)
    assert answers.get("0") is not None
    assert answers.get("41") is None
    answers.close()


def test_a_full_disk_costs_no_answer_and_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    answers = Answers(tmp_path, 1, 1)
    disk = answers._disk
    assert disk is not None
    assert disk._own is not None
    (pages,) = disk._own.execute("PRAGMA page_count").fetchone()
    disk._own.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(20):
        answers.put(str(number), answer("x" * 20_000))
    assert answers.get("19") == answer("x" * 20_000)
    answers.close()
    said = [record.getMessage() for record in caplog.records]
    assert said == [f"answers are not remembered in {tmp_path}: database or disk is full"]


def _garbage(path: Path) -> None:
    path.write_bytes(b"no database at all" * 500)


def _other_version(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()


@pytest.mark.parametrize("spoil", [_garbage, _other_version])
def test_a_broken_file_is_set_aside_and_said(
    spoil: Callable[[Path], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(tmp_path / "answers.sqlite")
    answers = Answers(tmp_path, 1, 1)
    answers.put("k", answer("hello"))
    answers.close()
    assert (tmp_path / "answers.broken").exists()
    assert "a new one is begun" in caplog.text
    assert stored(tmp_path) == 1


def test_a_folder_that_cannot_be_made_costs_no_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    answers = Answers(tmp_path / "file" / "cache", 1, 1)
    answers.put("k", answer("hello"))
    assert answers.get("k") == answer("hello")
    answers.close()
    assert len(caplog.records) == 1


def test_a_row_that_is_no_answer_is_none(tmp_path: Path) -> None:
    answers = Answers(tmp_path, 1, 1)
    answers.put("k", answer("hello"))
    answers.close()
    database = sqlite3.connect(tmp_path / "answers.sqlite", isolation_level=None)
    database.execute("UPDATE answers SET body = '{}'")
    database.close()
    again = Answers(tmp_path, 1, 1)
    assert again.get("k") is None
    again.close()
