"""A run that was asked for pull requests and cut off hands over when it is resumed."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qtest.chronicle import begin
from qtest.cli import main
from qtest.commands import resume
from qtest.config import Config, PullSettings, TargetSettings
from qtest.records.report import RunReport
from qtest.records.run import EventRow
from qtest.wiring import home

RUN = "20260101-000000-abcd"


@pytest.fixture
def cut_off(hub: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store that remembers such a run."""
    monkeypatch.setenv("QTEST_STORE", str(tmp_path / "store"))
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    target = TargetSettings(repository=f"{hub.host}/org/tools")
    config = Config(target=target, pulls=PullSettings(open=True))
    with closing(home(None).ledger()) as ledger:
        begin(ledger, RUN, config, 1)
        ledger.put((EventRow(run=RUN, seq=1, made=1, stage="", kind="ordered", payload=""),))
    return tmp_path


def test_what_came_of_it_is_handed_over(
    hub: Any, cut_off: Path, report_of: Callable[..., RunReport], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    repo = hub.state.find("org/tools")
    report = report_of(repo.tip("main"), {})
    monkeypatch.setattr(resume, "follow", lambda config, run, out: report)  # which is Ray's part
    monkeypatch.setenv("QTEST_GIT_TOKEN", "robot-secret")
    main(["resume", RUN, "--out", str(cut_off / "out")])
    assert "no pull request: no test was kept" in capsys.readouterr().out


def test_without_a_token_it_is_refused_before_any_work(hub: Any, cut_off: Path, capsys: Any) -> None:
    assert main(["resume", RUN]) == 2
    assert "there is no token" in capsys.readouterr().err
    assert hub.asked == []
