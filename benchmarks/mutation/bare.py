"""The bound: run by the target's own Python with settings on stdin, one JSON line out. A fork for each mutant, its covering tests to the
first failure, and nothing else: no sandbox, no mutant on disk, no record, and no limits but the alarm that ends a fork after `each_s`
and the end of the whole after `limit_s`.

`direct` calls the set-up, the test and the teardown of each item; where an item reports its failures by other ways than raising them
(unittest, sub-tests) pytest's own protocol is followed, as it is for all with `protocol`.
"""

import gc
import json
import os
import signal
import sys
import time
import types
from typing import Any


def main() -> None:
    asked = json.loads(sys.stdin.read())
    package = types.ModuleType("_qtest_probe")
    package.__path__ = [asked["probe"]]
    sys.modules["_qtest_probe"] = package
    out = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (1, 2):
        os.dup2(null, fd)
    import pytest
    from _qtest_probe import options  # type: ignore[import-not-found, unused-ignore]

    options.enter(asked)
    loop = Loop(asked)
    pytest.main(options.arguments(asked), plugins=[loop])
    os.write(out, json.dumps(loop.told).encode())


class Loop:
    """A pytest plugin that forks instead of running the tests."""

    def __init__(self, asked: dict[str, Any]) -> None:
        from _qtest_probe import recorder, swap

        self.asked = asked
        self.swap = swap.Swap(asked["folder"])
        self.recorder = recorder.Recorder()
        self.told: dict[str, Any] = {"problem": "pytest collected nothing"}

    def pytest_runtestloop(self, session: Any) -> bool:
        items = {item.nodeid: item for item in session.items}
        self.swap.look()
        session.config.pluginmanager.register(self.recorder)
        gc.collect()
        gc.freeze()
        self.told = {way: self._all(items, way == "direct") for way in self.asked["ways"]}
        return True

    def _all(self, items: dict[str, Any], direct: bool) -> list[dict[str, Any]]:
        """In the order asked, as far as there is time."""
        ends = time.monotonic() + self.asked["limit_s"]
        told: list[dict[str, Any]] = []
        for order in self.asked["orders"]:
            begun = time.monotonic()
            if begun > ends:
                break
            patch = self.swap.prepare([order["mutant"]])[0]
            self.swap.bind([patch])
            if patch.state != "swappable":
                continue
            pid = os.fork()
            if pid == 0:
                signal.alarm(self.asked["each_s"])
                self.swap.install(patch)
                os._exit(self._run([items[node] for node in order["tests"] if node in items], direct))
            _, status = os.waitpid(pid, 0)
            code = os.waitstatus_to_exitcode(status)
            told.append({"mutant": order["mutant"]["id"], "code": code, "wall_s": time.monotonic() - begun})
        return told

    def _run(self, items: list[Any], direct: bool) -> int:
        for number, item in enumerate(items):
            following = items[number + 1] if number + 1 < len(items) else None
            if direct and type(item).__name__ == "Function":
                try:
                    item.session._setupstate.setup(item)
                    item.runtest()
                    item.session._setupstate.teardown_exact(following)
                except BaseException as error:
                    if type(error).__name__ not in ("Skipped", "XFailed"):
                        return 1
            else:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if self.recorder.failing:
                    return 1
        return 0


if __name__ == "__main__":
    main()
