"""The formatter that makes a rendered file look as the project's own: a command as data, over standard input."""

from qtest.records.file import TestStyle


def format_command(style: TestStyle) -> tuple[str, ...]:
    """Run with the text on standard input; reads no configuration and executes none of the text."""
    quotes = "double" if style.quote == '"' else "single"
    return (
        "ruff",
        "format",
        "--isolated",
        "--no-cache",
        "--stdin-filename=test_generated.py",
        f"--config=line-length={style.line_length}",
        f'--config=format.quote-style="{quotes}"',
        "-",
    )
