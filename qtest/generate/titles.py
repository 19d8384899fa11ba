"""Which names a model may give to tests: plain words, and only such as the code or the trade uses, so that a name tells no tales."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qtest.records.case import CallCase
from qtest.records.plan import Brief

_TITLE = re.compile(r"[a-z][a-z0-9]*( [a-z0-9]+){1,6}")
_WORD = re.compile(r"[a-z]+|[0-9]+")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SHORTEST_STEM = 4
_WORDS_OF_THE_TRADE = """
a above accepts adds after again all alone already an and any are as at back before below between both but by calls
case changes character characters clear counts creates default defaults different does drops duplicate each edge
element elements empty equal equals error errors every exact exactly exceeds fails false falls first float for from
full gives greater handles has holds huge if ignores in inclusive input inside int integer into invalid is it item
items its just keeps key keys largest last leading least leaves left less letter letters limit list long longer
longest lower lowercase makes many maximum message minimum missing mixed more most name negative nested new no non
none not nothing null number numbers object odd of off on one only or order other out output over own pair parts past
positive prints raises range reads rejects removes repeated replaces result returns right same several short shorter
shortest sign single size small smallest sorted space spaces splits stays stops string strips text than that the then
this three to too trailing true tuple twice two type under unchanged unicode unknown unless until upper uppercase used
value values when where while whitespace whole with within without word words wraps writes wrong yields zero
"""
_TRADE = frozenset(_WORDS_OF_THE_TRADE.split())


@dataclass(frozen=True)
class Vocabulary:
    """`stems` are its words, each also without its ending."""

    stems: frozenset[str]

    @staticmethod
    def of(brief: Brief, cases: Sequence[CallCase]) -> "Vocabulary":
        """What the module's text and the cases say, and the words of the trade."""
        said = " ".join((brief.source, brief.module.name, *(case.to_json() for case in cases)))
        words = _TRADE | {part.lower() for part in _PARTS.findall(said)}
        return Vocabulary(frozenset(stem for word in words for stem in _stems(word)))

    def allows(self, title: str) -> bool:
        return _TITLE.fullmatch(title) is not None and all(map(self._knows, _WORD.findall(title)))

    def _knows(self, word: str) -> bool:
        return word.isdigit() or bool(_stems(word) & self.stems)


def _stems(word: str) -> set[str]:
    cut = {word[: -len(end)] for end in ("s", "es", "d", "ed", "ing", "ly", "e") if word.endswith(end)}
    return {word} | {stem for stem in cut if len(stem) >= _SHORTEST_STEM}
