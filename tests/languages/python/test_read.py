"""Expressions read from Python say what a rendered test would say."""

import ast

import pytest

from qtest.languages.python.meaning import Inline, Local, Meaning
from qtest.languages.python.phrase import phrase
from qtest.languages.python.read import read
from qtest.records import case as dsl

SCOPE: dict[str, Meaning] = {
    "datetime": "datetime",
    "Decimal": "decimal:Decimal",
    "Fraction": "fractions:Fraction",
    "re": "re",
    "f": "pkg.core:f",
    "Thing": "pkg.core:Thing",
    "core": "pkg.core",
    "thing": Local("thing", "pkg.core:Thing"),
    "given": Inline(dsl.Int(7), "7"),
    "unknown": None,
}


def seen(text: str) -> dsl.Expression | None:
    return read(ast.parse(text, mode="eval").body, SCOPE)


@pytest.mark.parametrize(
    "text",
    [
        "-5",
        "1.5",
        "-1.5",
        'float("nan")',
        'b"\\x00a"',
        "[1, (2,), {3}, {4: None}]",
        "set()",
        "datetime.datetime(2020, 1, 2, 3, 4)",
        "datetime.date(2020, 1, 2)",
        "datetime.timedelta(days=1, hours=2)",
        'Decimal("1.10")',
        "Fraction(1, 2)",
        'f(1, *thing, x="a", **{"k k": 3})',
        "Thing(1).run(2)",
        "thing.run(2)[1:]",
        "thing.size",
        "lambda x: x + 1",
        "len([1, 2])",
        '"a" in "abc"',
        "1 < 2 < 3",
        "not thing",
        "sorted([3, 1])",
    ],
)
def test_reading_and_rendering_are_each_others_reverse(text: str) -> None:
    expression = seen(text)
    assert expression is not None
    assert read(ast.parse(phrase(expression, "pkg.core"), mode="eval").body, SCOPE) == expression


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("-5", dsl.Int(-5)),
        ("given", dsl.Int(7)),
        ("datetime.timedelta(seconds=-1)", dsl.Duration(-1_000_000)),
        (
            "datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)",
            dsl.DateTime("2020-01-02T00:00:00.000000+00:00"),
        ),
        ("re.compile('a', re.I | re.M)", dsl.Regex("a", "im")),
        ("core.f(1)", dsl.Call("pkg.core:f", (dsl.Argument(dsl.Int(1)),))),
        ("Thing()", dsl.Construct("pkg.core:Thing")),
        ("thing.run()", dsl.Call("pkg.core:Thing.run", (), dsl.Ref("thing"))),
        ("'a'.upper()", dsl.Call("builtins:object.upper", (), dsl.Text("a"))),
        ("int", dsl.SymbolRef("builtins:int")),
        ("frozenset([2, 1, 2])", dsl.Set((dsl.Int(1), dsl.Int(2)), frozen=True)),
        ("1j", dsl.Construct("builtins:complex", (dsl.Argument(dsl.Float("0.0")), dsl.Argument(dsl.Float("1.0"))))),
    ],
)
def test_meanings(text: str, expression: dsl.Expression) -> None:
    assert seen(text) == expression


@pytest.mark.parametrize(
    "text",
    ["unknown", "missing", "[x for x in y]", "f'{given}'", "f(unknown)", "[f(1)]", "1 < 2 == 2", "lambda *a: a", "..."],
)
def test_what_cannot_be_said_is_none(text: str) -> None:
    assert seen(text) is None


def test_a_very_deep_expression_is_none() -> None:
    node: ast.expr = ast.Constant(1)
    for _ in range(100_000):
        node = ast.UnaryOp(ast.Not(), node)
    assert read(node, {}) is None
