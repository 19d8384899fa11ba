"""One self-contained page: what was proven, function by function, with every mutant on its line and who kills it."""

from collections.abc import Iterable, Iterator, Sequence

from qtest.records.mutant import Inconclusive, Killed, NoCoverage, Survived, TimedOut, Verdict
from qtest.records.outcome import Failure, ModuleOutcome, Rejection, SuspectedBug, ValidatedTest
from qtest.records.report import RunReport
from qtest.report import page
from qtest.report.concern import concern_line
from qtest.report.functions import Section, sections
from qtest.report.page import block as _b
from qtest.report.page import short
from qtest.report.page import text as _t
from qtest.report.spend import spend_lines
from qtest.report.tally import accepted_line, controls_line, covered, ending, final, first_line, measured, tally

_KINDS = {
    "own": ("●", "killed by your suite"),
    "new": ("✔", "killed by a new test"),
    "alive": ("✘", "alive, though tests ran it"),
    "none": ("○", "alive, no test runs it"),
    "odd": ("?", "timed out or inconclusive"),
}


def html(report: RunReport) -> str:
    return page.document(f"QTest: {report.target}", _page(report))


def _page(report: RunReport) -> Iterator[str]:
    total = tally(report.modules)
    if report.unsafe:
        yield page.UNSAFE
    yield f'<p class="kicker">QTest {_t(report.qtest)} · {_t(report.target)} · {_t(report.revision.version or report.revision.kind)} · seed {_t(report.seed)} · {report.status}</p>'
    yield f"<h1>{_t(first_line(report)[:1].upper() + first_line(report)[1:])}</h1>"
    tiles = [
        (str(total.cases), "new tests" if total.cases != 1 else "new test"),
        (f"{total.score_text(total.before)} → {total.score_text(total.before + total.after)}", "mutation score"),
        (covered(report.modules), f"lines covered{measured(report.modules)}"),
        (str(sum(isinstance(o, SuspectedBug) for m in report.modules for o in m.outcomes)), "suspected bugs"),
        (f"{report.wall_s:.0f} s", "wall time"),
    ]
    yield page.tiles(tiles)
    yield from _facts(report, total.timed_out, total.inconclusive)
    yield from _table(report)
    yield from _bugs(report)
    yield "<h2>Modules</h2>" + page.legend(_KINDS)
    for module in report.modules:
        yield from _module(module)
    yield from _left(report)


def _facts(report: RunReport, timed_out: int, inconclusive: int) -> Iterator[str]:
    yield '<div class="facts">'
    yield f"<p><b>Controls</b> {_t(controls_line(report))}</p>"
    for function in report.controls.doubtful:
        yield f'<p class="none"><b>Doubtful</b> {_t(function)}</p>'
    yield page.sandbox(report.guarantees)
    yield f"<p><b>Environment</b> Python {_t(report.python)}, {_t(report.environment)}</p>"
    yield from page.suites(report.suites)
    if timed_out or inconclusive:
        yield f"<p><b>Beside the score</b> {timed_out} timed out, {inconclusive} inconclusive; neither counts as a kill</p>"
    if accepted_line(report):
        yield f"<p><b>Beside the score</b> {_t(accepted_line(report))}</p>"
    if concern_line(report):
        yield f"<p><b>Concern</b> {_t(concern_line(report))}</p>"
    for line in spend_lines(report):
        yield f"<p><b>Models</b> {_t(line)}</p>"
    if report.command:
        yield f"<p><b>Run them</b> <code>{_t(report.command)}</code></p>"
    yield page.MIND + "</div>"


def _table(report: RunReport) -> Iterator[str]:
    yield '<h2>Targets</h2><div class="wide"><table><tr><th>module</th><th class="n">tests</th><th class="n">kills</th><th class="n">score</th><th class="n">lines</th><th>how it ended</th></tr>'
    for module in report.modules:
        one = tally([module])
        score = f"{one.score_text(one.before)} → {one.score_text(one.before + one.after)}"
        yield f'<tr><td><a href="#{_t(module.module)}">{_t(module.module)}</a></td><td class="n">{one.cases}</td><td class="n">{one.after}</td><td class="n">{score}</td><td class="n">{covered([module])}</td><td>{_t(ending(module))}</td></tr>'
    yield "</table></div>"


def _bugs(report: RunReport) -> Iterator[str]:
    bugs = [outcome for module in report.modules for outcome in module.outcomes if isinstance(outcome, SuspectedBug)]
    if not bugs:
        return
    yield "<h2>Suspected bugs</h2>"
    for bug in bugs:
        yield f'<details open><summary><span class="name">{_t(bug.target)}</span><span class="small">{_t(bug.observed)}</span></summary>'
        yield f'<div class="body"><p>Violates: {_t(bug.contract)}</p><pre class="plain">{_b(bug.repro)}</pre></div></details>'


def _module(module: ModuleOutcome) -> Iterator[str]:
    verdicts = tuple(final(module).values())
    one = tally([module])
    yield f'<details id="{_t(module.module)}"{" open" if one.mutants < 400 else ""}><summary><span class="name">{_t(module.module)}</span>{_bar(module, verdicts)}<span class="grow"></span>'
    yield f'<span class="small">{one.cases} tests · {one.before + one.after} of {one.mutants} killed</span></summary>'
    for section in sections(module.source, verdicts):
        yield from _section(module, section)
    tests = [outcome for outcome in module.outcomes if isinstance(outcome, ValidatedTest)]
    if tests and module.file:
        yield f'<details><summary><span class="name">{_t(module.file.path)}</span><span class="small">the file that ships, {len(tests)} test functions</span></summary><div class="body">'
        yield f'<pre class="plain">{_b(module.file.text)}</pre></div></details>'
    yield from _others(module)
    yield "</details>"


def _section(module: ModuleOutcome, section: Section) -> Iterator[str]:
    counts = [_kind(module, verdict) for verdict in section.verdicts]
    dead = sum(kind in ("own", "new") for kind in counts)
    yield f'<details><summary><span class="name">{_t(section.name)}</span>{_bar(module, section.verdicts)}<span class="grow"></span><span class="small">{dead} of {len(counts)} killed</span></summary><div class="body">'
    by_line: dict[int, list[str]] = {}
    for verdict, kind in zip(section.verdicts, counts, strict=True):
        by_line.setdefault(verdict.mutant.line, []).append(kind)
    yield page.code(section.lines, by_line, _KINDS)
    yield from _survivors(module, section.verdicts)
    yield from _killers(module, section.verdicts)
    yield "</div></details>"


def _survivors(module: ModuleOutcome, verdicts: Iterable[Verdict]) -> Iterator[str]:
    alive = [verdict for verdict in verdicts if _kind(module, verdict) in ("alive", "none", "odd")]
    if not alive:
        return
    yield f"<h3>{len(alive)} not killed</h3>"
    for verdict in alive:
        kind = _kind(module, verdict)
        accepted = " · accepted by a person" if verdict.mutant.id in module.accepted else ""
        yield f'<p class="kicker"><span class="{kind}">{_KINDS[kind][0]}</span> {_t(verdict.id)} · line {verdict.mutant.line} · {_t(verdict.mutant.operator)} · {_t(_said(verdict))}{accepted} · <code>{_t(verdict.replay)}</code></p>'
        yield f"<pre>{page.diff(verdict.diff)}</pre>"


def _killers(module: ModuleOutcome, verdicts: Iterable[Verdict]) -> Iterator[str]:
    dead = [(verdict, verdict.result) for verdict in verdicts if isinstance(verdict.result, Killed)]
    if not dead:
        return
    yield f'<h3>{len(dead)} killed</h3><div class="wide"><table><tr><th>verdict</th><th class="n">line</th><th>edit</th><th>by</th><th>how it failed</th></tr>'
    for verdict, result in dead:
        edit = page.edit(verdict.mutant)
        by = f"{_t(result.by[0].rpartition('::')[2] or result.by[0])}" + (
            f" and {len(result.by) - 1} more" if len(result.by) > 1 else ""
        )
        yield f'<tr><td><code>{_t(verdict.id)}</code></td><td class="n">{verdict.mutant.line}</td><td>{edit}</td><td>{by}</td><td>{_t(short(f"{result.first.kind}: {result.first.error} {result.first.message}", 110))}</td></tr>'
    yield "</table></div>"


def _others(module: ModuleOutcome) -> Iterator[str]:
    rest = [outcome for outcome in module.outcomes if isinstance(outcome, Rejection | Failure)]
    if not rest:
        return
    yield f'<details><summary><span class="name">What did not become a test</span><span class="small">{len(rest)}</span></summary><div class="body"><ul>'
    for outcome in rest:
        if isinstance(outcome, Rejection):
            yield (
                f"<li><code>{_t(outcome.target)}</code> {_t(outcome.stage)}: {_t(outcome.reason)}"
                + (f" ({outcome.count} times)" if outcome.count > 1 else "")
                + "</li>"
            )
        else:
            yield f'<li class="alive"><code>{_t(outcome.target)}</code> machinery: {_t(outcome.reason)}</li>'
    yield "</ul></div></details>"


def _left(report: RunReport) -> Iterator[str]:
    yield page.omissions("Problems", report.problems)
    yield page.omissions("No target, and why", report.left_out)
    yield page.omissions("Files left out", report.omitted)


def _kind(module: ModuleOutcome, verdict: Verdict) -> str:
    if isinstance(verdict.result, Killed):
        return "own" if verdict.suite == "existing" else "new"
    if isinstance(verdict.result, NoCoverage):
        return "none"
    return "alive" if isinstance(verdict.result, Survived) else "odd"


def _said(verdict: Verdict) -> str:
    result = verdict.result
    if isinstance(result, Survived):
        return f"{result.tests} tests ran it and passed"
    if isinstance(result, TimedOut):
        return f"timed out ({result.limit})"
    return result.reason if isinstance(result, Inconclusive) else result.status


def _bar(module: ModuleOutcome, verdicts: Sequence[Verdict]) -> str:
    return page.bar([_kind(module, verdict) for verdict in verdicts], _KINDS)
