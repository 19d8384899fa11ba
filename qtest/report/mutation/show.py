"""One mutant as a person looks at it: the change in its place, how it ended, which tests ran or kill it, and what to do next."""

from collections.abc import Iterator, Sequence

from qtest.mutation.diff import diff
from qtest.records.mutant import Killed, Verdict
from qtest.records.mutation import Accepted, JudgedModule, lives
from qtest.report.mutation.told import ending, line_of, name, question, runs, seen
from qtest.report.text import visible

_CONTEXT = 4
_NAMED = 20
_HOW = {
    "swap": "code swapped in a fork",
    "fresh import": "a fresh import",
    "cold": "the whole suite by a new interpreter",
}


def shown(module: JudgedModule, verdict: Verdict, accepted: Accepted | None) -> Iterator[str]:
    mutant, by_line = verdict.mutant, runs(module)
    yield f"{name(verdict)}: {visible(mutant.operator)} in {visible(mutant.symbol.rstrip(':'))}, {visible(mutant.path)} line {line_of(mutant, module.text)}"
    yield ""
    yield from (f"    {visible(line)}" for line in diff(module.text, mutant, _CONTEXT).split("\n"))
    yield ""
    yield visible(f"{verdict.result.status}: {question(verdict, by_line)}" if lives(verdict) else ending(verdict))
    if accepted:
        by = " ".join(part for part in (accepted.author, accepted.date) if part)
        yield visible(f"accepted: {accepted.reason}{f' ({by})' if by else ''}")
    result = verdict.result
    if isinstance(result, Killed):
        first = result.first
        yield visible(
            f"  {first.kind} in its {first.phase}{f' at {first.place}' if first.place else ''}: {first.error} {first.message}"
        )
        if len(result.by) > 1:
            yield from _named("killed by", result.by)
    yield from _named("run by", seen(mutant, by_line))
    if verdict.proof:
        yield visible(f"proof: {_HOW.get(verdict.how, verdict.how)}; {verdict.proof}; {verdict.cpu_s:.2f} s of CPU")
    yield f"ids: verdict {verdict.id}, mutant {mutant.id}" + (f", stable {verdict.stable}" if verdict.stable else "")
    yield f"next: qtest replay {name(verdict)}" + (
        f"; qtest accept {name(verdict)} --reason WHY" if lives(verdict) and not accepted else ""
    )


def _named(said: str, nodes: Sequence[str]) -> Iterator[str]:
    if not nodes:
        return
    yield f"{said}:"
    yield from (f"  {visible(node)}" for node in nodes[:_NAMED])
    if len(nodes) > _NAMED:
        yield f"  and {len(nodes) - _NAMED} more"
