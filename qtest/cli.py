"""Parse arguments, hand them to one command, and turn what went wrong into one line and an exit code."""

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from qtest.arguments import one_line, parser
from qtest.errors import QTestError, without_logins


def main(argv: Sequence[str] | None = None) -> int:
    """Commands are imported when asked for: `qtest --help` must answer at once."""
    arguments = parser().parse_args(argv)
    try:
        return int(importlib.import_module(f"qtest.commands.{arguments.command.replace('-', '_')}").main(arguments))
    except QTestError as error:
        print(f"qtest: {one_line(str(error))}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("qtest: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), 1
        )  # who reads us has left; nothing more to say, and no traceback at exit
        return 141
    except Exception as error:  # the front door: a defect of ours is said with its traceback kept for the report
        return _defect(error)


def _defect(error: Exception) -> int:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="qtest-defect-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as file:
        file.write(without_logins("".join(traceback.format_exception(error))))
    print(
        f"qtest: a defect of QTest itself: {type(error).__name__}: {one_line(str(error))[:300]}; details in {Path(file.name)}",
        file=sys.stderr,
    )
    return 3
