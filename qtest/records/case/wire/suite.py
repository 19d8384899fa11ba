"""What a model answers with: a few cases, each with what it expects and, where it can, what that is promised by."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from qtest.records.case.wire import limits
from qtest.records.case.wire.forms import PROSE, Form, level

DEPTH = 4  # a call, of an object, made of a list, of pairs
MOST_CASES = 8
if TYPE_CHECKING:
    EXPRESSION = Any  # what it is is made of the dataclasses
    EXPECTATION = Any
else:
    EXPRESSION, EXPECTATION = level(DEPTH).expression, level(DEPTH).expectation


class WireStep(Form):
    does: EXPRESSION
    name: limits.NAME | None = None


class WireCase(Form):
    """`contract` is a piece of documentation, word for word, that promises what is expected."""

    target: limits.SYMBOL_TEXT
    description: limits.TITLE = ""
    contract: PROSE = ""
    setup: Annotated[tuple[WireStep, ...], Field(max_length=4)] = ()
    input: EXPRESSION
    expect: Annotated[tuple[EXPECTATION, ...], Field(min_length=1, max_length=4)]


class WireSuite(Form):
    cases: Annotated[tuple[WireCase, ...], Field(min_length=1, max_length=MOST_CASES)]
