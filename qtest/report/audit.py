"""What an audit says on the terminal: the confusion matrix, and every disagreement with how to see it."""

from collections.abc import Iterator, Sequence

from qtest.mutation.audit import Audited, matrix
from qtest.report.text import visible


def lines(found: Sequence[Audited], out: str) -> Iterator[str]:
    """`out` is the folder that `qtest replay` reads."""
    rows = matrix(found)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(
            cell.ljust(width) if number == 0 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
    for one in found:
        if one.status == "unclear":
            yield f"unclear {one.verdict.id}: recorded {one.verdict.result.status}; {visible(one.reason)}"
    wrong = [one for one in found if one.disagrees]
    for one in wrong:
        mutant = one.verdict.mutant
        said = f" ({visible(one.reason)})" if one.reason else ""
        yield f"DISAGREE {one.verdict.id}  {visible(mutant.path)}:{mutant.line}  {mutant.operator}, {one.verdict.how}: recorded {one.verdict.result.status}, cold {one.status}{said}"
        yield f"    {one.verdict.replay} --from {out}"
    yield f"{len(found)} verdicts re-judged, {len(wrong)} disagree"
