"""pytest's protocol of one test, short: what passes is reported to nobody, because nobody but us would hear of it."""

from _qtest_probe.running import FIRST

_HEARD = (
    "pytest_runtest_logstart",
    "pytest_runtest_makereport",
    "pytest_runtest_logreport",
    "pytest_runtest_logfinish",
    "pytest_exception_interact",
)


def shorten(config, recorder):
    """Where that makes no difference to what is said."""
    if _fits(config, recorder):
        config.pluginmanager.register(Short(recorder))


def _fits(config, recorder):
    """Whether nobody but pytest and we hear of reports, and nobody else runs tests in a way of his own."""
    if config.getoption("setuponly", False) or config.getoption("setupshow", False):
        return False
    hook = config.pluginmanager.hook
    heard = [one for name in _HEARD for one in getattr(hook, name).get_hookimpls()]
    run = [one for one in hook.pytest_runtest_protocol.get_hookimpls() if not (one.hookwrapper or _wraps(one))]
    return all(one.plugin is recorder or one.function.__module__.startswith("_pytest.") for one in heard + run)


def _wraps(implementation):
    return getattr(implementation, "wrapper", False)  # pluggy 1.2 and later


class Short:
    """A plugin: set-up, call and teardown by pytest's own hooks, with every plugin's part in them; a phase that raises is reported as
    pytest does (`_pytest.runner.runtestprotocol`). Tests that pytest judges by more than what they raise are left to it."""

    def __init__(self, recorder):
        import pytest
        from _pytest import runner, skipping

        self.recorder = recorder
        self._kind = pytest.Function
        self._call = runner.CallInfo.from_call
        self._xfailed = skipping.xfailed_key
        self._let_through = (pytest.exit.Exception, KeyboardInterrupt)

    def pytest_runtest_protocol(self, item, nextitem):
        if type(item) is not self._kind or "tmp_path" in item.fixturenames or item.get_closest_marker("xfail"):
            return None
        self.recorder.pytest_runtest_logstart(item.nodeid, None)
        if not item._request:
            item._initrequest()
        hook = item.ihook
        if self._passes(item, "setup", hook.pytest_runtest_setup):
            self._passes(item, "call", hook.pytest_runtest_call)
        stops = item.session.shouldfail or item.session.shouldstop
        self._passes(item, "teardown", hook.pytest_runtest_teardown, nextitem=None if stops else nextitem)
        item._request = False
        item.funcargs = None
        self.recorder.pytest_runtest_logfinish(item.nodeid, None)
        return True

    pytest_runtest_protocol.pytest_impl = FIRST

    def _passes(self, item, when, hook, **more):
        call = self._call(lambda: hook(item=item, **more), when=when, reraise=self._let_through)
        if call.excinfo is None and item.stash.get(self._xfailed, None) is None:
            return True
        report = item.ihook.pytest_runtest_makereport(item=item, call=call)
        item.ihook.pytest_runtest_logreport(report=report)
        return report.passed
