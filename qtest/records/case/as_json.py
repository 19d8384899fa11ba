"""Cases and expressions as JSON, and read back from it."""

import json
from typing import Annotated

from pydantic import Field, TypeAdapter

from qtest.records.case.api import ApiCase
from qtest.records.case.call import CallCase
from qtest.records.case.expression import Expression
from qtest.records.case.flow import FlowCase

TestCase = Annotated[CallCase | ApiCase | FlowCase, Field(discriminator="type")]
_CASE: TypeAdapter[CallCase | ApiCase | FlowCase] = TypeAdapter(TestCase)
_EXPRESSION: TypeAdapter[Expression] = TypeAdapter(Expression)


def case_from_json(text: str | bytes) -> CallCase | ApiCase | FlowCase:
    """Raises pydantic.ValidationError for what is not a case."""
    return _CASE.validate_python(json.loads(text))


def expression_from_json(text: str | bytes) -> Expression:
    return _EXPRESSION.validate_python(json.loads(text))


def expression_to_json(expression: Expression) -> str:
    """ASCII, without spaces; equal expressions give equal text."""
    return json.dumps(_EXPRESSION.dump_python(expression, mode="json"), separators=(",", ":"))
