"""The door of the probe: run by the target's Python as `main.py WHAT SETTINGS`, settings being JSON."""

import json
import os
import sys
import types


def _become_a_package():
    """Our modules live under a name of their own: a target may have an `options` or a `measure` too."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
    package = types.ModuleType("_qtest_probe")
    package.__path__ = [here]
    sys.modules["_qtest_probe"] = package


def main():
    _become_a_package()
    what, settings = sys.argv[1], json.loads(sys.argv[2])
    del sys.argv[1:]
    if what == "pytest":
        from _qtest_probe import pytest_run

        pytest_run.main(settings)
    elif what == "judge":
        from _qtest_probe import judge

        judge.serve(settings)
    elif what == "explore":
        from _qtest_probe import explore

        explore.serve(settings)
    elif what == "compare":
        from _qtest_probe import compare

        compare.serve(settings)
    else:
        sys.exit("main.py: %r is not known; expected pytest, judge, explore or compare" % what)


if __name__ == "__main__":
    main()
