"""Serves a mutated file to the import system, in place of the one on disk and of any bytecode kept of it."""

import importlib.machinery
import os
import sys

from _qtest_probe.mark import marked


def install(source, mutant, hit=None):
    """Put first on sys.meta_path; `source` is as it was read before any edit. Returns the list to which the names of modules that
    got the mutated code are added."""
    served = []
    sys.meta_path.insert(0, _Finder(source, mutant, hit, served))
    return served


class _Finder:
    def __init__(self, source, mutant, hit, served):
        self.source, self.mutant, self.hit, self.served = source, mutant, hit, served
        self.real = os.path.realpath(source.path)

    def find_spec(self, name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or not spec.origin or os.path.realpath(spec.origin) != self.real:
            return None
        spec.loader = _Loader(name, spec.origin, self)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name, path, finder):
        super().__init__(name, path)
        self._finder = finder

    def get_code(self, fullname):
        finder = self._finder
        code, _ = finder.source.whole(finder.mutant)
        finder.served.append(fullname)
        return marked(code, finder.hit)
