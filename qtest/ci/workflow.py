"""The text of the workflow. Nothing of an event stands in a `run:`: what a stranger may write goes by the environment, as data."""

import re
from collections.abc import Iterator, Mapping, Sequence

from qtest.records.job import Job
from qtest.records.record import digest_of

PATH = ".github/workflows/qtest.yml"
CHECKOUT = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2"
SETUP_PYTHON = "actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0"
UPLOAD = "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1"
VARIABLE = "QTEST_REQUIREMENT"
_PYTHON = "3.13"  # where the project does not say which; and of QTest itself
_MARK = "# Written by `qtest ci`, which renews it as long as nobody has changed it: "
_RUNNER = "ubuntu-24.04"
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:/+=~<>!,\[\]#&-]*")


def render(jobs: Sequence[Job], requirement: str) -> str:
    """`requirement` is what pip installs for QTest; empty for the repository's variable."""
    tests = (line for number, job in enumerate(jobs) for line in _tests(job, _id(job, number)))
    body = "\n".join((*_head(), *tests, *_check(jobs, requirement))) + "\n"
    return f"{_MARK}{digest_of(body)}\n{body}"


def ours(text: str) -> bool:
    """Written by us, and as we wrote it."""
    first, _, body = text.partition("\n")
    return first == f"{_MARK}{digest_of(body)}"


def is_requirement(text: str) -> bool:
    """Whether it can stand in a workflow: in one word, and without an expression."""
    return bool(_REQUIREMENT.fullmatch(text))


def _head() -> Iterator[str]:
    yield from (
        "name: QTest",
        "",
        "on:",
        "  pull_request:",
        "  push:",
        "    branches: [main, master]",
        "",
        "permissions:",
        "  contents: read",
        "",
        "concurrency:",
        "  group: ${{ github.workflow }}-${{ github.ref }}",
        "  cancel-in-progress: true",
        "",
        "jobs:",
    )


def _tests(job: Job, name: str) -> Iterator[str]:
    yield f"  {name}:"
    yield f"    name: {_said(f'{job.framework} in {job.root}' if job.root else job.framework)}"
    yield f"    # {job.framework}, as told by {job.why}"
    yield f"    runs-on: {_RUNNER}"
    yield "    timeout-minutes: 60"
    if job.root:
        yield from ("    defaults:", "      run:", f"        working-directory: {_said(job.root)}")
    yield "    steps:"
    yield from _checkout()
    yield from _python(job.python_file)
    yield from _run("Install", job.install)
    yield from _run("Run the tests", job.test)
    yield from _run("Collect coverage", job.collect)
    yield from _upload(f"coverage-{name}", f"{job.root}/coverage.xml" if job.root else "coverage.xml")
    yield ""


def _check(jobs: Sequence[Job], requirement: str) -> Iterator[str]:
    """QTest has a Python of its own, and finds that of the project on the path."""
    given = _said(requirement) if requirement else f"${{{{ vars.{VARIABLE} }}}}"
    yield from (
        "  qtest:",
        "    name: qtest pr-check",
        "    if: github.event_name == 'pull_request'",
        f"    runs-on: {_RUNNER}",
        "    timeout-minutes: 60",
        "    permissions:",
        "      contents: read",
        "      pull-requests: write # for the comment; on a pull request from a fork it is read-only all the same",
        "    steps:",
    )
    yield from _checkout()
    yield from (
        "      - id: python",
        f"        uses: {SETUP_PYTHON}",
        "        with:",
        f'          python-version: "{_PYTHON}"',
    )
    yield "          update-environment: false"
    yield from _python(jobs[0].python_file if jobs else "")
    yield from _run("Let the sandbox make namespaces, which Ubuntu forbids", ALLOW)
    install = (
        f'if [ -z "$REQUIREMENT" ]; then echo "set the repository variable {VARIABLE} to what pip installs for QTest"; exit 2; fi',
        '"$PYTHON" -m venv "$RUNNER_TEMP/qtest"',
        '"$RUNNER_TEMP/qtest/bin/pip" install "$REQUIREMENT"',
    )
    yield from _run(
        "Install QTest", install, {"REQUIREMENT": given, "PYTHON": "${{ steps.python.outputs.python-path }}"}
    )
    yield from _run(
        "Check what the pull request touches",
        ('"$RUNNER_TEMP/qtest/bin/qtest" pr-check . --since "$BASE" --comment',),
        {"BASE": "${{ github.event.pull_request.base.sha }}", "GITHUB_TOKEN": "${{ github.token }}"},
    )
    yield from _upload("qtest", "qtest-out")


ALLOW = (
    "if [ -e /proc/sys/kernel/apparmor_restrict_unprivileged_userns ]; then",
    "  sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    "fi",
)


def _checkout() -> Iterator[str]:
    """With its history: versions are read from tags, and a change from where it began."""
    yield from (
        f"      - uses: {CHECKOUT}",
        "        with:",
        "          fetch-depth: 0",
        "          persist-credentials: false",
    )


def _python(file: str) -> Iterator[str]:
    """As the project's own file says, where one does."""
    yield from (f"      - uses: {SETUP_PYTHON}", "        with:")
    yield f"          python-version-file: {_said(file)}" if file else f'          python-version: "{_PYTHON}"'


def _run(name: str, lines: Sequence[str], variables: Mapping[str, str] | None = None) -> Iterator[str]:
    yield f"      - name: {name}"
    if variables:
        yield "        env:"
        yield from (f"          {variable}: {value}" for variable, value in variables.items())
    yield "        run: |"
    yield from (f"          {line}" for line in lines)


def _upload(name: str, path: str) -> Iterator[str]:
    yield from (
        f"      - uses: {UPLOAD}",
        "        if: always()",
        "        with:",
        f"          name: {name}",
        f"          path: {_said(path)}",
        "          if-no-files-found: ignore",
    )


def _id(job: Job, number: int) -> str:
    return f"{job.framework}-{number + 1}" if job.root else job.framework


def _said(text: str) -> str:
    """As YAML reads it back as text."""
    return f'"{text}"' if not re.fullmatch(r"[A-Za-z][A-Za-z0-9 ./_-]*", text) else text
