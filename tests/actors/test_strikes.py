"""A node of a real cluster dies with mutants in hand; the verdicts are those of a run that nobody disturbed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("striking.py")
pytestmark = [pytest.mark.ray, pytest.mark.sandbox]


def test_only_what_a_dead_node_had_in_hand_is_judged_again(tmp_path: Path) -> None:
    environment = os.environ | {"HOME": str(tmp_path), "RAY_AUTH_MODE": "disabled", "RAY_worker_niceness": "0"}
    environment |= {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")}
    environment.pop("RAY_ADDRESS", None)
    done = subprocess.run([sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    undisturbed, *rounds = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert (undisturbed["red"], undisturbed["verdicts"] > 40) == ("", True)
    assert all(told["equal"] for told in rounds), rounds
    last = rounds[-1]
    assert not last["void"]
    assert 0 < last["twice"] < last["orders"]
    assert last["idle"] == 0  # nothing whose verdict had come
