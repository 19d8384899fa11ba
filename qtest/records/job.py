"""How a project's own tests are run on a fresh machine."""

from typing import Literal

from qtest.records.record import Record

Framework = Literal["pytest", "unittest", "tox", "nox"]


class Job(Record):
    """Of one project: lines of shell, run in `root` (relative to the tree, empty for its top). `python_file` names the file, relative
    to the tree, that says which Python; empty for none. `why` is what told the framework."""

    framework: Framework
    root: str
    why: str
    install: tuple[str, ...]
    test: tuple[str, ...]
    collect: tuple[str, ...]
    python_file: str = ""
