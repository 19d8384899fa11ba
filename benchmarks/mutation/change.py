"""How long until there is a verdict on a change of ten functions: the package as released, one commit after a commit where ten of its
functions had no body. All their lines have changed, and what is judged is the released code by its own suite."""

import ast
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generation.commit import ROOT
from benchmarks.generation.environments import Environment
from benchmarks.generation.process import clean_environment, run
from benchmarks.mutation.subjects import Subject
from qtest.records.mutation import MutationReport
from qtest.records.record import Record

FUNCTIONS = 10
LIMIT_S = 600.0
AUTHOR = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@localhost", "-c", "commit.gpgsign=false")


class Change(Record):
    """`ready_s` until the first mutant could be judged; `wall_s` is the whole command's. `lines` are those that changed."""

    problem: str = ""
    functions: int = 0
    lines: int = 0
    mutants: int = 0
    killed: int = 0
    ready_s: float = 0.0
    wall_s: float = 0.0


@dataclass(frozen=True)
class Body:
    """Of a function, without its docstring: whole lines of a file, the first and the last counted from 1."""

    path: str
    first: int
    last: int
    indent: int


def judged(subject: Subject, cache: Path, environment: Environment, seed: str) -> Change:
    """By the command that a user gives, with nothing remembered."""
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        folder = Path(scratch, subject.name)
        subject.lay(cache, folder)
        chosen = drawn(subject, folder, seed)
        _commit_in_two(folder, chosen)
        known = Change(functions=len(chosen), lines=sum(one.last - one.first + 1 for one in chosen))
        ran = run(
            _command(subject, folder, environment, Path(scratch)),
            cwd=Path(scratch),
            env=clean_environment(PYTHONPATH=str(ROOT)),
            timeout_s=LIMIT_S,
            log=Path(scratch, "log"),
        )
        report = Path(scratch, "out", "qtest-mutation", "report.json")
        if not report.exists():
            why = f"not done in {LIMIT_S:.0f} s" if ran.timed_out else ran.output.strip()[-200:]
            return known.model_copy(update={"problem": why, "wall_s": ran.wall_s})
        told = MutationReport.from_json(report.read_text("utf-8"))
        return known.model_copy(
            update={
                "problem": told.red,
                "mutants": len(told.verdicts),
                "killed": sum(verdict.result.status == "killed" for verdict in told.verdicts),
                "ready_s": told.ready_s,
                "wall_s": ran.wall_s,
            }
        )


def _command(subject: Subject, folder: Path, environment: Environment, scratch: Path) -> list[str]:
    tests = [word for path in subject.tests for word in ("--tests", path)]
    places = ["--python", str(environment.python), "--store", str(scratch / "store"), "--out", str(scratch / "out")]
    asked = ["--since", "HEAD~1", "--ask", "0", "--inline", *tests]
    return [sys.executable, "-m", "qtest", "mutate", str(folder), *asked, *places]


def drawn(subject: Subject, folder: Path, seed: str) -> tuple[Body, ...]:
    """All of them, where there are no ten."""
    found = [body for path in subject.sources(folder) for body in bodies(path, (folder / path).read_text("utf-8"))]
    return tuple(random.Random(seed).sample(found, min(FUNCTIONS, len(found))))


def bodies(path: str, text: str) -> Iterator[Body]:
    """Of every function that is in no other, in order; not of one that stands on one line."""
    lines = text.splitlines()
    todo: list[ast.AST] = [ast.parse(text)]
    while todo:
        node = todo.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            todo += reversed(list(ast.iter_child_nodes(node)))
            continue
        code = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
        if code and not lines[_first(code[0]) - 1][: code[0].col_offset].strip():
            yield Body(path, _first(code[0]), node.end_lineno or code[-1].lineno, code[0].col_offset)


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def without(text: str, chosen: Sequence[Body]) -> str:
    """The file before the change."""
    lines = text.splitlines(keepends=True)
    for body in sorted(chosen, key=lambda one: one.first, reverse=True):
        lines[body.first - 1 : body.last] = [f"{' ' * body.indent}raise NotImplementedError\n"]
    return "".join(lines)


def _commit_in_two(folder: Path, chosen: Sequence[Body]) -> None:
    released = {path: (folder / path).read_bytes() for path in {body.path for body in chosen}}
    for path, text in released.items():
        before = without(text.decode(), [body for body in chosen if body.path == path])
        (folder / path).write_bytes(before.encode())
    _git(folder, "init", "-q")
    _git(folder, "add", "-A", "-f")
    _git(folder, *AUTHOR, "commit", "-q", "-m", "before")
    for path, text in released.items():
        (folder / path).write_bytes(text)
    _git(folder, *AUTHOR, "commit", "-q", "-a", "-m", "ten functions")


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
