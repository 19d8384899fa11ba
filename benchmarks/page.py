"""RESULTS.md: a section for each benchmark that publishes there, under a title of its own."""

import re

from benchmarks.generation.commit import ROOT

PAGE = ROOT / "benchmarks" / "RESULTS.md"


def publish(text: str) -> None:
    """In place of the section with the same title, or after the others. `text` begins with its title and has no other of that rank."""
    whole = PAGE.read_text("utf-8") if PAGE.exists() else ""
    PAGE.write_text(merged(whole, text), "utf-8")


def merged(whole: str, text: str) -> str:
    title = text.partition("\n")[0]
    sections = [part for part in re.split(r"^(?=# )", whole, flags=re.M) if part.strip()]
    kept = [text if part.partition("\n")[0] == title else part for part in sections]
    return "\n".join(part.strip() + "\n" for part in (kept if text in kept else [*kept, text]))
