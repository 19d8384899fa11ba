"""How pytest is called: the project's own configuration, minus what would spread, measure or remember."""

import os
import re
import shlex
import sys


def arguments(settings, extra=()):
    """`settings`: folder, root (of the project, relative), files. Disabled plugins are those that would get in the way."""
    quiet = [
        "-p",
        "no:cacheprovider",
        "-q",
        "--color=no",
        "-o",
        "addopts=" + kept_options(settings),
        "--basetemp=" + scratch("base"),
        "-W",  # settings of plugins that are not here, where warnings are errors
        "ignore::pytest.PytestConfigWarning",
    ]
    return quiet + list(extra) + [path_of(settings, name) for name in settings.get("files") or ()]


def enter(settings):
    """Be where a user would be: in the project's folder, which `python -m pytest` puts on the import path."""
    where = os.path.join(settings["folder"], settings["root"]) if settings["root"] else settings["folder"]
    os.chdir(where)
    if where not in sys.path:
        sys.path.insert(0, where)


def scratch(name):
    return os.path.join(os.environ.get("TMPDIR", "/tmp"), "%s-%d" % (name, os.getpid()))


def path_of(settings, name):
    """Node ids are relative to the project's folder, where pytest runs; paths of files are relative to the tree."""
    root = settings["root"]
    return name[len(root) + 1 :] if root and name.startswith(root + "/") else name


_ALONE = {
    "-x",
    "-l",
    "-q",
    "-v",
    "-vv",
    "-qq",
    "--exitfirst",
    "--verbose",
    "--quiet",
    "--showlocals",
    "--ff",
    "--lf",
    "--nf",
    "--sw",
    "--failed-first",
    "--last-failed",
    "--strict-config",
}
_WITH_VALUE = {
    "-n",
    "-r",
    "--numprocesses",
    "--dist",
    "--maxprocesses",
    "--maxfail",
    "--timeout",
    "--tb",
    "--color",
    "--cov",
    "--junitxml",
    "--junit-xml",
    "--html",
    "--durations",
}
_FAMILIES = (
    "-n",
    "-r",
    "-v",
    "-q",
    "--cov",
    "--no-cov",
    "--dist",
    "--numprocesses",
    "--maxprocesses",
    "--maxfail",
    "--timeout",
    "--tb",
    "--color",
    "--junit",
    "--html",
    "--self-contained-html",
    "--durations",
    "--benchmark",
    "--bandit",
    "--codestyle",
    "--docstyle",
    "--flake",
    "--pep257",
    "--pep8",
    "--pycodestyle",
    "--pydocstyle",
    "--pyflakes",
    "--black",
    "--mypy",
    "--pylint",
    "--ruff",
    "--isort",
    "--checkdocs",
    "--cache",
)


def kept_options(settings):
    """The project's addopts without parallel runs, coverage and their like: they change how tests run, not what they say."""
    kept, words = [], _addopts()
    while words:
        word = words.pop(0)
        if word in _WITH_VALUE and words and not words[0].startswith("-"):
            words.pop(0)
        elif word not in _ALONE and word not in _WITH_VALUE and not word.startswith(_FAMILIES):
            kept.append(word)
    if any(map(_is_profile, kept)) and not any("conftest.py" in files for _, _, files in os.walk(".")):
        kept = [word for word in kept if not _is_profile(word)]  # nobody registers it, and pytest would not start
    return " ".join(shlex.quote(word) for word in kept)


def _is_profile(word):
    return word.startswith("--hypothesis-profile=")


def _addopts():
    """From the file that pytest would take its configuration from, in the folder we are in."""
    for name, pattern in _FILES:
        try:
            with open(name, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            continue
        section = re.search(pattern, text, re.M | re.S)
        if section is None:
            continue
        found = re.search(r"^addopts[ \t]*=[ \t]*(.*?)(?=^[ \t]*[\w.-]+[ \t]*=|\Z)", section.group(1), re.M | re.S)
        return _words(found.group(1).strip()) if found else []
    return []


_FILES = (
    ("pytest.toml", r"^\[pytest\][^\n]*\n(.*?)(?=^\[|\Z)"),
    ("pytest.ini", r"^\[pytest\][^\n]*\n(.*?)(?=^\[|\Z)"),
    ("pyproject.toml", r"^\[tool\.pytest(?:\.ini_options)?\][^\n]*\n(.*?)(?=^\[\w|\Z)"),
    ("tox.ini", r"^\[pytest\][^\n]*\n(.*?)(?=^\[|\Z)"),
    ("setup.cfg", r"^\[tool:pytest\][^\n]*\n(.*?)(?=^\[|\Z)"),
)


def _words(text):
    """An ini value, a TOML string or a TOML list of strings."""
    if text.startswith("["):
        return [a or b for a, b in re.findall(r"\"([^\"\n]*)\"|'([^'\n]*)'", text[: text.find("]") + 1])]
    for quote in ('"""', "'''", '"', "'"):
        if text.startswith(quote):
            text = text[len(quote) : text.find(quote, len(quote))]
            break
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()
