"""Runs git on what must not be trusted: in an environment made from nothing, with bounds, and without what could run a program."""

import os
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from qtest.errors import without_logins

_SETTINGS = (
    ("advice.detachedHead", "false"),
    ("core.askPass", ""),
    ("core.attributesFile", os.devnull),
    ("core.bigFileThreshold", "16m"),  # larger objects are streamed, not held in memory
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("credential.helper", ""),
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("init.defaultBranch", "main"),
    ("log.showSignature", "false"),
    ("maintenance.auto", "false"),
    ("protocol.version", "2"),
    ("safe.bareRepository", "explicit"),
    ("safe.directory", "*"),  # what would be dangerous in another user's repository is off for every repository
    ("submodule.recurse", "false"),
)
_PASSED = (
    "PATH", "TMPDIR", "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
    "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
)  # fmt: skip
_NONE = "none"  # the name of no transport
_MEMORY = 4 << 30  # bytes of address space of one process
_LOOK_S = 0.1
_ERRORS = 1 << 20


class GitFailed(Exception):
    """`kind` says how: git is not there, it took too long, it brought too much, or it ended with an error. `said` is its standard
    error without logins, in lines."""

    def __init__(self, kind: Literal["absent", "time", "size", "exit"], said: str = "") -> None:
        super().__init__(f"{kind}: {said}")
        self.kind, self.said = kind, said

    @property
    def line(self) -> str:
        """What matters most of it, in one line."""
        words = {"absent": "git is not installed", "time": "git took too long", "size": "it is too large"}
        lines = [line for line in self.said.splitlines() if line.strip()]
        fatal = [line for line in lines if line.startswith("ssh:")]
        fatal += [line for line in lines if line.startswith(("fatal:", "error:"))]
        return words.get(self.kind) or (fatal or lines or ["git ended with an error"])[0].strip()


@dataclass(frozen=True)
class Bounds:
    """`size` in bytes, of what is printed and of `watched`, a folder that git writes into, each."""

    wall_s: float
    size: int
    watched: Path | None = None


@dataclass(frozen=True)
class Git:
    """`outer` is the user's environment, of which the way to programs and servers is taken. Raises GitFailed."""

    outer: Mapping[str, str] = field(repr=False)

    def read(
        self,
        *arguments: str,
        folder: Path,
        bounds: Bounds,
        stdin: bytes = b"",
        transports: Sequence[str] = (),
        settings: Sequence[tuple[str, str]] = (),
        variables: Mapping[str, str] | None = None,
    ) -> bytes:
        """See `output`."""
        with self.output(
            *arguments,
            folder=folder,
            bounds=bounds,
            stdin=stdin,
            transports=transports,
            settings=settings,
            variables=variables,
        ) as printed:
            return printed.read()

    @contextmanager
    def output(
        self,
        *arguments: str,
        folder: Path,
        bounds: Bounds,
        stdin: bytes = b"",
        transports: Sequence[str] = (),
        settings: Sequence[tuple[str, str]] = (),
        variables: Mapping[str, str] | None = None,
    ) -> Iterator[IO[bytes]]:
        """What it printed, as a file that is gone at the end. `variables` may hold secrets, `settings` too: both go by
        the environment. No transport is open unless it is named."""
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as errors:
            given.write(stdin)
            given.seek(0)
            environment = self._environment(transports, settings) | dict(variables or {})
            try:
                process = subprocess.Popen(
                    ["git", "--no-pager", *arguments],
                    cwd=folder,
                    env=environment,
                    stdin=given,
                    stdout=printed,
                    stderr=errors,
                    start_new_session=True,
                )
            except FileNotFoundError as error:
                raise GitFailed("absent") from error
            with process:
                try:
                    _bound_memory(process.pid)
                    kind = _ended(process, (printed, errors), bounds)
                finally:
                    _end(process)
            if kind != "exit" or process.returncode:
                errors.seek(0)
                raise GitFailed(kind, without_logins(errors.read(_ERRORS).decode("utf-8", "replace")))
            printed.seek(0)
            yield printed

    def _environment(self, transports: Sequence[str], settings: Sequence[tuple[str, str]]) -> dict[str, str]:
        made = {name: self.outer[name] for name in _PASSED if self.outer.get(name)}
        if "ssh" in transports and self.outer.get("SSH_AUTH_SOCK"):
            made["SSH_AUTH_SOCK"] = self.outer["SSH_AUTH_SOCK"]
        made |= {
            "GIT_ALLOW_PROTOCOL": ":".join(transports) or _NONE,  # also what a missing object would be fetched by
            "GIT_ASKPASS": "",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=15",
            "GIT_TERMINAL_PROMPT": "0",
            "HOME": os.devnull,
            "LC_ALL": "C",
        }
        return made | as_variables((*_SETTINGS, *settings))


def as_variables(settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Settings as git reads them from its environment: a command line can be seen by everybody."""
    made = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings):
        made |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return made


def _ended(
    process: subprocess.Popen[bytes], written: Sequence[IO[bytes]], bounds: Bounds
) -> Literal["time", "size", "exit"]:
    deadline = time.monotonic() + bounds.wall_s
    while True:
        try:
            process.wait(min(_LOOK_S, max(0.0, deadline - time.monotonic())))
            over = False
        except subprocess.TimeoutExpired:
            over = time.monotonic() >= deadline
        sizes = [os.fstat(file.fileno()).st_size for file in written]
        if max(*sizes, _size(bounds.watched)) > bounds.size:
            return "size"
        if over or process.returncode is not None:
            return "time" if over else "exit"


def _size(folder: Path | None) -> int:
    """In bytes; files come and go meanwhile."""
    total = 0
    for where, _, names in os.walk(folder) if folder else ():
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_size
            except FileNotFoundError:
                continue
    return total


def _bound_memory(process: int) -> None:
    """A few kilobytes of deltas can ask for all memory there is."""
    try:
        resource.prlimit(process, resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except (OSError, ValueError):  # it has ended, or its limit is lower
        pass


def _end(process: subprocess.Popen[bytes]) -> None:
    """With all it has started: its helpers hold the connection."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
