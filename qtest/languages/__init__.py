"""The languages of the house, one row a folder."""

from qtest.languages.python.language import PYTHON
from qtest.ports import Language

LANGUAGES: dict[str, Language] = {"python": PYTHON}
