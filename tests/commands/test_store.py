"""`qtest runs`, `export` and `store`, as a user calls them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import duckdb
import pyarrow.dataset as ds
import pytest

from qtest.adapters.home import Home
from qtest.cli import main
from qtest.commands import remembered
from qtest.errors import ClusterError
from qtest.records.run import EventRow, RepositoryRow, RunRow, TestRow
from qtest.wiring import default_store

DAY = 86_400_000


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words) in (2, 3)
    error = capsys.readouterr().err
    assert error.startswith("qtest: ")
    assert error.count("\n") == 1
    return error


def test_the_store_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("QTEST_STORE", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    assert default_store() == Path("/home/me/.local/share/qtest")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_store() == Path("/data/qtest")
    monkeypatch.setenv("QTEST_STORE", "/mine")
    assert default_store() == Path("/mine")


def test_runs_are_a_table_with_the_latest_first(store: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs"]) == 0
    head, latest, older = said(capsys).splitlines()
    assert head.split() == ["run", "when", "status", "tests", "killed", "of"]
    assert latest.split() == ["run-b", "1970-01-01", "00:00", "completed", "1", "3/7", "./shop"]
    assert older.split() == ["run-a", "1970-01-01", "00:00", "completed", "0", "–", "./shop"]


def test_runs_as_json_are_whole_rows(store: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--json"]) == 0
    rows = [RunRow.model_validate(row) for row in json.loads(said(capsys))]
    assert [row.run for row in rows] == ["run-b", "run-a"]


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = str(tmp_path / "nowhere")
    assert main(["runs", "--store", nowhere]) == 0
    assert "no runs are remembered" in said(capsys)
    assert main(["runs", "--store", nowhere, "--json"]) == 0
    assert json.loads(said(capsys)) == []
    for words in (["why", "a.py:1"], ["export", "all", "--parquet", "out"], ["store", "backup", "file"]):
        assert "holds no runs yet" in refused(capsys, *words, "--store", nowhere)
    assert not (tmp_path / "nowhere").exists()


def test_an_export_is_read_by_duckdb_and_pyarrow(
    store: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = store.ledger()
    ledger.put([
        RunRow(run="run-c", spec="'quoted'", config="{}", seed="0", status="running", started=20_000 * DAY),
        EventRow(run="run-c", seq=1, made=1, stage="write", kind="said", payload="{}"),
        EventRow(run="unknown", seq=1, made=1, stage="write", kind="said", payload="{}"),
        RepositoryRow(url="u", languages="python", analysed=1),
    ])  # fmt: skip
    ledger.close()
    out = tmp_path / "out's"
    assert main(["export", "all", "--parquet", str(out)]) == 0
    assert f"{out}/generation_runs: 3 rows" in said(capsys)
    quoted = str(out / "generation_runs/**/*.parquet").replace("'", "''")
    found = duckdb.sql(f"SELECT run, CAST(run_date AS VARCHAR) FROM read_parquet('{quoted}') ORDER BY run").fetchall()
    assert found == [("run-a", "1970-01-01"), ("run-b", "1970-01-01"), ("run-c", "2024-10-04")]
    events = ds.dataset(out / "run_events", partitioning="hive").to_table().to_pylist()
    assert {(row["run"], row["run_date"]) for row in events} == {("run-c", "2024-10-04"), ("unknown", "none")}
    assert ds.dataset(out / "test_results", partitioning="hive").count_rows() == 3
    assert "not empty" in refused(capsys, "export", "all", "--parquet", str(out))


def test_one_run_is_exported_by_the_beginning_of_its_id(
    store: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "run-a", "--parquet", str(tmp_path / "out")]) == 0
    assert said(capsys) == f"{tmp_path}/out/generation_runs: 1 rows\n"
    assert "beginning of 2 runs: run-b, run-a" in refused(capsys, "export", "run", "--parquet", str(tmp_path / "x"))
    assert "no such run; the latest are run-b, run-a" in refused(
        capsys, "export", "z", "--parquet", str(tmp_path / "x")
    )


@pytest.mark.parametrize("name", ["copy.tar", "copy.tar.gz"])
def test_a_backup_is_restored_whole(store: Home, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    file, other = tmp_path / name, Home(tmp_path / "other")
    assert main(["store", "backup", str(file)]) == 0
    assert "(2 runs) and 1 artefacts" in said(capsys)
    assert main(["store", "restore", str(file), "--store", str(other.folder)]) == 0
    assert "(2 runs) and 1 artefacts" in said(capsys)
    before, after = store.ledger(), other.ledger()
    assert after.rows(RunRow) == before.rows(RunRow)
    assert after.rows(TestRow) == before.rows(TestRow)
    assert other.artefacts().get(store.artefacts().put(b"a report")) == b"a report"
    assert not list(tmp_path.glob("*.new"))
    assert not list(tmp_path.glob("*.part"))


def test_nothing_is_ever_overwritten(store: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "copy.tar"
    assert main(["store", "backup", str(file)]) == 0
    before = file.read_bytes()
    assert "exists and was not touched" in refused(capsys, "store", "backup", str(file))
    assert file.read_bytes() == before
    assert "is not empty and was not touched" in refused(capsys, "store", "restore", str(file))
    assert "no such file" in refused(capsys, "store", "restore", str(tmp_path / "none"), "--store", "x")


@pytest.mark.parametrize("damage", ["half", "text", "artefact", "tail"])
def test_a_backup_that_is_not_whole_makes_no_store(
    store: Home, tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "copy.tar"
    assert main(["store", "backup", str(file)]) == 0
    whole = file.read_bytes()
    at_artefact = whole.index(b"a report")
    file.write_bytes(
        {
            "half": whole[: len(whole) // 2],
            "text": b"hello" * 1000,
            "artefact": whole[:at_artefact] + b"A" + whole[at_artefact + 1 :],
            "tail": whole[: at_artefact - 512] + bytes(10240),
        }[damage]
    )
    error = refused(capsys, "store", "restore", str(file), "--store", str(tmp_path / "other"))
    assert str(file) in error
    assert not (tmp_path / "other").exists()
    assert not list(tmp_path.glob("*.new"))


def _nobody(*_: object) -> NoReturn:
    raise ClusterError("there is none")


def test_a_store_in_use_is_said_with_the_process(
    store: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "PATIENCE_S", 0.0)
    monkeypatch.setattr(remembered, "_of_cluster", _nobody)  # another one of this machine may be there
    program = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(store.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert f"in use by process {holder.pid}" in refused(capsys, "runs")
        holder.communicate("")


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\nfrom qtest.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'pydantic', 'duckdb', 'ray', 'rich', 'pyarrow'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert all(word in done.stdout for word in ("runs", "why", "export", "store", "mutate"))
    assert done.stdout.splitlines()[-1] == "[]"
