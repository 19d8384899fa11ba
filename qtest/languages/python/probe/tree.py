"""Changes one file for as long as a mutant lives, notices what tests wrote into the tree, and puts it all back."""

import contextlib
import os
import shutil

from _qtest_probe.watch import Watch

_IGNORED = {"__pycache__", ".pytest_cache", ".hypothesis", ".coverage", ".mypy_cache"}
_MOST = 128 << 20  # bytes of a tree that a pristine copy is made of
_FIRST_TIME = (
    4_000_000_000  # seconds: each mutated file has its own, so that no bytecode of another is taken for its own
)


class Tree:
    """`spoiled` once something could not be put back: then nothing more may be judged in this tree."""

    def __init__(self, folder, copy):
        self.folder = folder
        self.copy = copy
        self.spoiled = False
        self._mutated = 0
        self._owner = os.getpid()
        self.before = self.look()
        self.watch = Watch()
        self.watch.cover([folder, *self.before])
        self.can_restore = sum(entry[1] for entry in self.before.values()) <= _MOST
        if self.can_restore:
            shutil.copytree(folder, copy, symlinks=True, ignore_dangling_symlinks=True)

    @contextlib.contextmanager
    def changed(self, path, data):
        """With the mutated text on disk, processes that tests start see it however they read it."""
        path = os.path.join(self.folder, path)
        facts = os.stat(path)
        with open(path, "rb") as file:
            original = file.read()
        self._mutated += 1
        self._write(path, data, facts.st_mode, (_FIRST_TIME + self._mutated,) * 2)
        self.watch.quiet()  # that was ours; its folder tells of what comes
        try:
            yield
        finally:
            if os.getpid() == self._owner:  # a child that leaves by an exception still lives with the change
                self._write(path, original, facts.st_mode, (facts.st_atime, facts.st_mtime))
                self.watch.cover([path])

    def _write(self, path, data, mode, times):
        """As a new file: the one that was there may belong to another user, and then its times are not ours to set."""
        try:
            os.unlink(path)
            with open(path, "xb") as file:
                file.write(data)
            os.chmod(path, mode & 0o777)
            os.utime(path, times)
            self.before[path] = _facts(os.lstat(path))
        except OSError:
            self.spoiled = True

    def look(self):
        return look([self.folder])

    def restored(self):
        """Whether anything had been written; if so it is undone."""
        if self.watch.quiet():
            return False
        after = self.look()
        if after == self.before:
            return False
        for path in sorted(after, reverse=True):
            if path not in self.before:
                remove(path)
        for path, facts in sorted(self.before.items()):
            if after.get(path) != facts:
                self._put_back(path)
        now = self.look()
        self.spoiled = self.spoiled or now.keys() != self.before.keys()
        self.before = now
        self.watch.cover([self.folder, *now])
        return True

    def _put_back(self, path):
        source = self.copy + path[len(self.folder) :]
        try:
            if os.path.isdir(source) and not os.path.islink(source):
                os.makedirs(path, exist_ok=True)
            else:
                remove(path)
                shutil.copy2(source, path, follow_symlinks=False)
        except OSError:
            self.spoiled = True


def look(folders, left_out=""):
    """What identifies each entry below: any write changes it, also one that sets the time back. With `left_out`, neither names that
    begin so are looked at, nor what is mounted below: the tree itself, or an environment, may be."""
    seen, todo = {}, list(folders)
    devices = {os.lstat(folder).st_dev for folder in folders if os.path.isdir(folder)}
    while todo:
        try:
            entries = list(os.scandir(todo.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.name in _IGNORED or entry.name.endswith(".pyc") or (left_out and entry.name.startswith(left_out)):
                continue
            try:
                facts = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if entry.is_dir(follow_symlinks=False):
                if left_out and facts.st_dev not in devices:
                    continue
                todo.append(entry.path)
                seen[entry.path] = (0, 0, 0)
            else:
                seen[entry.path] = _facts(facts)
    return seen


def _facts(facts):
    return (facts.st_mtime_ns, facts.st_size, facts.st_ino, facts.st_ctime_ns, facts.st_mode)


def remove(path):
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)
    except OSError:
        pass
