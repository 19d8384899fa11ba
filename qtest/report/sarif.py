"""SARIF 2.1.0, as code hosts read it: a survivor is a note on its lines, a suspected bug a warning where the function begins."""

import json
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

from qtest import __version__
from qtest.mutation.words import change
from qtest.records.mutant import Survived, Verdict
from qtest.records.mutation import MutationReport
from qtest.records.outcome import ModuleOutcome, SuspectedBug
from qtest.records.record import digest_of
from qtest.records.report import RunReport
from qtest.report.tally import alive
from qtest.report.text import visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BUG = "suspected-bug"
_RULES: Mapping[str, tuple[str, str]] = {
    "survivor": ("note", "A mutant that tests run and none of them notices"),
    "not-covered": ("note", "A mutant that no test runs"),
    _BUG: ("warning", "Behaviour that contradicts what the code says of itself"),
}


def of_run(report: RunReport) -> str:
    found = [_bug(module, one) for module in report.modules for one in module.outcomes if isinstance(one, SuspectedBug)]
    found += [_survivor(verdict) for module in report.modules for verdict in alive(module)]
    return _log(found)


def of_mutants(report: MutationReport) -> str:
    return _log([_survivor(verdict) for verdict in report.alive])


def _log(results: list[dict[str, Any]]) -> str:
    driver = {
        "name": "QTest",
        "version": __version__,
        "rules": [
            {"id": rule, "shortDescription": {"text": said}, "defaultConfiguration": {"level": level}}
            for rule, (level, said) in _RULES.items()
        ],
    }
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The top of the repository"}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _survivor(verdict: Verdict) -> dict[str, Any]:
    mutant, result = verdict.mutant, verdict.result
    if isinstance(result, Survived):
        rule, ran = "survivor", f"{result.tests} test{'s' if result.tests != 1 else ''} ran it and passed"
    else:
        rule, ran = "not-covered", "no test runs it"
    said = f"{mutant.symbol.rstrip(':')} {change(mutant)}: {ran}"
    return _result(rule, said, mutant.path, mutant.line, mutant.end_line, verdict.stable or mutant.id)


def _bug(module: ModuleOutcome, bug: SuspectedBug) -> dict[str, Any]:
    said = f"{bug.target}: {bug.observed}; {bug.contract}"
    line = next(_lines(module, bug.target), 1)
    return _result(_BUG, said, module.path, line, line, digest_of(f"{bug.target}\0{bug.contract}\0{bug.observed}")[:16])


def _lines(module: ModuleOutcome, target: str) -> Iterator[int]:
    """Where the target's mutants are, from the first on."""
    yield from sorted(verdict.mutant.line for verdict in module.before if verdict.mutant.symbol == target)


def _result(rule: str, said: str, path: str, line: int, end_line: int, name: str) -> dict[str, Any]:
    """`name` is what tells it from others, and stays when lines move."""
    region = {"startLine": max(1, line), "endLine": max(1, line, end_line)}
    place = {"artifactLocation": {"uri": urllib.parse.quote(path), "uriBaseId": "SRCROOT"}, "region": region}
    return {
        "ruleId": rule,
        "ruleIndex": list(_RULES).index(rule),
        "level": _RULES[rule][0],
        "message": {"text": visible(said)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"qtest/v1": name},
    }
