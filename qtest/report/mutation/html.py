"""One self-contained page: the score and how far it may be trusted, then every mutant on its line, and what each survivor asks."""

from collections.abc import Iterator, Mapping, Sequence

from qtest.mutation.score import score
from qtest.mutation.words import change
from qtest.records.mutant import Killed, NoCoverage, Survived, Verdict
from qtest.records.mutation import Accepted, JudgedModule, MutationReport
from qtest.report import page
from qtest.report.functions import Section, sections
from qtest.report.mutation.told import (
    Runs,
    accepted_of,
    beside,
    controls,
    first_line,
    killer,
    line_of,
    name,
    percent,
    question,
    reviewed,
    runs,
    seen,
)
from qtest.report.page import short
from qtest.report.page import text as _t

_KINDS = {
    "new": ("✔", "killed"),
    "own": ("–", "alive, accepted by a person"),
    "alive": ("✘", "alive, though tests ran it"),
    "none": ("○", "alive, no test runs it"),
    "odd": ("?", "timed out, inconclusive, or refused by the type checker"),
}
_OPEN = 60  # functions with survivors; of more, all are folded
_NAMED = 12  # tests that run a survivor

Reasons = Mapping[str, Accepted]


def html(report: MutationReport) -> str:
    return page.document(f"QTest mutants: {report.target}", _page(report))


def _page(report: MutationReport) -> Iterator[str]:
    told = score(report.unaccepted)
    said = first_line(report)
    sampled = any(module.sampled_out for module in report.modules)
    if report.unsafe:
        yield page.UNSAFE
    yield f'<p class="kicker">QTest {_t(report.qtest)} mutate · {_t(report.target)} · {_t(report.revision.version or report.revision.kind)} · seed {_t(report.seed)} · {report.status}</p>'
    yield f"<h1>{_t(said[:1].upper() + said[1:])}</h1>"
    if report.red:
        yield f'<p class="loud">Red: {_t(report.red)}</p>'
    yield page.tiles(
        [
            (percent(told).replace(" to ", "–"), "score of the sample" if sampled else "mutation score"),
            (f"{told.killed} of {told.counted}", "mutants killed"),
            (str(told.survived), "alive, though tests ran them"),
            (str(told.no_coverage), "alive, not run by any test"),
            (str(told.unclear), "timed out or inconclusive"),
            (f"{report.wall_s:.0f} s", "wall time"),
        ]
    )
    yield from _facts(report)
    yield from _table(report)
    yield from _idle(report)
    yield from _accepted(report)
    yield "<h2>Mutants</h2>" + page.legend(_KINDS)
    for module in report.modules:
        if module.verdicts:
            yield from _module(module, report)
    yield page.omissions("Problems", report.problems)
    yield page.omissions("Left out", report.left_out)


def _facts(report: MutationReport) -> Iterator[str]:
    yield '<div class="facts">'
    yield f"<p><b>Controls</b> {_t(controls(report))}</p>"
    for function in report.controls.doubtful:
        yield f'<p class="none"><b>Doubtful</b> {_t(function)}</p>'
    for line in beside(report):
        yield f"<p><b>Beside the score</b> {_t(line)}</p>"
    yield page.sandbox(report.guarantees)
    yield f"<p><b>Environment</b> Python {_t(report.python)}, {_t(report.environment)}</p>"
    yield from page.suites(report.suites)
    yield page.MIND + "</div>"


def _table(report: MutationReport) -> Iterator[str]:
    titles = ("mutants", "killed", "alive", "not run", "accepted", "unclear", "score")
    cells = "".join(f'<th class="n">{title}</th>' for title in titles)
    yield f'<h2>Modules</h2><div class="wide"><table><tr><th>module</th>{cells}</tr>'
    left = {verdict.id for verdict in report.unaccepted}
    for module in report.modules:
        if not module.verdicts:
            continue
        kept = [verdict for verdict in module.verdicts if verdict.id in left]
        told = score(kept)
        mutants, accepted = len(module.verdicts), len(module.verdicts) - len(kept)
        counts = (mutants, told.killed, told.survived, told.no_coverage, accepted, told.unclear)
        cells = "".join(f'<td class="n">{cell}</td>' for cell in (*counts, _t(percent(told))))
        yield f'<tr><td><a href="#{_t(module.path)}">{_t(module.module)}</a></td>{cells}</tr>'
    yield "</table></div>"


def _idle(report: MutationReport) -> Iterator[str]:
    if report.idle is None:
        return
    yield "<h2>What each test is worth</h2>"
    yield f'<p class="kicker">Every one of {len(report.tests)} tests was asked about every mutant that it may reach, {len(report.verdicts)} mutants in all.</p>'
    for title, nodes in (
        ("Tests that kill nothing", report.idle.nothing),
        ("Tests that kill nothing of their own", report.idle.nothing_own),
    ):
        yield page.folded(title, str(len(nodes)), _list(f"<code>{_t(node)}</code>" for node in nodes))


def _accepted(report: MutationReport) -> Iterator[str]:
    notes = tuple(reviewed(report))
    if not report.accepted and not notes:
        return
    yield "<h2>Accepted by people</h2>"
    for note in notes:
        yield f'<p class="none">{page.coded(note)}</p>'
    if report.accepted:
        yield '<div class="wide"><table><tr><th>mutant</th><th>where</th><th>change</th><th>reason</th><th>by</th></tr>'
        for entry in report.accepted:
            by = " ".join(part for part in (entry.author, entry.date) if part)
            where = entry.symbol.rstrip(":")
            yield f'<tr><td class="id"><code>{_t(entry.id)}</code></td><td>{_t(where)}</td><td>{page.coded(entry.change)}</td><td>{_t(entry.reason)}</td><td>{_t(by)}</td></tr>'
        yield "</table></div>"


def _module(module: JudgedModule, report: MutationReport) -> Iterator[str]:
    reasons, by_line = report.reasons, runs(module)
    kinds = [_kind(verdict, reasons) for verdict in module.verdicts]
    yield f'<details id="{_t(module.path)}" open><summary><span class="name">{_t(module.module)}</span>{page.bar(kinds, _KINDS)}<span class="grow"></span>'
    yield f'<span class="small">{kinds.count("new")} of {len(kinds)} killed</span></summary>'
    found = list(sections(module.text, module.verdicts))
    open_ = len(found) <= _OPEN
    for section in found:
        yield from _section(section, module.text, by_line, reasons, unfolded=open_)
    yield "</details>"


def _section(section: Section, source: str, by_line: Runs, reasons: Reasons, *, unfolded: bool) -> Iterator[str]:
    kinds = [_kind(verdict, reasons) for verdict in section.verdicts]
    open_ = " open" if unfolded and any(kind in page.ALIVE for kind in kinds) else ""
    yield f'<details{open_}><summary><span class="name">{_t(section.name)}</span>{page.bar(kinds, _KINDS)}<span class="grow"></span><span class="small">{kinds.count("new")} of {len(kinds)} killed</span></summary><div class="body">'
    on_line: dict[int, list[str]] = {}
    for verdict, kind in zip(section.verdicts, kinds, strict=True):
        on_line.setdefault(line_of(verdict.mutant, source), []).append(kind)
    yield page.code(section.lines, on_line, _KINDS)
    yield from _living([v for v in section.verdicts if not isinstance(v.result, Killed)], source, by_line, reasons)
    yield from _killed([v for v in section.verdicts if isinstance(v.result, Killed)], source)
    yield "</div></details>"


def _living(verdicts: Sequence[Verdict], source: str, by_line: Runs, reasons: Reasons) -> Iterator[str]:
    if not verdicts:
        return
    yield f"<h3>{len(verdicts)} not killed</h3>"
    for verdict in verdicts:
        kind, accepted = _kind(verdict, reasons), accepted_of(verdict, reasons)
        asked = f"accepted: {accepted.reason}" if accepted else question(verdict, by_line)
        asked = asked[:1].upper() + asked[1:]
        yield f'<div class="mutant"><p><b class="{kind}">{_KINDS[kind][0]} {page.coded(asked)}</b></p>'
        yield f"<pre>{page.diff(verdict.diff)}</pre>"
        yield f'<p class="kicker">line {line_of(verdict.mutant, source)} · {_t(verdict.mutant.operator)} · <code>qtest show {_t(name(verdict))}</code>{_ran(verdict, by_line)}</p></div>'


def _ran(verdict: Verdict, by_line: Runs) -> str:
    nodes = seen(verdict.mutant, by_line)
    if not nodes:
        return ""
    more = f" and {len(nodes) - _NAMED} more" if len(nodes) > _NAMED else ""
    return f" · run by {_t(', '.join(map(_bare, nodes[:_NAMED])))}{more}"


def _killed(verdicts: Sequence[Verdict], source: str) -> Iterator[str]:
    if not verdicts:
        return
    rows = "\n".join(_row(verdict, source) for verdict in verdicts)
    table = f'<div class="wide"><table><tr><th>mutant</th><th class="n">line</th><th>edit</th><th>by</th><th>how it failed</th></tr>{rows}</table></div>'
    yield page.folded("Killed", str(len(verdicts)), table)


def _row(verdict: Verdict, source: str) -> str:
    first = verdict.result.first if isinstance(verdict.result, Killed) else None
    how = short(f"{first.kind}: {first.error} {first.message}", 110) if first else ""
    return f'<tr><td class="id"><code>{_t(name(verdict))}</code></td><td class="n">{line_of(verdict.mutant, source)}</td><td>{page.coded(change(verdict.mutant))}</td><td>{_t(_bare(killer(verdict)))}</td><td>{_t(how)}</td></tr>'


def _kind(verdict: Verdict, reasons: Reasons) -> str:
    if isinstance(verdict.result, Killed):
        return "new"
    if not isinstance(verdict.result, NoCoverage | Survived):
        return "odd"
    if accepted_of(verdict, reasons):
        return "own"
    return "none" if isinstance(verdict.result, NoCoverage) else "alive"


def _bare(node: str) -> str:
    return node.partition("::")[2] or node


def _list(items: Iterator[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
