"""How a test ends, in all the ways that pytest has for it."""

from benchmarks.faults.scenario import Edit, Ground, Guard, Scenario, asked, triggered
from benchmarks.faults.scenarios.guards import PROBE, TRIPWIRE

RECORDER = f"{PROBE}/recorder.py"
STRICT = Ground(
    "warnings",
    files={
        "pyproject.toml": '[project]\nname = "m"\nversion = "1"\n[tool.pytest.ini_options]\nfilterwarnings = ["error"]\n'
    },
)
UNTOLD = Guard(
    RECORDER,
    '            known = getattr(report.longrepr, "failing", None)\n',
    '            known = getattr(report.longrepr, "failing", None)\n            if known is None:\n                return\n',
)

REPORTS = (
    Scenario(
        "skips",
        "the mutant skips its test: a skip is no failure, the suite stays green",
        triggered("skips", "import pytest\npytest.skip('not here')"),
        asked("skips"),
        "survived",
        Guard(RECORDER, "if isinstance(error, pytest.skip.Exception):", "if False:"),
    ),
    Scenario(
        "passes_though_it_must_fail",
        "a strict xfail that passes",
        "def strict(a):\n    return a + 1\n",
        "@pytest.mark.xfail(strict=True)\ndef test_strict():\n    assert m.strict(2) == 1\n",
        "killed by assertion",
        UNTOLD,
        edit=Edit("a + 1", "a - 1"),
    ),
    Scenario(
        "fails_in_teardown",
        "only the teardown of a fixture fails",
        triggered("fails_in_teardown", "return 0"),
        "@pytest.fixture\ndef torn():\n    yield\n    assert m.fails_in_teardown(1) == 2\n\n\ndef test_torn(torn):\n    pass\n",
        "killed by assertion",
        Guard(
            RECORDER,
            "        if report.failed:\n            self.tripped",
            '        if report.failed and report.when != "teardown":\n            self.tripped',
        ),
    ),
    Scenario(
        "fails_in_setup",
        "only the set-up of a fixture fails",
        triggered("fails_in_setup", "return 0"),
        "@pytest.fixture\ndef up():\n    assert m.fails_in_setup(1) == 2\n\n\ndef test_up(up):\n    pass\n",
        "killed by assertion",
        Guard(
            RECORDER,
            "        if report.failed:\n            self.tripped",
            '        if report.failed and report.when == "call":\n            self.tripped',
        ),
    ),
    Scenario(
        "fails_in_a_subtest",
        "a failing sub-test of a unittest",
        triggered("fails_in_a_subtest", "return 0"),
        "import unittest\n\n\nclass TestSub(unittest.TestCase):\n    def test_sub(self):\n        with self.subTest(1):\n            self.assertEqual(m.fails_in_a_subtest(1), 2)\n        with self.subTest(2):\n            pass\n",
        "killed by assertion",
        UNTOLD,
    ),
    Scenario(
        "warns",
        "a warning, where the project's warnings are errors",
        triggered("warns", "import warnings\nwarnings.warn('old', DeprecationWarning)"),
        asked("warns"),
        "killed by exception: DeprecationWarning",
        Guard(f"{PROBE}/options.py", '"ignore::pytest.PytestConfigWarning"', '"ignore"'),
        ground=STRICT,
    ),
    Scenario(
        "cannot_be_shown",
        "an exception whose text cannot be made",
        triggered(
            "cannot_be_shown",
            "class Unseen(Exception):\n    def __str__(self):\n        raise RuntimeError\nraise Unseen",
        ),
        asked("cannot_be_shown"),
        "killed by exception: Unseen",
        Guard(
            RECORDER,
            '    try:\n        message = clean(str(error))\n    except BaseException:\n        message = "(its text cannot be shown)"\n',
            "    message = clean(str(error))\n",
        ),
    ),
    Scenario(
        "cannot_be_asked",
        "an exception whose attributes raise",
        triggered(
            "cannot_be_asked",
            "class Shy(Exception):\n    @property\n    def exceptions(self):\n        raise RuntimeError\nraise Shy",
        ),
        asked("cannot_be_asked"),
        "killed by exception: Shy",
        Guard(RECORDER, "    except Exception:  # a property of the target's\n", "    except ZeroDivisionError:\n"),
    ),
    Scenario(
        "named_like_a_limit",
        "an exception of the target's with the name of one that a limit raises",
        triggered("named_like_a_limit", "raise type('MemoryError', (Exception,), {})"),
        asked("named_like_a_limit"),
        "killed by exception: MemoryError",
        Guard(RECORDER, "isinstance(one, MemoryError)", 'type(one).__name__ == "MemoryError"'),
    ),
    Scenario(
        "raised_in_a_file_like_ours",
        "an exception raised in a file with the name of one of ours",
        triggered("raised_in_a_file_like_ours", "exec(compile('raise ValueError', 'recorder.py', 'exec'))"),
        asked("raised_in_a_file_like_ours"),
        "killed by exception: ValueError",
        Guard(
            RECORDER, "os.path.abspath(filename).startswith(_HERE)", "os.path.basename(filename) in os.listdir(_HERE)"
        ),
    ),
    Scenario(
        "takes_pytest_away",
        "pytest cannot be imported any more when a test is reported",
        triggered("takes_pytest_away", "sys.modules['pytest'] = None"),
        asked("takes_pytest_away"),
        "inconclusive: the test that must fail did not",
        TRIPWIRE,
    ),
    Scenario(
        "breaks_a_hook",
        "a hook of the project's own calls the target, which raises",
        triggered("breaks_a_hook", "raise LookupError"),
        "def test_hooked():\n    pass\n",
        "killed by exception: LookupError",
        Guard(
            RECORDER,
            "        if report.failed:\n            self.tripped",
            '        if report.failed and report.when == "call":\n            self.tripped',
        ),
        ground=Ground(
            "hooked",
            slow=True,
            files={"conftest.py": "import m\n\n\ndef pytest_runtest_setup(item):\n    m.breaks_a_hook(1)\n"},
        ),
    ),
)
