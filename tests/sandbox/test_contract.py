"""What every adapter owes its callers: how commands end, how workers speak, what closing does."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtest.adapters.sandbox import ADAPTERS, adapter, choose
from qtest.errors import SandboxError, WorkerLost
from qtest.ports import Sandbox, Session
from qtest.records.sandbox import REQUIRED, Completed, Limits, Promise, SandboxSpec

HOLD = "hold() { (head -c 20000000 /dev/zero; sleep 2) | tail -c 20000000 >/dev/null || kill $$; }"  # or is killed
pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module", params=[*ADAPTERS, "unsafe"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    found: Sandbox = adapter(request.param)()
    if request.param != "unsafe" and found.probe().missing:
        if os.environ.get("QTEST_REQUIRE_ALL") == "1":
            pytest.fail(f"{request.param} does not hold here")
        pytest.skip(f"{request.param} does not hold here")
    return found


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[Session]:
    with sandbox.open(SandboxSpec()) as opened:
        yield opened


@pytest.fixture
def folder() -> Iterator[Path]:
    """Named as QTest names its own: as root the reduced sandbox lets another user pass through those only."""
    with tempfile.TemporaryDirectory(prefix="qtest-contract-") as path:
        yield Path(path)


def sh(session: Session, script: str, **more: float) -> Completed:
    return session.run(["/bin/sh", "-c", script], wall_s=more.get("wall_s"))


def test_code_output_and_errors_come_back(session: Session) -> None:
    done = sh(session, "echo out; echo err >&2; exit 3")
    assert (done.code, done.signal, done.limit, done.stdout, done.stderr) == (3, None, "", "out\n", "err\n")


def test_a_signal_is_no_exit_code(session: Session) -> None:
    done = sh(session, "kill -9 $$")
    assert (done.code, done.signal, done.ok) == (None, 9, False)


def test_standard_input_arrives_whole(session: Session) -> None:
    assert session.run(["/bin/cat"], stdin=b"a" * 300_000).stdout == "a" * 300_000


def test_a_command_that_is_not_there_ends_with_127(session: Session) -> None:
    done = session.run(["no-such-command"])
    assert done.code == 127
    assert "no-such-command" in done.stderr


def test_the_wall_limit_ends_it_and_the_next_command_works(session: Session) -> None:
    assert sh(session, "sleep 300", wall_s=0.2).limit == "wall"
    assert sh(session, "echo next").stdout == "next\n"


def test_a_flood_ends_at_the_cap(session: Session) -> None:
    done = sh(session, "yes")
    assert done.limit == "output"
    assert len(done.stdout) < 16 << 20


def test_a_daemon_holding_the_pipe_is_not_waited_for_nor_left(session: Session) -> None:
    assert sh(session, "(sleep 287 &); echo started").stdout == "started\n"
    deadline = time.monotonic() + 10
    while _sleeps(b"287") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _sleeps(b"287")


def _sleeps(seconds: bytes) -> bool:
    """Seen from outside, where no namespace hides a process; the dead have no command line."""
    return any(path.read_bytes() == b"sleep\0" + seconds + b"\0" for path in _command_lines())


def _command_lines() -> Iterator[Path]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            path.read_bytes()
        except OSError:
            continue
        yield path


def test_nothing_of_our_environment_is_inherited(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QTEST_SECRET", "x")
    assert "QTEST_SECRET" not in sh(session, "env").stdout


def test_no_signal_is_blocked_or_ignored_whatever_we_have_blocked_and_ignored(sandbox: Sandbox) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with sandbox.open(SandboxSpec()) as session:
            ended = [sh(session, f"kill -{name} $$; echo alive").signal for name in ("HUP", "INT")]
    finally:
        signal.signal(signal.SIGHUP, before)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    assert ended == [signal.SIGHUP, signal.SIGINT]


def test_home_and_temporary_files_are_in_scratch(session: Session) -> None:
    assert (
        sh(session, 'cd "$HOME" && touch here && echo "$HOME $TMPDIR"').stdout
        == f"{session.scratch} {session.scratch}\n"
    )


def test_commands_run_beside_each_other(session: Session) -> None:
    results: dict[int, str] = {}
    threads = [
        threading.Thread(target=lambda n=n: results.update({n: sh(session, f"echo {n}").stdout})) for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: f"{n}\n" for n in range(6)}


def test_a_worker_answers_and_its_silence_is_empty(session: Session) -> None:
    worker = session.worker(["/bin/cat"])
    worker.send(b"hello")
    assert worker.receive(10) == b"hello"
    assert worker.receive(0.05) == b""


def test_a_worker_that_ended_is_lost(session: Session) -> None:
    worker = session.worker(["/bin/sh", "-c", "echo why >&2"])
    with pytest.raises(WorkerLost):
        worker.receive(10)
    assert worker.errors() == "why\n"


def test_a_killed_worker_is_lost_and_the_session_lives(session: Session) -> None:
    worker = session.worker(["/bin/cat"])
    worker.kill()
    with pytest.raises(WorkerLost):
        worker.receive(10)
    assert sh(session, "echo alive").stdout == "alive\n"


def test_work_in_progress_is_counted(session: Session) -> None:
    worker = session.worker(["/bin/sh", "-c", "while :; do :; done"])
    deadline = time.monotonic() + 30
    while worker.cpu_s() < 0.05 and time.monotonic() < deadline:
        worker.receive(0.05)
    assert worker.cpu_s() >= 0.05


def test_an_overlaid_folder_can_be_changed_and_nothing_of_it_stays(sandbox: Sandbox, folder: Path) -> None:
    tree = folder / "copy"
    tree.mkdir()
    (tree / "kept").write_text("before")
    (tree / "kept").chmod(0o600)
    (tree / "folder").mkdir()
    (tree / "folder" / "deep").write_text("deep")
    with sandbox.open(SandboxSpec(overlaid=(str(tree),), cwd=str(tree))) as session:
        done = sh(session, "cat kept && echo after > kept && rm -r folder && mkdir -p new/er && cat kept")
        assert (done.code, done.stdout) == (0, "beforeafter\n")
        assert "new" in sh(session, "ls").stdout
    assert (tree / "kept").read_text() == "before"
    assert sorted(path.name for path in tree.iterdir()) == ["folder", "kept"]
    assert (tree / "folder" / "deep").read_text() == "deep"


def test_a_path_that_is_not_there_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    with pytest.raises(SandboxError, match="missing"):
        sandbox.open(SandboxSpec(readable=(missing,)))


def test_closing_twice_is_closing_once(sandbox: Sandbox) -> None:
    session = sandbox.open(SandboxSpec())
    session.close()
    session.close()
    with pytest.raises(SandboxError):
        session.run(["/bin/true"])


def test_the_limit_on_processes_is_each_session_s_own(sandbox: Sandbox) -> None:
    if sandbox.name == "unsafe":
        pytest.skip("not promised")
    spec = SandboxSpec(limits=Limits(processes=8))
    with sandbox.open(spec) as one, sandbox.open(spec) as other:
        busy = one.worker(["/bin/sh", "-c", "sleep 300 & sleep 300 & sleep 300 & sleep 300 & echo up; wait"])
        assert busy.receive(10) == b"up\n"
        assert sh(other, "sleep 0 & sleep 0 & sleep 0 & sleep 0 & wait; echo fine").stdout == "fine\n"


def test_the_wall_limit_of_a_session_ends_its_workers_and_itself(sandbox: Sandbox) -> None:
    session = sandbox.open(SandboxSpec(limits=Limits(wall_s=0.5)))
    worker = session.worker(["/bin/cat"])
    with pytest.raises(WorkerLost):
        while not worker.receive(10):
            pass
    with pytest.raises(SandboxError, match="were over"):
        session.run(["/bin/true"])
    session.close()


def test_a_command_that_the_end_of_its_session_stops_has_hit_the_wall(sandbox: Sandbox) -> None:
    with sandbox.open(SandboxSpec(limits=Limits(wall_s=0.5))) as session:
        session.run(["/bin/true"])
        assert sh(session, "sleep 286").limit == "wall"


def test_memory_that_several_processes_take_together_is_bounded(sandbox: Sandbox) -> None:
    if sandbox.probe().level(Promise.MEMORY_GROUP) == "absent":
        pytest.skip("not promised")
    with sandbox.open(SandboxSpec(limits=Limits(group_memory=64 << 20))) as session:
        done = sh(session, f"{HOLD}; hold & hold & hold & hold & hold & wait", wall_s=60)
        assert done.limit == "memory"
        assert sh(session, "echo next").stdout == "next\n"


def test_the_one_that_is_chosen_holds_all_that_is_required() -> None:
    try:
        chosen = choose()
    except SandboxError as error:
        if os.environ.get("QTEST_REQUIRE_ALL") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
    assert all(chosen.probe().level(promise) == "enforced" for promise in REQUIRED)


def test_without_a_sandbox_every_guarantee_is_absent() -> None:
    found = choose(unsafe=True).probe()
    assert {found.level(promise) for promise in Promise} == {"absent"}


@pytest.mark.root
def test_a_path_that_the_code_inside_could_not_read_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    if os.geteuid() != 0 or sandbox.name == "unsafe":
        pytest.skip("only as root is the code inside another user")
    tmp_path.chmod(0o700)
    with pytest.raises(SandboxError, match="others may not read it"):
        sandbox.open(SandboxSpec(readable=(str(tmp_path),)))
