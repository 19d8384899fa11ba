"""Tests that are not there, are not the project's, or do not say the same twice."""

from benchmarks.faults.scenario import Edit, Ground, Guard, Scenario, asked, triggered
from benchmarks.faults.scenarios.guards import COMPLETED, PROBE

OPTIONS = '[project]\nname = "m"\nversion = "1"\n[tool.pytest.ini_options]\naddopts = "{}"\n'
SAME = Edit("a + 1", "1 + a")
SELECTED = Ground("selected", files={"pyproject.toml": OPTIONS.format("-k 'not slow'")})
NOTHING = Ground("nothing", files={"pyproject.toml": OPTIONS.format("-m nothing_has_this")})
UNIMPORTABLE = Ground("unimportable", imports="import nothing_is_called_this")
RENAMED = Ground(
    "renamed",
    slow=True,
    files={
        "conftest.py": "import os\n\ndef pytest_make_parametrize_id(val):\n    return str(os.getpid())\n",
    },
)
FORKED = Ground("forked", imports="import m\nHERE = os.getpid()")
ORDERED = Ground("ordered")
SEEDED = Ground("seeded", slow=True, repeated=True)
LOOKED = Ground("looked", imports="import m\nCODE = m.looked_into.__code__")
DATED = Ground("dated")
SWALLOWED = Ground("swallowed")
ROUNDS = Ground(
    "rounds",
    written=(
        "import m\n\n\ndef test_round():\n    m.another_round(1)\n",
        "import m\n\n\ndef test_round():\n    assert m.another_round(1) == 2\n",
    ),
)
NAMED = Ground(
    "named",
    files={"recorder.py": "STEP = 1\n", "options.py": "", "pyproject.toml": OPTIONS.format("--import-mode=importlib")},
    imports="import m\nimport options\nimport recorder",
)
NO_PYTHON = Ground("no python", python="python", files={"python": "#!/bin/sh\nexit 0\n"})
PATH = Ground("path", slow=True, imports="import m\nimport subprocess")

COLLECTION = (
    Scenario(
        "deselected",
        "the project's own options leave out the one test that would notice",
        triggered("deselected", "return 0"),
        "def test_other():\n    pass\n\n\ndef test_slow():\n    assert m.deselected(1) == 2\n",
        "no coverage",
        Guard(f"{PROBE}/options.py", "            kept.append(word)\n", "            pass\n"),
        ground=SELECTED,
    ),
    Scenario(
        "nothing_is_selected",
        "the project's own options leave out every test",
        triggered("nothing_is_selected", "return 0"),
        asked("nothing_is_selected"),
        "refused: no tests were collected",
        Guard(f"{PROBE}/pytest_run.py", "bool(order.planned and order.tripped_at_end", "bool(order.tripped_at_end"),
        ground=NOTHING,
    ),
    Scenario(
        "tests_cannot_be_imported",
        "an import error in the only test file",
        triggered("tests_cannot_be_imported", "return 0"),
        asked("tests_cannot_be_imported"),
        "refused: test_m.py: ModuleNotFoundError",
        Guard(f"{PROBE}/pytest_run.py", "if other or (plugin.broken and not order.planned):", "if False:"),
        ground=UNIMPORTABLE,
    ),
    Scenario(
        "renamed_each_time",
        "a plugin gives the tests other names in each process",
        triggered("renamed_each_time", "return 0"),
        "@pytest.mark.parametrize('a', [object()])\ndef test_renamed(a):\n    assert m.renamed_each_time(1) == 2\n",
        "inconclusive: none of its tests passes without the change",
        Guard(
            f"{PROBE}/zygote.py",
            '        if not planned:\n            return not_run(order, "swap", "none of its tests passes without the change")\n',
            "",
        ),
        ground=RENAMED,
    ),
    Scenario(
        "fails_in_a_fork",
        "the test passes in a plain run, and never in a forked process",
        triggered("fails_in_a_fork", "return 1 + a"),
        "def test_here():\n    assert m.fails_in_a_fork(1) == 2\n    assert os.getpid() == HERE\n",
        "inconclusive: none of its tests passes without the change",
        Guard(
            f"{PROBE}/zygote.py",
            'planned = [node for node in named(order["tests"], whole) if whole.get(node, {}).get("passed")]',
            'planned = order["tests"]',
        ),
        ground=FORKED,
    ),
    Scenario(
        "depends_on_the_test_before",
        "the only test that executes the statement fails when it runs alone",
        "STATE = []\n\n\ndef depends(a):\n    return a + 1\n",
        "def test_fills():\n    m.STATE.append(1)\n\n\ndef test_uses():\n    assert m.STATE and m.depends(1)\n",
        "survived",
        Guard(f"{PROBE}/zygote.py", 'if run["failing"] and not self._holds(run):', "if False:"),
        edit=SAME,
        ground=ORDERED,
    ),
    Scenario(
        "fewer_tests_than_planned",
        "the mutant makes a list shorter that tests are made of",
        "CASES = [1, 2, 3]\n",
        "@pytest.mark.parametrize('case', m.CASES)\ndef test_case(case):\n    assert case\n",
        "inconclusive: there is no record that its tests were run to the end",
        COMPLETED,
        edit=Edit("[1, 2, 3]", "[1, 2]"),
        peers=False,
    ),
    Scenario(
        "flaky",
        "a test that fails in one of three plain runs",
        triggered("flaky", "return 0"),
        "def test_flaky():\n    assert m.flaky(1) == 2 and os.environ['PYTHONHASHSEED'] != '1'\n",
        "refused: 1 of its tests fail or are flaky",
        Guard(
            "qtest/measure/baseline.py",
            "if len(tests) == len(runs) and all(test.outcome in GOOD for test in tests)",
            "if any(test.outcome in GOOD for test in tests)",
        ),
        ground=SEEDED,
    ),
    Scenario(
        "a_control_dies_of_our_mark",
        "a test that fails when a code object is exchanged, though nothing else is",
        "def looked_into(a):\n    return a + 1\n",
        "def test_looks():\n    assert m.looked_into(1) == 2 and m.looked_into.__code__ is CODE\n",
        "survived",
        Guard(
            "qtest/mutation/judge.py",
            "        if _killer(item):\n            unfit.add(item.mutant.path)\n",
            "        if False:\n            unfit.add(item.mutant.path)\n",
        ),
        edit=SAME,
        ground=LOOKED,
    ),
    Scenario(
        "a_control_dies",
        "a test that fails whenever the file has been written, also with the same text",
        "def dated(a):\n    return a + 1\n",
        "def test_dated():\n    assert m.dated(1) == 2 and os.stat(m.__file__).st_mtime < time.time() + 60\n",
        "refused: m:dated: a control that changes nothing was killed",
        Guard(
            "qtest/mutation/judge.py",
            "        if killer:\n            raise",
            "        if False:\n            raise",
        ),
        edit=SAME,
        ground=DATED,
    ),
    Scenario(
        "a_control_lives",
        "the test swallows whatever is raised",
        "def swallowed(a):\n    return a + 1\n",
        "def test_swallows():\n    try:\n        m.swallowed(1)\n    except BaseException:\n        pass\n",
        "doubtful: m:swallowed: raising at its start was not noticed",
        Guard(
            "qtest/mutation/judge.py",
            'if item.ruling.status != "killed":\n                doubtful',
            "if False:\n                doubtful",
        ),
        edit=None,
        ground=SWALLOWED,
        peers=False,
    ),
    Scenario(
        "another_round",
        "the judge is warm for the tests of the round before",
        "def another_round(a):\n    return a + 1\n",
        "",
        "killed by assertion",
        Guard("qtest/adapters/workbench.py", " or self._judge.key != (setting, tuple(files))", ""),
        edit=Edit("a + 1", "a - 1"),
        ground=ROUNDS,
        peers=False,
    ),
    Scenario(
        "text_of_the_round_before",
        "the tests of the round before still lie in the tree",
        "def yet_another_round(a):\n    return a + 1\n",
        "",
        "no coverage",
        Guard(
            "qtest/adapters/workbench.py",
            'if not path.exists() or path.read_text("utf-8", errors="surrogateescape") != file.text:',
            "if not path.exists():",
        ),
        edit=Edit("a + 1", "a - 1"),
        ground=Ground(
            "texts",
            slow=True,
            written=(
                "import m\n\n\ndef test_round():\n    assert m.yet_another_round(1) == 2\n",
                "import m\n\n\ndef test_round():\n    pass\n",
            ),
        ),
        peers=False,
    ),
    Scenario(
        "of_another_text",
        "the mutant was made of a text that the file has no more",
        "def of_another_text(a):\n    return a + 1\n",
        asked("of_another_text"),
        "inconclusive: its file has another text than the one it was made of",
        Guard(f"{PROBE}/desk.py", 'if not self.swap.fits(order["mutant"]):', "if False:"),
        edit=Edit("a + 1", "a - 1", made_of="a * 1"),
        peers=False,
    ),
    Scenario(
        "named_like_our_modules",
        "modules of the target with the names of ours",
        "import recorder\n\n\ndef named(a):\n    return a + recorder.STEP\n",
        asked("named"),
        "killed by assertion",
        Guard(f"{PROBE}/main.py", "if os.path.abspath(path) != here", "if True"),
        edit=Edit("a + recorder", "a - recorder"),
        ground=NAMED,
    ),
    Scenario(
        "no_interpreter",
        "the interpreter ends well and has run nothing",
        triggered("no_interpreter", "return 0"),
        asked("no_interpreter"),
        "refused: the run ended with exit code 0 and no record",
        Guard(
            "qtest/languages/python/toolchain.py",
            '            return SuiteRun(\n                problem=f"the run ended with',
            '            return SuiteRun(complete=True) if completed.ok else SuiteRun(\n                problem=f"the run ended with',
        ),
        ground=NO_PYTHON,
        peers=False,
    ),
    Scenario(
        "another_python_in_the_path",
        "the tests start `python`, which must be the target's",
        triggered("in_the_path", "return 0"),
        "def test_path():\n    told = subprocess.check_output(['python', '-c', 'import sys, m; print(sys.prefix, m.in_the_path(1))'], text=True)\n"
        "    assert told.split() == [sys.prefix, '2']\n",
        "killed by assertion",
        Guard("qtest/languages/python/toolchain.py", '("PATH", f"{Path(environment.python).parent}:', '("PATH", f"'),
        ground=PATH,
    ),
)
