"""The folder that a candidate may fill, as the probe sees it; and that nothing else can be written to."""

import importlib
import os
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qtest.languages.python.toolchain import PROBE

TARGET = """
import os, pathlib, shutil


def shout(path):
    text = pathlib.Path(path).read_text()
    pathlib.Path(path).write_text(text.upper())


def copied(source, target):
    return shutil.copy2(source, target)


def moved(source, target):
    shutil.copytree(source, target)
    shutil.rmtree(source)


def refused(path):
    raise ValueError("cannot read %s here" % path)


def listed(path):
    return [pathlib.Path(path) / "a", str(path), pathlib.Path("docs/a")]


def opened(path):
    return object() if open(path, "w").close() is None else None


def written(stream): stream.write("x,y")
def shown(path): print(os.path.join(path, "a"))
def length(path): return len(str(path))
def closed(path): os.chmod(path, 0)
def deep(path):
    for _ in range(700):
        path = path / "docs"
        path.mkdir()
def home(): return os.environ["TMPDIR"] + "/elsewhere"
def below_descriptor():
    os.remove("hostname", dir_fd=os.open("/etc", os.O_RDONLY))
def left_open(path): return os.open(path / "a", os.O_CREAT | os.O_RDWR) > 0
class Kept: file = None
def kept():
    Kept.file = Kept.file or open("/dev/null")
    return Kept.file.read()
def linked(path): os.link("/etc/hostname", path)
"""


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Any]]]:
    """Tries one candidate on the target above. The probe's own rules, in this process."""
    tree, scratch = tmp_path / "tree", tmp_path / "given"
    tree.mkdir()
    scratch.mkdir()
    (tree / "scratch_target.py").write_text(TARGET)
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.syspath_prepend(str(tree))
    package = types.ModuleType("_qtest_probe")
    package.__path__ = [str(PROBE)]
    before = set(sys.modules)
    sys.modules["_qtest_probe"] = package
    laboratory = importlib.import_module("_qtest_probe.laboratory")
    load = {"module": "scratch_target", "path": "scratch_target.py", "siblings": [], "mutants": []}
    bench = laboratory.Laboratory({"folder": str(tree), "plain": True}, load, set(), bytearray(8), {})

    def one(expr: str, *setup: str, watch: tuple[str, ...] = ()) -> dict[str, Any]:
        imports = ["from scratch_target import *", "import io, os"]
        candidate = {"id": 0, "imports": imports, "setup": list(setup), "expr": expr, "watch": watch}
        return dict(bench.tried(candidate, []), left=os.listdir(scratch))

    yield one
    for name in set(sys.modules) - before:
        if name.startswith(("_qtest_probe", "scratch_target")):
            del sys.modules[name]


NOTES = '(tmp_path / "notes.txt").write_text("one\\ntwo")'


def seen(reply: dict[str, Any]) -> dict[str, Any]:
    assert reply["status"] == "ok", reply
    found: dict[str, Any] = importlib.import_module("json").loads(reply["seen"])
    return found


def test_a_changed_file_is_told_with_its_text_and_nothing_is_left(tried: Callable[..., dict[str, Any]]) -> None:
    reply = tried('shout(tmp_path / "notes.txt")', NOTES)
    assert seen(reply)["files"] == [{"name": "notes.txt", "what": "text", "text": "ONE\nTWO"}]
    assert reply["left"] == []


def test_a_path_in_a_result_is_told_without_where_the_folder_lies(tried: Callable[..., dict[str, Any]]) -> None:
    form = seen(tried('copied(tmp_path / "notes.txt", str(tmp_path / "b.txt"))', NOTES))
    assert form["result"] == {"kind": "text", "value": "<scratch folder>/b.txt"}
    assert form["files"] == [{"name": "b.txt", "what": "text", "text": "one\ntwo"}]


def test_paths_are_made_anew_or_found_in_the_folder(tried: Callable[..., dict[str, Any]]) -> None:
    assert seen(tried("listed(tmp_path)"))["result"]["items"] == [
        {"kind": "env", "what": "scratch file", "name": "a"},
        {"kind": "text", "value": "<scratch folder>"},
        {"kind": "construct", "symbol": "pathlib:Path", "arguments": [{"name": "", "value": _text("docs/a")}]},
    ]


def test_a_tree_that_was_moved_is_gone_at_its_top_and_there_at_its_leaves(
    tried: Callable[..., dict[str, Any]],
) -> None:
    setup = ('(tmp_path / "a").mkdir()', '(tmp_path / "a" / "x").write_text("q")')
    assert seen(tried('moved(tmp_path / "a", tmp_path / "b")', *setup))["files"] == [
        {"name": "a", "what": "gone"},
        {"name": "b/x", "what": "text", "text": "q"},
    ]


def test_a_message_and_what_is_printed_name_the_folder_by_a_mark(tried: Callable[..., dict[str, Any]]) -> None:
    assert seen(tried("refused(tmp_path)"))["raised"]["message"] == "cannot read <scratch folder> here"
    assert seen(tried("shown(tmp_path)"))["out"] == "<scratch folder>/a\n"


def test_where_only_the_files_tell_something_they_are_told(tried: Callable[..., dict[str, Any]]) -> None:
    form = seen(tried('opened(tmp_path / "new")'))
    assert form["result"]["kind"] == "opaque"
    assert form["files"] == [{"name": "new", "what": "text", "text": ""}]
    assert tried("opened('/dev/null/none')")["status"] != "unsupported"


def test_what_was_written_to_a_stream_is_told_and_the_stream_is_not_read(
    tried: Callable[..., dict[str, Any]],
) -> None:
    form = seen(tried("written(stream)", "stream = io.StringIO()", watch=("stream",)))
    assert form["watch"]["stream"] == {"kind": "buffer", "symbol": "io:StringIO", "value": _text("x,y")}


def test_the_next_finds_an_empty_folder_whatever_the_last_has_done_to_it(
    tried: Callable[..., dict[str, Any]],
) -> None:
    tried("closed(tmp_path / 'a')", '(tmp_path / "a").mkdir()', '(tmp_path / "a" / "x").write_text("")')
    tried("deep(tmp_path)")
    tried("os.rename(tmp_path / 'a', str(tmp_path) + '2')", '(tmp_path / "a").mkdir()', "tmp_path.rmdir()")
    assert seen(tried("os.listdir(tmp_path)"))["result"] == {"kind": "list", "items": []}


def test_another_path_of_the_machine_is_never_told(tried: Callable[..., dict[str, Any]]) -> None:
    assert tried("home()")["status"] == "unsupported"


@pytest.mark.parametrize("call", ["below_descriptor()", 'linked(tmp_path / "x")', "shout('/etc/hostname')"])
def test_what_lies_elsewhere_is_not_changed(tried: Callable[..., dict[str, Any]], call: str) -> None:
    assert tried(call)["status"] == "denied"


def test_of_a_mutant_only_what_its_test_would_look_at_is_told(tried: Callable[..., dict[str, Any]]) -> None:
    scratch = importlib.import_module("_qtest_probe.scratch")
    claimed = scratch.changes({}, {"a": b"x\n"})
    assert scratch.as_claimed(claimed, {"a": b"x\r\n", "b": b"more"}) == claimed
    assert scratch.as_claimed(claimed, {"a": b"y\n"}) != claimed
    assert scratch.as_claimed(claimed, {}) != claimed


def test_a_long_file_is_told_to_be_there_and_no_more(tried: Callable[..., dict[str, Any]]) -> None:
    scratch = importlib.import_module("_qtest_probe.scratch")
    assert scratch.changes({}, {"a": b"x\n" * 11}) == [{"name": "a", "what": "file"}]
    assert scratch.changes({}, {"a": b"\xff"}) == [{"name": "a", "what": "octets", "hex": "ff"}]


def _text(value: str) -> dict[str, str]:
    return {"kind": "text", "value": value}


def test_descriptors_that_calls_leave_open_do_not_add_up(tried: Callable[..., dict[str, Any]]) -> None:
    before = len(os.listdir("/proc/self/fd"))
    replies = [tried("left_open(tmp_path)") for _ in range(100)]
    assert {reply["status"] for reply in replies} == {"ok"}
    assert len(os.listdir("/proc/self/fd")) < before + 80
    assert seen(replies[-1])["files"] == [{"name": "a", "what": "text", "text": ""}]


def test_a_file_that_the_module_keeps_open_is_not_closed_under_its_feet(tried: Callable[..., dict[str, Any]]) -> None:
    tried("kept()")
    for _ in range(100):
        tried("left_open(tmp_path)")
    assert seen(tried("kept()"))["result"] == {"kind": "text", "value": ""}
