"""Folders beside the tree that every test may write to: home, /tmp, shared memory. What a mutant left there the next must not find."""

import os
import stat

from _qtest_probe import tree
from _qtest_probe.watch import Watch

PRISTINE = "qtest-pristine"  # begins the name of our copy of the tree, which lies in one of them
_MOST = 1 << 20  # bytes of a file that is kept to be put back


class Places:
    """`remember` before a child, `restored` after it. What the tests' collection put there belongs to how it was."""

    def __init__(self, folders):
        self.folders = folders
        self.before = None
        self.watch = Watch()
        self.watch.cover(folders)

    def remember(self):
        if self.before is not None and self.watch.quiet():
            return
        known = self.before or {}
        self.before = {}
        for path, facts in self._look().items():
            same = path in known and known[path][0] == facts
            self.before[path] = known[path] if same else (facts, _kept(path, facts))
        self.watch.cover([*self.folders, *self.before])

    def restored(self, but):
        """False when something is not as it was. The entry of the path `but` came and went meanwhile."""
        if self.watch.quiet(but):
            return True
        after = self._look()
        for path in sorted(after.keys() - self.before.keys()):
            tree.remove(path)
        changed = [path for path, (facts, _) in self.before.items() if after.get(path) != facts]
        return not [path for path in sorted(changed) if not _put_back(path, *self.before[path])]

    def _look(self):
        return tree.look(self.folders, PRISTINE)


def _kept(path, facts):
    """The bytes of a small plain file; None of all else."""
    try:
        if len(facts) == 5 and stat.S_ISREG(facts[4]) and facts[1] <= _MOST:
            with open(path, "rb") as file:
                return file.read()
    except OSError:
        pass
    return None


def _put_back(path, facts, data):
    """In its place, so that who has it open goes on writing there."""
    if data is None and len(facts) == 5:
        return False
    try:
        if data is None:
            os.makedirs(path, exist_ok=True)
            return True
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, facts[4] & 0o7777)
        os.utime(path, ns=(facts[0], facts[0]))
    except OSError:
        return False
    return True
