"""Real processes of a real cluster are killed while they hold leases; the tables end as those of a run that nobody disturbed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("killing.py")
pytestmark = [pytest.mark.ray, pytest.mark.sandbox]


def killed(tmp_path: Path, *asked: str) -> list[dict[str, Any]]:
    environment = os.environ | {"HOME": str(tmp_path), "RAY_AUTH_MODE": "disabled", "RAY_worker_niceness": "0"}
    environment |= {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")}
    environment.pop("RAY_ADDRESS", None)
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *asked], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def check(rounds: list[dict[str, Any]], expected: int) -> None:
    """A void round, in which nothing was struck, counts for nothing; its tables must be equal all the same."""
    undisturbed, *struck = rounds
    assert undisturbed["rows"]["tests"] and undisturbed["rows"]["verdicts"]
    for told in struck:
        assert told["equal"], told
        assert told["code"] in (0, None), told
    valid = [told for told in struck if not told["void"]]
    assert all(one["leases"] for told in valid for one in told["struck"])
    assert len(valid) == expected, [told["victim"] for told in valid]


def test_each_kind_of_process_may_die(tmp_path: Path) -> None:
    """Several in one run, to be short."""
    victims = ("ingest+model+measure+plan+write+assemble", "mutation worker+ledger", "supervisor+node", "driver")
    rounds = killed(tmp_path, "--victims", ",".join(victims), "--evaluations", "200")
    check(rounds, len(victims))


@pytest.mark.soak
def test_fifty_seeded_rounds(tmp_path: Path) -> None:
    rounds = killed(tmp_path, "--rounds", "50", "--seed", os.environ.get("QTEST_SOAK_SEED", "soak"))
    print("\n".join(json.dumps(told) for told in rounds))
    check(rounds, 50)
