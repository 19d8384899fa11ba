"""Guards that several scenarios hang on."""

from benchmarks.faults.scenario import Guard

VERDICT = "qtest/verdict.py"
PROBE = "qtest/languages/python/probe"

SIGNAL = Guard(f"{PROBE}/children.py", "signalled = os.WIFSIGNALED(status)", "signalled = False")
CODE = Guard(VERDICT, "if facts.code != 0:", "if False:")
COMPLETED = Guard(VERDICT, "if not facts.completed:", "if False:")
TRIPWIRE = Guard(VERDICT, "if not facts.tripwire:", "if False:")
LOST = Guard(VERDICT, 'if facts.ended == "lost":', "if False:")
SPENT = Guard("qtest/adapters/workbench.py", "            if spent:\n                self.close()\n", "")
KILLING = Guard(VERDICT, "if kind in KILLING and", "if")
FULL = Guard(f"{PROBE}/recorder.py", "if isinstance(one, OSError) and (", "if False and (")
EXIT = Guard(
    f"{PROBE}/running.py",
    '        except BaseException as error:\n            plugin.failing.append(recorder.failing(item.nodeid, "call", error))',
    '        except KeyboardInterrupt as error:\n            plugin.failing.append(recorder.failing(item.nodeid, "call", error))',
)
EVERY_EXCEPTION = Guard(
    f"{PROBE}/running.py",
    '        except BaseException as error:\n            plugin.failing.append(recorder.failing(item.nodeid, "call", error))',
    '        except Exception as error:\n            plugin.failing.append(recorder.failing(item.nodeid, "call", error))',
)
EVERY_FAILURE = Guard(
    f"{PROBE}/recorder.py",
    '            else:\n                outcome = "failed"\n',
    '            elif isinstance(error, Exception):\n                outcome = "failed"\n',
)
KEPT = Guard(f"{PROBE}/children.py", "os, select, signal, time = map(wires.kept, (os, select, signal, time))\n", "")
RESTORED = Guard(
    f"{PROBE}/tree.py", "        if after == self.before:\n            return False\n", "        return False\n"
)
