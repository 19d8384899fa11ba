"""The DuckDB ledger: its schema, what is said of files that cannot be used, and what a kill or a full disk leaves."""

import os
import re
import resource
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from qtest.adapters import tables
from qtest.adapters.ledger import DuckLedger, connect
from qtest.adapters.schema import migrations
from qtest.errors import LedgerError
from qtest.records.run import ROWS, EventRow, RepositoryRow, Row

AS_ROOT = os.geteuid() == 0


def event(seq: int, payload: str = "{}") -> EventRow:
    return EventRow(run="r", seq=seq, made=1, stage="write", kind="said", payload=payload)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.duckdb"


@pytest.fixture
def process() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts Python with a program and arguments; killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(program: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HEAD + textwrap.dedent(program), *map(str, arguments)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()
        assert one.stdout is not None
        one.stdout.close()


HEAD = """
import os, resource, sys
from pathlib import Path
from qtest.adapters.ledger import DuckLedger
from qtest.errors import LedgerError
from qtest.records.run import EventRow
def event(seq, payload="{}"):
    return EventRow(run="r", seq=seq, made=1, stage="write", kind="said", payload=payload)
"""


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.table)
def test_a_table_has_the_fields_of_its_row_in_their_order(file: Path, kind: type[Row]) -> None:
    DuckLedger(file).close()
    with connect(file, read_only=True) as connection:
        found = connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
            [kind.table],
        ).fetchall()
        nullable = connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = ? AND is_nullable", [kind.table]
        ).fetchall()
        key = connection.execute(
            "SELECT constraint_column_names FROM duckdb_constraints() WHERE table_name = ? AND constraint_type = 'PRIMARY KEY'",
            [kind.table],
        ).fetchall()
    assert dict(found) == tables.columns(kind)
    assert nullable == []
    assert [tuple(names) for (names,) in key] == [kind.key]


def test_there_is_a_table_for_each_row_and_no_other(file: Path) -> None:
    DuckLedger(file).close()
    with connect(file, read_only=True) as connection:
        found = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert {name for (name,) in found} == {kind.table for kind in ROWS} | {"schema_version"}


def test_no_column_is_a_reserved_word() -> None:
    reserved = duckdb.sql("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'").fetchall()
    names = {name for kind in ROWS for name in (kind.table, *kind.model_fields)}
    assert names & {word for (word,) in reserved} == set()


def test_every_field_is_text_or_a_whole_number() -> None:
    for kind in ROWS:
        for name, field in kind.model_fields.items():
            assert field.annotation is int or field.annotation is str or "Literal" in str(field.annotation), name


def test_a_number_of_more_than_64_bits_is_refused_and_nothing_of_its_put_is_kept(file: Path) -> None:
    ledger = DuckLedger(file)
    with pytest.raises(LedgerError, match="repositories: analysed"):
        ledger.put([event(1), RepositoryRow(url="u", languages="", analysed=2**63)])
    assert ledger.rows(EventRow) == ()


def test_what_was_put_is_there_after_it_is_opened_again(file: Path) -> None:
    ledger = DuckLedger(file)
    ledger.put([event(1)])
    ledger.close()
    assert DuckLedger(file).rows(EventRow) == (event(1),)
    assert [found.name for found in file.parent.iterdir()] == [file.name]


def test_a_closed_ledger_says_so(file: Path) -> None:
    ledger = DuckLedger(file)
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match="is closed"):
        ledger.put([event(1)])


SECOND = "ALTER TABLE repositories ADD COLUMN stars BIGINT DEFAULT 0; "


KNOWN = migrations()


def _steps(folder: Path, *later: str) -> Path:
    folder.mkdir()
    for number, sql in enumerate((*(step.sql for step in KNOWN), *later), 1):
        (folder / f"{number:04}_step.sql").write_text(sql)
    return folder


def test_a_migration_keeps_the_rows_and_a_copy_of_the_ledger_as_it_was(file: Path, tmp_path: Path) -> None:
    old = DuckLedger(file)
    old.put([RepositoryRow(url="u", languages="python", analysed=1)])
    old.close()
    ledger = DuckLedger(file, migrations=_steps(tmp_path / "steps", SECOND))
    ledger.put([RepositoryRow(url="v", languages="python", analysed=1)])
    assert [row.url for row in ledger.rows(RepositoryRow)] == ["u", "v"]
    before = DuckLedger(file.with_name(f"ledger.duckdb.schema-{len(KNOWN)}"))
    assert [row.url for row in before.rows(RepositoryRow)] == ["u"]


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(file: Path, tmp_path: Path) -> None:
    old = DuckLedger(file)
    old.put([event(1)])
    old.close()
    with pytest.raises(LedgerError):
        DuckLedger(file, migrations=_steps(tmp_path / "steps", SECOND, "ALTER TABLE nowhere ADD COLUMN x BIGINT"))
    ledger = DuckLedger(file)
    assert ledger.rows(EventRow) == (event(1),)
    ledger.put([event(2)])


def test_a_newer_schema_is_refused_and_left_alone(file: Path, tmp_path: Path) -> None:
    DuckLedger(file, migrations=_steps(tmp_path / "steps", SECOND)).close()
    before = file.read_bytes()
    said = _refused(file)
    assert f"schema {len(KNOWN) + 1}" in said
    assert "newer QTest" in said
    assert file.read_bytes() == before


def test_a_ledger_held_by_another_process_names_it(file: Path, process: Callable[..., subprocess.Popen[str]]) -> None:
    holder = process("ledger = DuckLedger(sys.argv[1]); print('held', flush=True); sys.stdin.read()", file)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    said = _refused(file)
    assert f"process {holder.pid}" in said
    assert "another --store" in said


def test_a_backup_does_not_let_another_process_in(
    file: Path, tmp_path: Path, process: Callable[..., subprocess.Popen[str]]
) -> None:
    ledger = DuckLedger(file)
    ledger.put([event(1)])
    ledger.backup(tmp_path / "copy.duckdb")
    other = process("DuckLedger(sys.argv[1])", file)
    assert other.wait() == 1
    assert DuckLedger(tmp_path / "copy.duckdb").rows(EventRow) == (event(1),)
    with pytest.raises(LedgerError, match="exists"):
        ledger.backup(tmp_path / "copy.duckdb")


@pytest.mark.parametrize("damage", ["empty", "text", "half", "first block", "data"])
def test_a_damaged_ledger_is_said_and_never_changed(file: Path, damage: str) -> None:
    ledger = DuckLedger(file)
    ledger.put([event(number, os.urandom(500).hex()) for number in range(1, 500)])
    ledger.close()
    whole = file.read_bytes()
    middle = 3 * 4096 + 500
    file.write_bytes(
        {
            "empty": b"",
            "text": b"hello" * 1000,
            "half": whole[: len(whole) // 2],
            "first block": whole[:100] + b"\xff" * 64 + whole[164:],
            "data": whole[:middle] + b"\xff" * 64 + whole[middle + 64 :],
        }[damage]
    )
    before = file.read_bytes()
    said = _refused(file)
    assert "is damaged" in said
    assert "qtest store restore" in said
    assert file.read_bytes() == before


def test_a_log_that_a_dead_process_left_is_kept_in_case_it_is_damaged(
    file: Path, process: Callable[..., subprocess.Popen[str]]
) -> None:
    assert (
        process("ledger = DuckLedger(sys.argv[1]); ledger.put([event(1)]); os.kill(os.getpid(), 9)", file).wait()
        == -signal.SIGKILL
    )
    log = Path(f"{file}.wal")
    left = log.read_bytes()
    log.write_bytes(left[:-3])
    DuckLedger(file).close()
    assert Path(f"{file}.wal.kept").read_bytes() == left[:-3]


@pytest.mark.parametrize("place", ["folder", "below a file"])
def test_a_place_that_is_no_file_is_said(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    assert "is no place for a file" in _refused(tmp_path if place == "folder" else tmp_path / "file" / "ledger.duckdb")


@pytest.mark.parametrize("there", [True, False])
def test_no_permission_is_said(file: Path, there: bool, process: Callable[..., subprocess.Popen[str]]) -> None:
    if there:
        DuckLedger(file).close()
        file.chmod(0o400)
    file.parent.chmod(0o555)
    for above in list(file.parent.parents)[:3]:
        above.chmod(above.stat().st_mode | 0o011)
    program = """
        if os.geteuid() == 0: os.seteuid(65534)
        try: DuckLedger(sys.argv[1])
        except LedgerError as error: print(error)
    """
    said, _ = process(program, file).communicate()
    assert "no permission to write there" in said
    assert said.count("\n") == 1


FILL = """
    ledger = DuckLedger(sys.argv[1])
    ledger.put([event(1)])
    LIMIT
    kept = [1]
    try:
        for number in range(2, 5000):
            ledger.put([event(number, os.urandom(8000).hex())])
            kept.append(number)
    except LedgerError as error: print(error)
    try: ledger.put([event(9999, os.urandom(20000000).hex())])
    except LedgerError as error: print(error)
    there = {row.seq for row in ledger.rows(EventRow)}
    assert there >= set(kept), set(kept) - there
    ROOM
    ledger.put([event(5000)])
    print(*kept, 5000)
"""


def _full_disk(
    process: Callable[..., subprocess.Popen[str]], file: Path, limit: str, room: str
) -> tuple[list[str], set[int]]:
    """What was said, and the rows acknowledged, of a ledger whose disk was full for a while."""
    said, _ = process(FILL.replace("LIMIT", limit).replace("ROOM", room), file).communicate()
    *complaints, numbers = said.splitlines()
    return complaints, set(map(int, numbers.split()))


@pytest.mark.parametrize("bytes_allowed", [1_000_000, 10_000_000])
def test_a_full_disk_is_said_in_one_line_and_loses_nothing_acknowledged(
    file: Path, bytes_allowed: int, process: Callable[..., subprocess.Popen[str]]
) -> None:
    soft = "resource.setrlimit(resource.RLIMIT_FSIZE, ({}, resource.RLIM_INFINITY))"
    complaints, kept = _full_disk(process, file, soft.format(bytes_allowed), soft.format(resource.RLIM_INFINITY))
    assert [re.sub(".*: the", "the", line) for line in complaints] == [
        "the disk is full: free some space, then go on; what was acknowledged is kept"
    ] * 2
    assert len(kept) > 20
    assert kept <= {row.seq for row in DuckLedger(file).rows(EventRow)}


@pytest.mark.root
@pytest.mark.skipif(not AS_ROOT, reason="mounts a file system")
@pytest.mark.parametrize("size", ["4m", "20m"])
def test_a_full_file_system_loses_nothing_acknowledged(
    tmp_path: Path, size: str, process: Callable[..., subprocess.Popen[str]]
) -> None:
    """At 4 MB the log does not fit, at 20 MB what is made of it at a checkpoint."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        file = tmp_path / "ledger.duckdb"
        complaints, kept = _full_disk(
            process, file, "", f"assert os.system('mount -o remount,size=200m {tmp_path}') == 0"
        )
        assert all("the disk is full" in line for line in complaints)
        assert len(complaints) == 2
        found = DuckLedger(file)
        assert kept <= {row.seq for row in found.rows(EventRow)}
        found.close()
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_a_killed_writer_loses_nothing_acknowledged(file: Path, process: Callable[..., subprocess.Popen[str]]) -> None:
    """Five times, each at another moment; the log is small, so that some kills fall into a checkpoint."""
    program = """
        ledger = DuckLedger(sys.argv[1])
        ledger._connection.execute("SET checkpoint_threshold = '64KB'")
        seq = int(sys.argv[2])
        while True:
            ledger.put([event(seq, "x" * 2000)])
            print(seq, flush=True)
            seq += 1
    """
    acknowledged: list[int] = []
    for after in (1, 7, 40, 90, 133):
        writer = process(program, file, len(acknowledged) * 2 + 1)
        assert writer.stdout is not None
        heard = [int(writer.stdout.readline()) for _ in range(after)]
        writer.kill()
        rest, _ = writer.communicate()
        acknowledged += heard + [int(line) for line in rest.split("\n")[:-1] if line]
        ledger = DuckLedger(file)
        found = [row.seq for row in ledger.rows(EventRow)]
        ledger.close()
        assert set(acknowledged) <= set(found)
        assert len(found) == len(set(found)) <= len(acknowledged) + 5


def _refused(path: Path) -> str:
    """What is said when it is opened, or first read."""
    with pytest.raises(LedgerError) as raised:
        DuckLedger(path).rows(EventRow)
    said = str(raised.value)
    assert str(path) in said
    assert "\n" not in said
    return said
