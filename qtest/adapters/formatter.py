"""Makes generated text look as the project's own: ruff's formatter over standard input, reading no configuration."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from qtest.adapters.credentials.variables import without_secrets
from qtest.errors import QTestError
from qtest.records.file import TestStyle


@dataclass(frozen=True)
class RuffFormatter:
    """Formatting parses text and runs none of it, so it needs no sandbox."""

    timeout_s: float = 60.0

    def format(self, text: str, style: TestStyle) -> str:
        quotes = "double" if style.quote == '"' else "single"
        command = [
            str(_ruff()),
            "format",
            "--isolated",
            "--no-cache",
            "--stdin-filename=test_generated.py",
            f"--config=line-length={style.line_length}",
            f'--config=format.quote-style="{quotes}"',
            "-",
        ]
        try:
            done = subprocess.run(
                command,
                input=text.encode(),
                capture_output=True,
                timeout=self.timeout_s,
                check=False,
                env=without_secrets(os.environ),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise QTestError(f"ruff format could not be run: {error}") from error
        if done.returncode != 0:
            raise QTestError(
                f"ruff format refused a generated file: {done.stderr.decode(errors='replace').strip()[:300]}"
            )
        return done.stdout.decode()


def _ruff() -> Path:
    """The one installed beside our interpreter."""
    return Path(sys.executable).with_name("ruff")
