"""How long everything in the wire form may be, and what its strings are made of.

A grammar holds a model to the patterns. What comes from a model without a grammar is read more kindly: any text that is not too long.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

MOST_ITEMS = 8  # of any list
LONGEST_TEXT = 120
KINDEST_TEXT = 2000  # of what no grammar has bounded
LARGEST = 10**15  # of a plain number: all JSON readers agree on it

PLAIN = r"[ !#-\[\]-~]"  # printable ASCII but for the quote and the backslash: with others an engine may leave JSON
PLAIN_TEXT = re.compile(f"{PLAIN}{{0,{LONGEST_TEXT}}}")
SYMBOL = r"^[A-Za-z_][A-Za-z0-9_.]{0,99}:[A-Za-z_][A-Za-z0-9_.]{0,79}$"
OPERATORS = (
    *("+", "-", "*", "/", "//", "%", "**", "@", "<<", ">>", "&", "|", "^", "and", "or"),
    *("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not", "not", "neg", "pos", "~"),
    *("[]", "[:]", "[]=", "del []", "len", "iter", "next", "list", "sorted", "str", "repr", "bool", "int", "float"),
    *("hash", "abs", "reversed", "sum", "tuple", "set", "dict", "bytes"),
)


def like(pattern: str) -> Any:
    """Text of exactly that form, whoever wrote it."""
    return Annotated[str, Field(pattern=pattern), WithJsonSchema({"type": "string", "pattern": pattern})]


TEXT = Annotated[
    str,
    Field(max_length=KINDEST_TEXT),
    WithJsonSchema({"type": "string", "pattern": f"^{PLAIN}{{0,{LONGEST_TEXT}}}$"}),
]
SYMBOL_TEXT = like(SYMBOL)
NAME = like("^[A-Za-z_][A-Za-z0-9_]{0,39}$")
TITLE = Annotated[
    str, Field(max_length=KINDEST_TEXT), WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9 ]{0,59}$"})
]
NUMBER = like("^(-?[0-9]{1,20}(\\.[0-9]{1,20})?(e[+-]?[0-9]{1,3})?|nan|-?inf)$")
DECIMAL = like("^-?[0-9]{1,30}(\\.[0-9]{1,30})?$")
DIGITS = like("^-?[0-9]{1,60}$")
HEX = like("^([0-9a-f][0-9a-f]){0,32}$")
FLAGS = like("^[aimsux]{0,6}$")
DATE = like("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
TIME = like("^[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{6})?([+-][0-9]{2}:[0-9]{2})?$")
MOMENT = like("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{6})?([+-][0-9]{2}:[0-9]{2})?$")
FILE_NAME = like("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,39}$")
OPERATOR = Literal[OPERATORS]  # type: ignore[valid-type] # the table is the one list of them
COUNT = Annotated[int, Field(ge=0, le=50, strict=True)]
INTEGER = Annotated[int, Field(ge=-LARGEST, le=LARGEST, strict=True)]
