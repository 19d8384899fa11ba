"""`qtest ci`: write a workflow for GitHub Actions that runs a project's tests, and `qtest pr-check` on pull requests."""

import argparse
import importlib.metadata
import json
from pathlib import Path

from qtest.adapters import folder
from qtest.ci.jobs import find_jobs
from qtest.ci.workflow import PATH, VARIABLE, is_requirement, ours, render
from qtest.errors import UsageError
from qtest.ingest.bundle import ingest
from qtest.report.text import visible
from qtest.wiring import open_library


def main(arguments: argparse.Namespace) -> int:
    top = folder.check(arguments.folder)
    if arguments.qtest is not None and not is_requirement(arguments.qtest):
        raise UsageError(f"--qtest {arguments.qtest}: expected one requirement as pip reads it, such as qtest==1.2")
    requirement = arguments.qtest or own_requirement()
    path = Path(arguments.out) if arguments.out else Path(arguments.folder, PATH)
    if not arguments.out:
        must_be_read_there(top)
    must_be_ours(path)
    with open_library() as desk:
        bundle = ingest(desk.fetcher.fetch(arguments.folder), desk.store)
        jobs = find_jobs(bundle.projects, {file.path: desk.store.get(file.sha256) for file in bundle.files})
    written(path, render(jobs, requirement))
    for job in jobs:
        print(f"{job.root or '.'}: {job.framework}, as told by {job.why}: {'; '.join(job.test)}")
    if not jobs:
        print("no tests were found: the workflow only has `qtest pr-check`")
    print(f"wrote {visible(str(path))}; review it and commit it")
    if not requirement:
        print(f"set the repository variable {VARIABLE} to what pip installs for QTest, or say it with --qtest")
    return 0


def must_be_read_there(top: Path) -> None:
    """Raises UsageError for a folder inside a repository: GitHub looks for workflows at its top only."""
    repository = next((above for above in (top, *top.parents) if (above / ".git").exists()), top)
    if repository != top:
        raise UsageError(
            f"{top}: lies in the repository {repository}, and workflows are read at its top only; give that, or --out"
        )


def must_be_ours(path: Path) -> None:
    """Raises UsageError for what a person wrote, or changed."""
    if path.is_symlink():
        raise UsageError(f"{path}: is a link; it was not touched. Name another file with --out")
    try:
        text = path.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); name another file with --out") from error
    if not ours(text):
        raise UsageError(
            f"{path}: exists, and is not as `qtest ci` wrote it; it was not touched. Name another with --out"
        )


def written(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); name another file with --out") from error


def own_requirement() -> str:
    """Where this QTest came from, when a runner can have it from there too; empty when not."""
    try:
        said = importlib.metadata.distribution("qtest").read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return ""
    return of_origin(said or "")


def of_origin(direct_url: str) -> str:
    """A commit of a repository as pip notes it (PEP 610); a folder of this machine, or an index that is not told, says nothing."""
    told = json.loads(direct_url) if direct_url else {}
    version = told.get("vcs_info", {})
    requirement = f"git+{told.get('url')}@{version.get('commit_id')}"
    public = requirement.startswith("git+https://") and requirement.count("@") == 1  # a second one would be a login
    return requirement if public and is_requirement(requirement) else ""
