"""The same mutants for every side: mutmut's, named as it names them, and of our own those that only a fresh import can judge."""

import ast
import json
import random
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.generation.environments import Environment
from benchmarks.generation.process import clean_environment
from benchmarks.mutation.subjects import Subject
from qtest.languages.python.mutate import mutate
from qtest.records.mutant import Mutant
from qtest.records.record import digest_of

SIDE = Path(__file__).parents[1] / "generation" / "mutmut_side.py"


@dataclass(frozen=True)
class Named:
    """`name` is what `mutmut run` takes."""

    name: str
    mutant: Mutant


def shared(subject: Subject, folder: Path, environment: Environment, most: int, seed: str) -> tuple[Named, ...]:
    """mutmut's, at most so many, the same for a seed."""
    found = [
        (path, name)
        for path in subject.sources(folder)
        for name in _mutmut(_text(folder / path), environment, "--list")
    ]
    drawn: dict[str, list[str]] = {}
    for path, name in random.Random(seed).sample(found, min(most, len(found))):
        drawn.setdefault(path, []).append(name)
    return tuple(one for path, names in drawn.items() for one in _of_file(subject, folder, path, names, environment))


def at_import(subject: Subject, folder: Path, most: int, seed: str) -> tuple[Mutant, ...]:
    found = [
        mutant
        for path in subject.sources(folder)
        for mutant in mutate(_text(folder / path), path, subject.module(path))
        if mutant.runs_at == "import" and not mutant.control
    ]
    return tuple(random.Random(seed).sample(found, min(most, len(found))))


def edit(before: str, after: str, path: str, module: str) -> Mutant:
    """The one change between two texts, as a mutant of ours."""
    start = _alike(before, after)
    tail = _alike(before[start:][::-1], after[start:][::-1])
    end = len(before) - tail
    place = _place(before, start)
    return Mutant(
        id=digest_of(f"{path}\0{start}\0{end}\0{after[start : len(after) - tail]}")[:16],
        path=path,
        file_digest=digest_of(before),
        symbol=f"{module}:",
        operator="mutmut",
        line=place.line,
        end_line=place.end_line,
        start=start,
        end=end,
        original=before[start:end],
        replacement=after[start : len(after) - tail],
        runs_at="call" if place.inside else "import",
    )


def _alike(one: str, other: str) -> int:
    """How many characters they begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


@dataclass(frozen=True)
class _Place:
    """Lines of the innermost statement without its blocks, and whether it runs when a function is called."""

    line: int
    end_line: int
    inside: bool


def _place(text: str, start: int) -> _Place:
    line = text.count("\n", 0, start) + 1
    found = _Place(line, line, inside=False)
    todo: list[tuple[ast.AST, bool]] = [(ast.parse(text), False)]
    while todo:
        node, inside = todo.pop()
        body = getattr(node, "body", None)
        if isinstance(node, ast.stmt) and _first(node) <= line <= (node.end_lineno or line):
            last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno or line
            if line <= max(last, node.lineno):
                found = _Place(_first(node), max(last, node.lineno), inside)
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        todo += [(child, inside or function) for child in ast.iter_child_nodes(node)]
    return found


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _of_file(
    subject: Subject, folder: Path, path: str, names: Sequence[str], environment: Environment
) -> Iterator[Named]:
    text = _text(folder / path)
    for name, mutated in _mutmut(text, environment, "--names", *names):
        if mutated != text:
            yield Named(f"{subject.module(path)}.{name}", edit(text, mutated, path, subject.module(path)))


def _mutmut(text: str, environment: Environment, *asked: str) -> Any:
    with tempfile.TemporaryDirectory(prefix="qtest-bench-") as scratch:
        Path(scratch, "setup.cfg").write_text("[mutmut]\nsource_paths=.\n", "utf-8")
        made = subprocess.run(
            [str(environment.python), str(SIDE), *asked],
            input=text.encode(),
            cwd=scratch,
            env=clean_environment(PYTHONIOENCODING="utf-8"),
            capture_output=True,
            check=True,
        )
    return json.loads(made.stdout)


def _text(path: Path) -> str:
    return path.read_bytes().decode()
