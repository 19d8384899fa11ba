"""Small parts of the probe, without a target's process."""

import __future__

import ast
import importlib
import mmap
import os
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qtest.languages.python.toolchain import PROBE


@pytest.fixture(scope="module")
def probe() -> Iterator[Callable[[str], Any]]:
    package = types.ModuleType("_qtest_probe")
    package.__path__ = [str(PROBE)]
    before = set(sys.modules)
    sys.modules["_qtest_probe"] = package
    yield lambda name: importlib.import_module(f"_qtest_probe.{name}")
    for name in set(sys.modules) - before:
        if name.startswith("_qtest_probe"):
            del sys.modules[name]


@pytest.mark.parametrize(("edit", "inside"), [("m.group()", True), (", text", False)])
def test_a_lambda_ends_before_the_argument_after_it(probe: Callable[[str], Any], edit: str, inside: bool) -> None:
    text = "re.sub(p, lambda m: m.group(), text)"
    found = probe("mark").innermost_lambda(ast.parse(text).body[0], (1, text.index(edit)))
    assert (found is not None) is inside


@pytest.mark.parametrize(
    ("change", "disturbed"),
    [
        (lambda module: None, False),
        (lambda module: module.memo.update(b=2), False),
        (lambda module: setattr(module, "lazy", object()), False),
        (lambda module: module.memo.update(a=2), True),
        (lambda module: module.rules.insert(0, 9), True),
        (lambda module: setattr(module, "level", 2), True),
        (lambda module: module.empty.append(1), False),
    ],
    ids=[
        "nothing",
        "fills a cache",
        "a lazy value",
        "changes an entry",
        "inserts a rule",
        "sets a name",
        "fills a list",
    ],
)
def test_what_other_tests_would_see_is_told_from_a_cache_and_all_is_put_back(
    probe: Callable[[str], Any], change: Callable[[Any], object], disturbed: bool
) -> None:
    module = types.ModuleType("target")
    values: dict[str, Any] = {"memo": {"a": 1}, "rules": [1, 2], "lazy": None, "level": 1, "empty": []}
    vars(module).update(values)
    kept = probe("globals").Globals([module])
    change(module)
    kept.restore()
    assert kept.disturbed is disturbed
    assert {name: getattr(module, name) for name in values} == {
        "memo": {"a": 1},
        "rules": [1, 2],
        "lazy": None,
        "level": 1,
        "empty": [],
    }


def test_a_tree_is_as_before_after_a_mutant_and_what_tests_wrote(probe: Callable[[str], Any], tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    folder.mkdir()
    file = folder / "m.py"
    file.write_bytes(b"a = 1\r\n")
    before = file.stat()
    tree = probe("tree").Tree(str(folder), str(tmp_path / "copy"))
    with tree.changed("m.py", b"a = 2\r\n"):
        assert file.read_bytes() == b"a = 2\r\n"
        assert not tree.restored()
        (folder / "left").write_text("by a test")
        assert tree.restored()
    assert [path.name for path in folder.iterdir()] == ["m.py"]
    assert (file.read_bytes(), file.stat().st_mode, file.stat().st_mtime) == (
        b"a = 1\r\n",
        before.st_mode,
        before.st_mtime,
    )
    assert not tree.spoiled


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda file, other: file.write_bytes(b"2"), id="as it is named"),
        pytest.param(lambda file, other: other.write_bytes(b"2"), id="by another name"),
        pytest.param(lambda file, other: _mapped(other), id="by memory"),
        pytest.param(lambda file, other: file.chmod(0o600), id="its mode"),
        pytest.param(lambda file, other: os.utime(file, (1, 1)), id="its times"),
        pytest.param(lambda file, other: file.unlink(), id="away"),
        pytest.param(lambda file, other: file.rename(other.parent / "elsewhere"), id="moved"),
        pytest.param(lambda file, other: (file.parent / "empty").mkdir(), id="a folder"),
    ],
)
def test_whatever_is_written_into_a_tree_is_put_back(
    probe: Callable[[str], Any], tmp_path: Path, write: Callable[[Path, Path], object]
) -> None:
    folder = tmp_path / "tree" / "data"
    folder.mkdir(parents=True)
    file, other = folder / "d", tmp_path / "other name"
    file.write_bytes(b"1")
    os.link(file, other)
    tree = probe("tree").Tree(str(folder.parent), str(tmp_path / "copy"))
    assert not tree.restored()
    write(file, other)
    assert tree.restored()
    assert not tree.restored()
    assert [path.name for path in folder.iterdir()] == ["d"]
    assert file.read_bytes() == b"1"


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_a_watch_is_quiet_but_for_what_was_written(probe: Callable[[str], Any], tmp_path: Path) -> None:
    watch = probe("watch").Watch()
    watch.cover([str(tmp_path)])
    assert watch.quiet()
    mine = tmp_path / "mine"
    mine.mkdir()
    mine.rmdir()
    assert watch.quiet(but=str(mine))
    mine.mkdir()
    (tmp_path / "other").touch()
    assert not watch.quiet(but=str(mine))
    assert watch.quiet()


def test_a_watch_over_what_is_not_there_is_never_quiet(probe: Callable[[str], Any], tmp_path: Path) -> None:
    watch = probe("watch").Watch()
    watch.cover([str(tmp_path), str(tmp_path / "missing")])
    assert not watch.quiet()


@pytest.mark.parametrize(
    ("conftest", "kept"), [(True, "--strict-markers --hypothesis-profile=ci"), (False, "--strict-markers")]
)
def test_a_profile_of_hypothesis_is_kept_where_a_conftest_may_register_it(
    probe: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conftest: bool, kept: str
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers --hypothesis-profile=ci\n")
    (tmp_path / "tests").mkdir()
    if conftest:
        (tmp_path / "tests" / "conftest.py").touch()
    monkeypatch.chdir(tmp_path)
    assert probe("options").kept_options({}) == kept


@pytest.mark.parametrize("word", ["--pep8", "--flakes", "--black", "--pylint", "--pydocstyle", "--codestyle"])
def test_options_of_plugins_that_look_at_style_are_left_out(
    probe: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\naddopts = {word} --strict-markers\n")
    monkeypatch.chdir(tmp_path)
    assert probe("options").kept_options({}) == "--strict-markers"


def _mapped(file: Path) -> None:
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as memory:
        memory[0:1] = b"2"


@pytest.mark.parametrize("feature", __future__.all_feature_names)
def test_a_function_of_a_module_with_a_feature_of_the_future_is_swapped(
    probe: Callable[[str], Any], tmp_path: Path, feature: str
) -> None:
    text = f"from __future__ import {feature}\n\n\ndef f(a: int) -> int:\n    return a\n"
    file = tmp_path / "m.py"
    file.write_text(text)
    names: dict[str, Any] = {}
    exec(compile(text, str(file), "exec", dont_inherit=True), names)
    start = text.index("return a")
    edit = {"start": start, "end": start + len("return a"), "original": "return a", "replacement": "return 0"}
    swap = probe("swap").Swap(str(tmp_path))
    (patch,) = swap.prepare([{"id": "m", "path": "m.py", "line": 5, "runs_at": "call", **edit}])
    swap.bind([patch])
    assert (patch.state, patch.note) == ("swappable", "")
    swap.install(patch)
    assert names["f"](7) == 0
