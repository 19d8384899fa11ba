"""What was proven of modules, as Markdown: suspected bugs, a line for each test, and the mutants that still live."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from qtest.errors import UnspokenError
from qtest.languages.python.saying import called, outcomes
from qtest.mutation.diff import changed_lines
from qtest.mutation.words import change
from qtest.records.case import CallCase
from qtest.records.mutant import Survived, Verdict
from qtest.records.outcome import ModuleOutcome, SuspectedBug, ValidatedTest
from qtest.report.markdown import Section, code, fenced, row
from qtest.report.tally import final

_SHOWN = 12  # tests in the open; more are folded
_KILLS = 2  # edits named of a test
_IRREGULAR = {"class": "classes"}
Modules = Iterable[ModuleOutcome]
See = Callable[[ValidatedTest, Sequence[Verdict]], str]


def suspected(modules: Modules) -> Iterator[Section]:
    bugs = suspicions(modules)
    if bugs:
        yield Section(f"## {count(len(bugs), 'suspected bug')}\n", tuple(map(_bug, bugs)), what="suspected bugs")


def verify(test: ValidatedTest, own: Sequence[Verdict]) -> str:
    """The command that shows its kills, for who has the branch."""
    return shlex.join(("qtest", "verify", "--only", test.name)) if own else ""


def tests(modules: Modules, see: See = verify) -> Iterator[Section]:
    """Those that kill the most on their own first. `see` gives the command that shows what a test is worth."""
    found = sorted(validated(modules), key=lambda pair: -len(pair[1].kills))
    rows = tuple(row(_test(module, test, see)) for module, test in found)
    head = row(("test", "what the code does", "mutants that only it kills", "see for yourself")) + row(["---"] * 4)
    head = head.rstrip("\n")
    if rows:
        yield Section(head, rows[:_SHOWN], what="tests")
    if rows[_SHOWN:]:
        yield Section(head, rows[_SHOWN:], count(len(rows) - _SHOWN, "more test"), "tests")


def survivors(living: Sequence[Verdict]) -> Iterator[Section]:
    if living:
        parts = tuple(map(_survivor, living))
        yield Section("", parts, f"{count(len(living), 'mutant')} that no test kills", "survivors")


def suspicions(modules: Modules) -> list[SuspectedBug]:
    return [outcome for module in modules for outcome in module.outcomes if isinstance(outcome, SuspectedBug)]


def validated(modules: Modules) -> list[tuple[ModuleOutcome, ValidatedTest]]:
    return [(module, one) for module in modules for one in module.outcomes if isinstance(one, ValidatedTest)]


def count(number: int, what: str) -> str:
    return f"{number} {what if number == 1 else _IRREGULAR.get(what, f'{what}s')}"


def _bug(bug: SuspectedBug) -> str:
    said = f"{code(bug.target)}: {code(bug.observed, 300)}, though {code(bug.contract, 300)}\n\n"
    return said + fenced(bug.repro, "python")


def _test(module: ModuleOutcome, test: ValidatedTest, see: See) -> tuple[str, str, str, str]:
    own = [verdict for name in test.kills if (verdict := final(module).get(name))]
    return (
        code(f"{PurePosixPath(test.file).name}::{test.name}"),
        _behaviour(test.cases, module.module),
        _kills(own),
        code(command, 300) if (command := see(test, own)) else "",
    )


def _behaviour(cases: Sequence[CallCase], module: str) -> str:
    more = f" and {count(len(cases) - 1, 'case')} more" if len(cases) > 1 else ""
    case = cases[0]
    try:
        return f"{code(called(case.setup, case.input, module))} {'; '.join(outcomes(case.expect, module, code))}{more}"
    except UnspokenError:
        return code(case.target) + more


def _kills(own: Sequence[Verdict]) -> str:
    named = ", ".join(f"{change(one.mutant, code)} on line {one.mutant.line}" for one in own[:_KILLS])
    more = f" and {len(own) - _KILLS} more" if len(own) > _KILLS else ""
    return f"{len(own)}: {named}{more}" if own else ""


def _survivor(verdict: Verdict) -> str:
    mutant, result = verdict.mutant, verdict.result
    ran = f"{count(result.tests, 'test')} ran it and passed" if isinstance(result, Survived) else "no test runs it"
    name = mutant.symbol.partition(":")[2]
    where = f"{code(mutant.path)} line {mutant.line}" + (f" in {code(name)}" if name else ", when it is imported")
    diff = fenced("\n".join(changed_lines(verdict.diff)), "diff")
    return f"{where}: {ran}\n\n{diff}\n"
