"""What a fresh machine installs for a project's tests: as its lock file says, or its declarations."""

import configparser
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from qtest.ci.settings import table, toml

_TEST_WORDS = ("test", "tests", "testing", "dev")
TEST_FILES = (
    "requirements-test.txt", "requirements-tests.txt", "requirements_test.txt", "test-requirements.txt", "requirements/test.txt",
    "requirements/tests.txt", "tests/requirements.txt", "requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt", "requirements/dev.txt",
)  # fmt: skip
_BUILT = ("setup.py", "setup.cfg")


class Installed(NamedTuple):
    """`prefix` stands before each command that is to see what was installed."""

    prefix: str
    lines: tuple[str, ...]


def installed(files: Mapping[str, bytes], wanted: Sequence[str]) -> Installed:
    """`wanted` are the tools that we need besides."""
    tools = " ".join(wanted)
    if "uv.lock" in files:
        sync = "uv sync --frozen --all-extras --all-groups"
        return Installed("uv run --no-sync ", ("python -m pip install uv", sync, f"uv pip install {tools}"))
    if "poetry.lock" in files or table(toml(files.get("pyproject.toml", b"")), "tool", "poetry", "group"):
        install = ("poetry install --all-extras", f"poetry run python -m pip install {tools}")
        return Installed("poetry run ", ("python -m pip install poetry", *install))
    named = (f"python -m pip install -r {name}" for name in ("requirements.txt", *TEST_FILES) if name in files)
    return Installed("", (f"python -m pip install {tools}", *named, *_declared(files)))


def _declared(files: Mapping[str, bytes]) -> Iterator[str]:
    settings = toml(files.get("pyproject.toml", b""))
    if group := _first(table(settings, "dependency-groups")):
        yield f"python -m pip install --group {group}"
    if not ("project" in settings or "build-system" in settings or any(name in files for name in _BUILT)):
        return
    extra = _first((*table(settings, "project", "optional-dependencies"), *_old_extras(files.get("setup.cfg", b""))))
    yield f'python -m pip install -e ".[{extra}]"' if extra else "python -m pip install -e ."


def _first(offered: Container[str]) -> str:
    return next((word for word in _TEST_WORDS if word in offered), "")


def _old_extras(setup_cfg: bytes) -> tuple[str, ...]:
    config = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        config.read_string(setup_cfg.decode("utf-8", "replace"))
    except configparser.Error:
        return ()
    section = "options.extras_require"
    return tuple(config[section]) if config.has_section(section) else ()
