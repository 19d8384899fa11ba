"""What is tried out inside must be able to succeed where nothing holds it, however deep the folder lies."""

from pathlib import Path

import pytest

from qtest.adapters.sandbox import attempts
from qtest.adapters.sandbox.trial import _victims


@pytest.mark.parametrize("name", ["near", "a" * 120])
def test_a_listener_at_a_path_is_reached_where_nothing_stands_between(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with _victims(folder, "s" * 8):
        facts = {"folder": str(folder), "port": 9, "abstract": "qtest-nobody-listens"}
        assert attempts.connects(facts) == ("no network", "escaped")
        (folder / "socket").unlink()
        assert attempts.connects(facts) == ("no network", "held")
