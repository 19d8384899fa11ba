"""The report in the schema of mutation-testing-elements, which the viewers of Stryker, PIT, Infection and others read."""

import bisect
import json
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from qtest.mutation.words import change
from qtest.records.mutant import Killed, Survived, Verdict
from qtest.records.mutation import Accepted, JudgedModule, MutationReport, lives
from qtest.report.mutation.told import Runs, accepted_of, ending, name, question, runs, seen

_STATUS = {
    "killed": "Killed",
    "survived": "Survived",
    "no coverage": "NoCoverage",
    # Viewers count a `Timeout` as detected. To us it is none; what they leave out of the score is a run that broke.
    "timed out": "RuntimeError",
    "inconclusive": "RuntimeError",
    "refused": "CompileError",
}
_VIEWER = "mutation-test-elements.js"


def elements(report: MutationReport) -> str:
    reasons = report.reasons
    whole = {
        "schemaVersion": "2.0",
        "thresholds": {"high": 80, "low": 60},
        "framework": {"name": "QTest", "version": report.qtest},
        "config": json.loads(report.settings or "{}"),
        "files": {module.path: _file(module, reasons) for module in report.modules if module.verdicts},
        "testFiles": _tests(report),
    }
    return json.dumps(whole)


def viewer(elements: str) -> str:
    """A page that shows them, once the viewer is laid beside it: we load nothing from elsewhere."""
    told = elements.replace("<", "\\u003c")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Mutants</title>
<script defer src="{_VIEWER}"></script></head>
<body><p id="needed">This page needs {_VIEWER} beside it: <code>npm pack mutation-testing-elements</code>, and copy it
from <code>package/dist/</code>. What it shows stands in mutation.json too, and in report.html, which needs nothing.</p>
<mutation-test-report-app title-postfix="QTest"></mutation-test-report-app>
<script type="application/json" id="report">{told}</script>
<script>
customElements.whenDefined("mutation-test-report-app").then(() => {{
  document.getElementById("needed").remove();
  document.querySelector("mutation-test-report-app").report = JSON.parse(document.getElementById("report").textContent);
}});
</script></body></html>
"""


def _file(module: JudgedModule, reasons: Mapping[str, Accepted]) -> dict[str, Any]:
    by_line = runs(module)
    starts = tuple(accumulate((len(line) + 1 for line in module.text.split("\n")), initial=0))
    return {
        "language": "python",
        "source": module.text,
        "mutants": [
            _mutant(verdict, module.text, starts, by_line, accepted_of(verdict, reasons)) for verdict in module.verdicts
        ],
    }


def _mutant(
    verdict: Verdict, text: str, starts: tuple[int, ...], by_line: Runs, accepted: Accepted | None
) -> dict[str, Any]:
    mutant, result = verdict.mutant, verdict.result
    ignored = accepted is not None and lives(verdict)
    told: dict[str, Any] = {
        "id": name(verdict),
        "mutatorName": mutant.operator,
        "description": change(mutant),
        "replacement": mutant.replacement,
        "location": {"start": _position(mutant.start, text, starts), "end": _position(mutant.end, text, starts)},
        "status": "Ignored" if ignored else _STATUS[result.status],
        "statusReason": f"accepted: {accepted.reason}" if accepted and ignored else question(verdict, by_line),
        "static": verdict.how == "fresh import",
        "duration": round(1000 * verdict.wall_s, 3),
    }
    killers = result.by if isinstance(result, Killed) else ()
    if killers:
        told["killedBy"] = list(killers)
        told["statusReason"] = ending(verdict)
    if not told["static"]:
        told["coveredBy"] = list(dict.fromkeys((*seen(mutant, by_line), *killers)))
    if isinstance(result, Survived):
        told["testsCompleted"] = result.tests
    return told


def _position(offset: int, text: str, starts: tuple[int, ...]) -> dict[str, int]:
    """As JavaScript counts: lines end at line feeds, columns are UTF-16 units; both from 1."""
    line = bisect.bisect_right(starts, offset) - 1
    before = text[starts[line] : offset]
    return {"line": line + 1, "column": len(before.encode("utf-16-le", "surrogatepass")) // 2 + 1}


def _tests(report: MutationReport) -> dict[str, Any]:
    killers = [node for one in report.verdicts if isinstance(one.result, Killed) for node in one.result.by]
    files: dict[str, list[dict[str, str]]] = {}
    for node in dict.fromkeys((*report.tests, *killers)):
        path, _, rest = node.partition("::")
        files.setdefault(path, []).append({"id": node, "name": rest or path})
    return {path: {"tests": tests} for path, tests in files.items()}
