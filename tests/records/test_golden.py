"""Demanding cases of four test frameworks, and the text that each should become: the DSL can say all of it."""

import json
from pathlib import Path

import pytest

from qtest.records.case import case_from_json

GOLDEN = Path(__file__).parent / "golden"
TEXTS = {"pytest": ".py", "jest": ".test.ts", "junit": ".java", "playwright": ".spec.ts"}
RECORDS = sorted(GOLDEN.glob("*.json"), key=lambda path: path.name)


@pytest.mark.parametrize("framework", sorted(TEXTS))
def test_every_framework_has_three_cases_with_their_texts(framework: str) -> None:
    own = [path for path in RECORDS if path.name.startswith(f"{framework}_")]
    assert len(own) == 3
    assert all(path.with_suffix(TEXTS[framework]).is_file() for path in own)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_golden_case_reads_as_a_record_and_writes_back_the_same(path: Path) -> None:
    text = path.read_text("utf-8")
    assert json.loads(case_from_json(text).to_json()) == json.loads(text)
