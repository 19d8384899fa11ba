"""A GitHub of this test's own."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Any]:
    """Asked for a repository `org/tools` with one commit, which the login `robot` with the token `robot-secret` may push to."""
    from hub.server import opened

    with opened(tmp_path / "hub") as hub:
        repo = hub.state.repo("org/tools", {"robot": "write", "owner": "admin"})
        hub.state.token("robot", "robot-secret")
        repo.commit({"tools.py": "def double(x):\n    return 2 * x\n"})
        yield hub
