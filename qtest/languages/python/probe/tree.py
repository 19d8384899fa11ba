"""Notices what a test wrote into the tree, and puts it back as it was."""

import os
import shutil

_IGNORED = {"__pycache__", ".pytest_cache", ".hypothesis", ".coverage", ".mypy_cache"}
_MOST = 128 << 20  # bytes of a tree that a pristine copy is made of


class Tree:
    def __init__(self, folder, copy):
        self.folder = folder
        self.copy = copy
        self.before = self.look()
        self.can_restore = sum(entry[1] for entry in self.before.values()) <= _MOST
        if self.can_restore:
            shutil.copytree(folder, copy, symlinks=True, ignore_dangling_symlinks=True)

    def look(self):
        """Path to (modification time, size, inode) of every entry."""
        seen, todo = {}, [self.folder]
        while todo:
            try:
                entries = list(os.scandir(todo.pop()))
            except OSError:
                continue
            for entry in entries:
                if entry.name in _IGNORED or entry.name.endswith(".pyc"):
                    continue
                try:
                    facts = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
                    seen[entry.path] = (0, 0, 0)
                else:
                    seen[entry.path] = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
        return seen

    def restored(self):
        """Whether anything had been written; if so it is undone."""
        after = self.look()
        if after == self.before:
            return False
        for path in sorted(after, reverse=True):
            if path not in self.before:
                _remove(path)
        for path, facts in sorted(self.before.items()):
            if after.get(path) != facts and self.can_restore:
                source = self.copy + path[len(self.folder) :]
                if os.path.isdir(source):
                    os.makedirs(path, exist_ok=True)
                else:
                    _remove(path)
                    shutil.copy2(source, path, follow_symlinks=False)
        self.before = self.look()
        return True


def _remove(path):
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)
    except OSError:
        pass
