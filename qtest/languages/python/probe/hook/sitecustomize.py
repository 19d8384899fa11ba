"""Lets a Python that a test starts see the mutant too; does nothing when there is none."""

import os
import sys


def _serve():
    import json
    import types

    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    package = types.ModuleType("_qtest_probe")
    package.__path__ = [here]
    sys.modules.setdefault("_qtest_probe", package)
    from _qtest_probe import finder

    facts = json.loads(os.environ["QTEST_MUTANT"])
    finder.install(facts["tree"], facts["mutant"])


if os.environ.get("QTEST_MUTANT"):
    _serve()


def _next():
    """The target's own sitecustomize, which we stand before."""
    import importlib.machinery
    import importlib.util

    here = os.path.dirname(os.path.abspath(__file__))
    path = [entry for entry in sys.path if os.path.abspath(entry) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_next()
