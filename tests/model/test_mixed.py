"""A repository in three languages: its model, word for word, and what changes in it."""

import json
import shutil
from pathlib import Path

import pytest

from qtest.cli import main
from qtest.records.system import SystemModel

SAMPLE = Path(__file__).parents[1] / "samples" / "mixed"
GOLDEN = Path(__file__).parent / "golden" / "mixed.json"


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    copy = tmp_path / "outside of any repository" / SAMPLE.name  # whose history would be its
    shutil.copytree(SAMPLE, copy)

    def run(*arguments: str) -> str:
        assert main(["model", *(str(copy) if word == str(SAMPLE) else word for word in arguments)]) == 0
        return capsys.readouterr().out

    return run


def test_the_model_is_the_golden_one(said) -> None:
    text = said(str(SAMPLE), "--json")
    assert json.loads(text) == json.loads(GOLDEN.read_text("utf-8"))
    assert said(str(SAMPLE), "--json") == text


def test_the_outside_comes_in_where_the_frameworks_say(said) -> None:
    system = SystemModel.from_json(said(str(SAMPLE), "--json"))
    doors = {(item.kind, item.name, item.symbol) for item in system.entries if item.kind not in ("function", "method")}
    assert doors == {
        ("endpoint", "GET /v1/items/", "shop.api:all_items"),
        ("endpoint", "POST /v1/items/", "shop.api:all_items"),
        ("endpoint", "GET /health", "shop.api:health"),
        ("console script", "shop", "shop.cli:cli"),
        ("cli command", "shop", "shop.cli:cli"),
        ("cli command", "shop stock", "shop.cli:stock"),
        ("cli command", "shop stock list", "shop.cli:list_stock"),
        ("script", "python -m shop.cli", "shop.cli:cli"),
    }
    flow = next(item for item in system.flows if item.entry == "shop.api:all_items")
    assert flow.chain == ("shop.api:all_items", "shop.store:Store.__init__")
    assert flow.sink == "database: sqlite3.connect"


def test_people_can_read_it(said) -> None:
    text = said(str(SAMPLE))
    assert "javascript: 1 file, 3 symbols, symbols and imports only" in text
    assert "shop stock list" in text
    assert "name: str, price: float" in text


def test_against_an_older_model_only_what_changed_is_said(said, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_text(said(str(SAMPLE), "--json"))
    assert said(str(SAMPLE), "--against", str(old)) == "0 added, 0 removed, 0 changed\n"
    new = Path(shutil.copytree(SAMPLE, tmp_path / "mixed"))
    api = new / "shop" / "api.py"
    api.write_text("\n" + api.read_text().replace("/health", "/alive"))
    (new / "web" / "cart.js").unlink()
    assert said(str(new), "--against", str(old)).splitlines() == [
        "- module web/cart.js",
        "- symbol web/cart.js:Cart",
        "- symbol web/cart.js:Cart.add",
        "- symbol web/cart.js:total",
        "+ entry point endpoint GET /alive",
        "- entry point endpoint GET /health",
        "1 added, 5 removed, 0 changed",
    ]


def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = tmp_path / "old.json"
    old.write_text('{"version": "0"}')
    assert main(["model", str(SAMPLE), "--against", str(old)]) == 2
    assert "is not a model" in capsys.readouterr().err


def test_a_repository_without_python_is_modelled_but_not_run(
    said, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "js"
    folder.mkdir()
    (folder / "a.js").write_text("function f() {}\n")
    assert "javascript: 1 file, 1 symbol" in said(str(folder))
    assert main(["run", str(folder), "--out", str(tmp_path / "out")]) == 2
    assert "there is no Python file in it" in capsys.readouterr().err
