"""The languages of the house, one row a folder; and those that are read but not yet written."""

from collections.abc import Mapping

from qtest.languages.outline import OUTLINES
from qtest.languages.python.language import PYTHON
from qtest.ports import Language, Parser

LANGUAGES: dict[str, Language] = {"python": PYTHON}
PARSERS: Mapping[str, Parser] = {**OUTLINES, **LANGUAGES}
