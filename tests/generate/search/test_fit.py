"""What an annotation forbids is not handed over."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from qtest.generate.search.fit import strays
from qtest.generate.search.trial import Trial
from qtest.records.case import Argument, Call, Expression, Float, Int, List, Map, Null, Text

Made = Callable[[str, Mapping[str, tuple[str, str]]], Any]


@pytest.mark.parametrize(
    ("annotation", "value", "forbidden"),
    [
        ("str", Int(1), True),
        ("str", Text("a"), False),
        ("float", Int(1), False),
        ("int", Float("1.5"), True),
        ("list[str]", List((Int(1),)), True),
        ("list[str]", List((Text("a"),)), False),
        ("list[str] | None", Null(), False),
        ("list[str] | None", List((Int(1),)), True),
        ("list[int]", Map(), False),
        ("list[float]", Map(), True),
        ("dict[str, int]", List(()), True),
        ("dict[str, int]", Map(()), False),
        ("Unknown", Int(1), False),
        ("str = None", Null(), False),
        ("str = ''", Null(), True),
    ],
)
def test_a_value_strays_where_no_reading_of_the_annotation_allows_it(
    bench: Made, annotation: str, value: Expression, forbidden: bool
) -> None:
    code = bench(f"def f(x: {annotation}):\n    return x\n", {}).code
    assert strays(Trial("m:f", Call("m:f", (Argument(value),))), code) is forbidden
