"""The folder that a candidate may fill: empty at the start of each run, and gone after it. Its path is never part of what is seen.

Where the path stands in a text it is told as `MARK`, which `qtest.records.case` knows too; the test says `tmp_path` there. Files are told
as the test will read them, `files` in the form of a run:

    {"name", "what": "text", "text"}     text as `read_text()` gives it; short, else
    {"name", "what": "octets", "hex"}    what is no text; short too
    {"name", "what": "file"}             anything longer
    {"name", "what": "folder"} {"name", "what": "gone"}
"""

import os
import pathlib
import sys

__builtins__ = dict(vars(sys.modules["builtins"]))  # taken before any target can change them

MARK = "<scratch folder>"
MOST_FILES, MOST_LINES, MOST_TEXT = 3, 10, 400
_MOST_ENTRIES, _MOST_BYTES = 200, 1 << 16
_open, _scandir, _lexists, _mkdir = open, os.scandir, os.path.lexists, os.mkdir
_unlink, _rmdir, _chmod = os.unlink, os.rmdir, os.chmod
_Path, _bytes = pathlib.Path, bytes

_here = {"folder": "", "private": ()}


class Scratch:
    """One for a process. `name` tells processes apart, so that what depends on the length of the path is not the same in two."""

    def __init__(self, within, name, private):
        self.folder = os.path.join(within, name)
        _here.update(folder=self.folder, private=private)

    def begin(self):
        self.end()
        _mkdir(self.folder)
        return _Path(self.folder)

    def end(self):
        """Also where a folder was closed to us, or something else put in its place."""
        if os.path.isdir(self.folder) and not os.path.islink(self.folder):
            _remove(self.folder)
        elif _lexists(self.folder):
            _unlink(self.folder)

    def look(self):
        """What lies there, by name."""
        found, todo = {}, [""]
        while todo and len(found) < _MOST_ENTRIES:
            within = todo.pop()
            with _scandir(os.path.join(self.folder, within)) as entries:
                entries = sorted(entries, key=_name)
            for entry in entries:
                name = within + entry.name
                if entry.is_dir(follow_symlinks=False):
                    found[name] = None
                    todo.append(name + "/")
                else:
                    found[name] = _content(entry.path)
        return found


def _remove(folder):
    """However deep it is: a tree that was copied into itself is deeper than what calls itself can go."""
    todo, order = [folder], []
    while todo:
        within = todo.pop()
        order.append(within)
        _chmod(within, 0o700)
        with _scandir(within) as entries:
            for entry in list(entries):
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
                else:
                    _unlink(entry.path)
    for within in reversed(order):
        _rmdir(within)


def told(text):
    """The text without the folder's path; None when it tells another path of this machine."""
    folder = _here["folder"]
    if folder and folder in text:
        text = text.replace(folder, MARK)
    return None if any(path in text for path in _here["private"]) else text


def below(path):
    """The name by which a path lies in the folder: empty for the folder itself, None for what is elsewhere."""
    folder = _here["folder"]
    if not folder or not (path == folder or path.startswith(folder + "/")):
        return None
    return path[len(folder) + 1 :]


def changes(before, after):
    """What a test could say of the files: of the first few that are new, changed or gone, how they are now."""
    names = sorted(name for name in before.keys() | after.keys() if before.get(name, MARK) != after.get(name, MARK))
    gone = [name for name in names if name not in after]
    there = [name for name in names if name in after]
    bare = [name for name in there if not any(other.startswith(name + "/") for other in there)]
    bare += [name for name in gone if not any(name.startswith(other + "/") for other in gone)]
    return [_state(name, _what(name, after), after) for name in sorted(bare)[:MOST_FILES]]


def as_claimed(claimed, after):
    """The same of another run: what the test that `changes` makes would see there."""
    return [_state(state["name"], state["what"], after) for state in claimed]


def _what(name, after):
    if name not in after:
        return "gone"
    content = after[name]
    if content is None:
        return "folder"
    if type(content) is not _bytes or len(content) > MOST_TEXT:
        return "file"
    text = _text(content)
    if text is None or b"\r" in content:
        return "octets"
    return "text" if text.count("\n") <= MOST_LINES and told(text) is not None else "file"


def _state(name, what, after):
    """As it is, seen in the way of `what`; `other` where that cannot be."""
    content = after.get(name, MARK)
    there = content is not MARK
    if what == "gone":
        return {"name": name, "what": "other" if there else "gone"}
    if not there or (content is None) != (what == "folder"):
        return {"name": name, "what": "other"}
    if what == "text":
        text = _text(content) if type(content) is _bytes else None
        text = None if text is None else told(text.replace("\r\n", "\n").replace("\r", "\n"))
        return {"name": name, "what": "other" if text is None else "text", "text": text or ""}
    if what == "octets" and type(content) is _bytes:
        return {"name": name, "what": "octets", "hex": content.hex()}
    return {"name": name, "what": what if what in ("file", "folder") else "other"}


def _text(content):
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _content(path):
    """Its bytes; of what is long or cannot be read something that differs where it does."""
    try:
        with _open(path, "rb") as file:
            content = file.read(_MOST_BYTES)
        return content if len(content) < _MOST_BYTES else "long %d" % os.stat(path).st_size
    except OSError as error:
        return "unreadable %s" % error.errno


def _name(entry):
    return entry.name
