"""Installs what a project needs from wheels: as its lock file says where that can be had, and with a line for each thing that is left out."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qtest.adapters.credentials.variables import without_secrets
from qtest.adapters.imported import Import
from qtest.adapters.requirements import Needs
from qtest.errors import TargetEnvironmentError

TOOLS = ("pytest", "coverage")


@dataclass(frozen=True)
class Wheels:
    """`pip` is the command up to `install` and its options; `site` where packages go; `scratch` a folder for files that pip reads."""

    pip: tuple[str, ...]
    site: Path
    scratch: Path

    def install(self, needs: Needs) -> list[str]:
        """Notes on what was left out. A lock file that does not resolve here gives way to the ranges it was made from."""
        said, notes = self._attempt(needs)
        if said and needs.pins:
            pinned = said
            said, notes = self._attempt(replace(needs, pins=()))
            notes = [f"{needs.lock} is left aside, as its versions cannot be had here: {pinned}", *notes]
        if said:
            raise TargetEnvironmentError(
                f"the dependencies in {needs.said_in} cannot be installed from wheels: {said}; make an environment yourself and give it with --python"
            )
        return notes

    def add(self, imports: Sequence[Import], installed: Sequence[str]) -> list[str]:
        """What modules import and nothing has brought, beside what is there, which stays as it is. A note for each."""
        kept = replace(Needs(), pins=tuple(pin for pin in installed if not pin.startswith("setuptools==")))
        wanted = {one.requirement: one for one in imports}
        problems = {text: problem((*self._pip(kept), "--dry-run", text)) for text in wanted}
        can = [text for text, said in problems.items() if not said]
        said = problem((*self._pip(kept), "--upgrade", "--target", str(self.site), *can)) if can else ""
        return [_added(one, problems[text] or said) for text, one in wanted.items()]

    def _attempt(self, needs: Needs) -> tuple[str, list[str]]:
        """Why even the core cannot be had, or nothing; and notes on the tests' own requirements, which are only wished for."""
        kept, notes = list(needs.tests), []
        while said := self._into(needs, (*needs.core, *kept, *TOOLS)):
            absent = next((test for test in kept if said == f"No matching distribution found for {test}"), None)
            if absent is None:
                break
            kept.remove(absent)
            notes.append(f"{absent} is left out: {said}")
        if not said:
            return "", notes
        core = problem((*self._pip(needs), "--dry-run", *needs.core, *TOOLS))
        if core:
            return core, []
        problems = {test: problem((*self._pip(needs), "--dry-run", test)) for test in kept}
        notes += (f"{test} is left out: {said}" for test, said in problems.items() if said)
        kept = [test for test, said in problems.items() if not said]
        if not self._into(needs, (*needs.core, *kept, *TOOLS)):
            return "", notes
        notes += (f"{test} is left out: it cannot be had together with the others" for test in kept)
        return self._into(needs, (*needs.core, *TOOLS)), notes

    def _into(self, needs: Needs, wanted: Sequence[str]) -> str:
        return problem((*self._pip(needs), "--target", str(self.site), *wanted))

    def _pip(self, needs: Needs) -> tuple[str, ...]:
        constraints = self.scratch / "constraints.txt"
        constraints.write_text("\n".join(needs.pins))
        return (*self.pip, "-c", str(constraints))


def _added(one: Import, said: str) -> str:
    if said:
        return f"{one.path} imports {one.name}, and {one.requirement} cannot be had: {said}"
    return f"{one.requirement} is added, as {one.path} imports {one.name}"


def problem(command: Sequence[str]) -> str:
    """Run it; the last error it printed, in one line, or nothing when it succeeded."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=quiet_env())
    if done.returncode == 0:
        return ""
    errors = [line.removeprefix("ERROR: ") for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return (errors or done.stderr.splitlines() or [f"pip ended with {done.returncode}"])[-1][:300]


def run(command: Sequence[str], said: str) -> None:
    """Raises TargetEnvironmentError, beginning with `said`, when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=quiet_env())
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()
        raise TargetEnvironmentError(f"{said}: {last[-1][:300] if last else done.returncode}")


def quiet_env() -> dict[str, str]:
    """Ours, without secrets and without what would lead another interpreter to modules of ours or the user's."""
    outer = without_secrets(os.environ)
    return {name: value for name, value in outer.items() if not name.startswith(("PYTHON", "__PYVENV"))}
