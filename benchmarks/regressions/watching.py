"""Copied beside the tests as their conftest.py: writes down how each ended, and whether it entered a function that was mended."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

_ASKED = json.loads(os.environ["WATCHED"])
_FILE = os.path.realpath(_ASKED["file"])
_CHANGED = frozenset(_ASKED["changed"])
_seen: dict[str, dict[str, Any]] = {}
_broken: list[str] = []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    seen = _seen.setdefault(item.nodeid, {"ended": "", "why": "", "here": False, "touched": False})

    def profile(frame: Any, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_qualname in _CHANGED and os.path.realpath(code.co_filename) == _FILE:
            seen["touched"] = True

    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(None)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    seen = _seen.setdefault(report.nodeid, {"ended": "", "why": "", "here": False, "touched": False})
    if report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        here = os.path.realpath(str(getattr(crash, "path", ""))) == os.path.realpath(report.nodeid.partition("::")[0])
        seen.update(ended="failed", why=str(getattr(crash, "message", ""))[:300], here=here)
    elif report.when == "call" and not seen["ended"]:
        seen["ended"] = "passed" if report.passed and not hasattr(report, "wasxfail") else "left out"


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _broken.append(report.nodeid)


def pytest_sessionfinish() -> None:
    Path(_ASKED["out"]).write_text(json.dumps({"tests": _seen, "broken": _broken}), "utf-8")
