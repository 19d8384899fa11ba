"""The pieces of our pages: self-contained, without a script, and safe with text of unknown origin."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from qtest.records.mutant import Mutant
from qtest.records.report import SuiteFacts
from qtest.records.sandbox import Guarantees
from qtest.records.source import Omission
from qtest.report.text import visible

Kinds = Mapping[str, tuple[str, str]]  # from a kind's style to its mark and what it means

UNSAFE = '<p class="loud">Run without a sandbox (--unsafe-no-sandbox): the code under test could do anything this user can, and could have forged any verdict.</p>'
MIND = "<p><b>Mind</b> code under test runs in the same process as its tests: it could forge the verdict of its own mutant or test, and no other</p>"
ALIVE = ("alive", "none")
_CSS = Path(__file__).with_name("page.css")
_LISTED = 500


def document(title: str, body: Iterable[str]) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    lines = "\n".join(body)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}"><title>{text(title)}</title>
<style>{_CSS.read_text("utf-8")}</style></head><body><main>
{lines}
</main></body></html>
"""


def tiles(told: Iterable[tuple[str, str]]) -> str:
    cards = (f'<div class="tile"><b>{text(number)}</b><span>{text(name)}</span></div>' for number, name in told)
    return f'<div class="tiles">{"".join(cards)}</div>'


def sandbox(guarantees: Guarantees) -> str:
    levels: dict[str, list[str]] = {}
    for item in guarantees.items:
        levels.setdefault(item.level, []).append(item.promise)
    told = "; ".join(f"{text(level)}: {text(', '.join(names))}" for level, names in levels.items())
    return f"<p><b>Sandbox</b> {text(guarantees.adapter)}: {told}</p>"


def suites(found: Iterable[SuiteFacts]) -> Iterable[str]:
    for suite in found:
        yield (
            f"<p><b>Suite</b> {text(f'{suite.command}: {suite.tests} usable tests' if suite.command else 'none was used')}"
            + (f", {suite.unusable} left aside" if suite.unusable else "")
            + (f"; {text(suite.reason)}" if suite.reason else "")
            + "</p>"
        )


def code(lines: Iterable[tuple[int, str]], found: Mapping[int, Sequence[str]], kinds: Kinds) -> str:
    """With how many mutants of each kind stand on each line."""
    return f"<pre>{''.join(_line(number, source, found.get(number, ()), kinds) for number, source in lines)}</pre>"


def _line(number: int, source: str, found: Sequence[str], kinds: Kinds) -> str:
    marks = "".join(
        f'<span class="{kind}" title="{found.count(kind)} {kinds[kind][1]}">{kinds[kind][0]}{found.count(kind)} </span>'
        for kind in kinds
        if kind in found
    )
    hit = ' class="hit"' if any(kind in found for kind in ALIVE) else ""
    return f'<span{hit}><span class="ln">{number}</span><span class="mk">{marks}</span>{text(source)}</span>'


def bar(found: Sequence[str], kinds: Kinds) -> str:
    parts = "".join(
        f'<i class="b-{kind}" style="width:{100 * found.count(kind) / len(found):.1f}%"></i>'
        for kind in kinds
        if kind in found
    )
    return f'<span class="bar" aria-hidden="true">{parts}</span>'


def legend(kinds: Kinds) -> str:
    marks = (f'<span><b class="{kind}">{mark}</b> {meaning}</span>' for kind, (mark, meaning) in kinds.items())
    return f'<p class="legend">{"".join(marks)}</p>'


def edit(mutant: Mutant) -> str:
    return f"<code>{text(short(mutant.original))}</code> → <code>{text(short(mutant.replacement))}</code>"


def diff(told: str) -> str:
    """Without the names of the files."""
    kinds = {"+": "add", "-": "del"}
    lines = told.split("\n")[2:]
    return "".join(f'<span class="{kinds.get(one[:1], "")}">{text(one)}</span>' for one in lines)


def omissions(title: str, items: Sequence[Omission]) -> str:
    if not items:
        return ""
    told = "\n".join(f"<li><code>{text(item.path)}</code> {text(item.reason)}</li>" for item in items[:_LISTED])
    return folded(title, str(len(items)), f"<ul>{told}</ul>")


def folded(title: str, small: str, body: str) -> str:
    return f'<details><summary><span class="name">{text(title)}</span><span class="small">{text(small)}</span></summary><div class="body">{body}</div></details>'


def short(told: str, limit: int = 48) -> str:
    flat = " ".join(told.split()) or "(nothing)"
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def text(told: str) -> str:
    return escape(visible(told))


def coded(told: str) -> str:
    """What stands between backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", text(told))


def block(told: str) -> str:
    """Line ends stay."""
    return escape(visible(told, lines=True, limit=400_000))
