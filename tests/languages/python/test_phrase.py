"""Source text means what the record says: executed, it gives the value that an evaluator of our own gives."""

import ast
import asyncio
import datetime
import decimal
import math
import re
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtest.errors import UnspokenError
from qtest.languages.python.phrase import imports_of, phrase, sketch
from qtest.languages.python.render import render
from qtest.records import case as dsl
from qtest.records.file import TestStyle

few = settings(
    max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
Pair = tuple[Any, Any]

texts = st.text(st.characters(exclude_categories=()), max_size=12)
FLAGS = {"i": re.I, "m": re.M, "s": re.S, "x": re.X, "a": re.A}


def moments() -> st.SearchStrategy[datetime.datetime]:
    offsets = st.integers(-86399, 86399).map(lambda seconds: datetime.timezone(datetime.timedelta(seconds=seconds)))
    return st.datetimes(timezones=st.none() | offsets | st.just(datetime.UTC))


def pattern(letters: list[str]) -> Pair:
    flags = re.RegexFlag(0)
    for letter in letters:
        flags |= FLAGS[letter]
    return dsl.Regex(r'a"\d+\'\n', "".join(letters)), re.compile(r'a"\d+\'\n', flags)


LEAVES: st.SearchStrategy[Pair] = st.one_of(
    st.just((dsl.Null(), None)),
    st.booleans().map(lambda value: (dsl.Bool(value), value)),
    (st.integers() | st.integers(-(10**200), 10**200)).map(lambda value: (dsl.Int(value), value)),
    st.floats().map(lambda value: (dsl.Float(repr(value)), value)),
    st.decimals().map(lambda value: (dsl.Decimal(str(value)), value)),
    texts.map(lambda value: (dsl.Text(value), value)),
    st.binary(max_size=12).map(lambda value: (dsl.Bytes(value.hex()), value)),
    st.sets(st.sampled_from("imsxa")).map(sorted).map(pattern),
    st.dates().map(lambda value: (dsl.Date(str(value)), value)),
    st.times().map(lambda value: (dsl.Time(str(value)), value)),
    moments().map(lambda value: (dsl.DateTime(value.isoformat()), value)),
    st.timedeltas().map(lambda value: (dsl.Duration(value // datetime.timedelta(microseconds=1)), value)),
)


def containers(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    pairs = st.lists(inner, max_size=4)
    plain = st.lists(texts.map(lambda value: (dsl.Text(value), value)), max_size=3, unique_by=lambda pair: pair[1])
    return st.one_of(
        pairs.map(lambda items: (dsl.List(tuple(r for r, _ in items)), [v for _, v in items])),
        pairs.map(lambda items: (dsl.Tuple(tuple(r for r, _ in items)), tuple(v for _, v in items))),
        plain.map(lambda items: (dsl.Set(tuple(r for r, _ in items)), {v for _, v in items})),
        plain.map(lambda items: (dsl.Set(tuple(r for r, _ in items), True), frozenset(v for _, v in items))),
        st.tuples(plain, inner).map(
            lambda said: (
                dsl.Map(tuple(dsl.Entry(key, said[1][0]) for key, _ in said[0])),
                {key: said[1][1] for _, key in said[0]},
            )
        ),
    )


values = st.recursive(LEAVES, containers, max_leaves=6)


def executed(record: Any) -> Any:
    scope: dict[str, Any] = {}
    for statement in imports_of(record, "toys"):
        exec(statement, scope)
    return eval(compile(phrase(record, "toys"), "<phrase>", "eval"), scope)


def same(left: Any, right: Any) -> bool:
    """Equal in value and type all the way down, NaN and the sign of zero included."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return math.isnan(left) == math.isnan(right) and repr(left) == repr(right)
    if isinstance(left, decimal.Decimal):
        return str(left) == str(right)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(map(same, left.values(), right.values()))
    return bool(left == right)


@few
@given(values)
def test_a_value_executed_is_the_value(pair: Pair) -> None:
    record, value = pair
    assert same(executed(record), value)


@few
@given(values)
def test_text_is_one_printable_line_without_warnings(pair: Pair) -> None:
    text = phrase(pair[0], "toys")
    assert text.isprintable()
    text.encode()


def echo(number: int, record: Any) -> dsl.CallCase:
    given = dsl.Call("copy:deepcopy", (dsl.Argument(record),))
    return dsl.CallCase(
        id=str(number), target="copy:deepcopy", input=given, expect=(dsl.Equals(record),), parameters=("x",)
    )


@settings(few, max_examples=60)
@given(st.lists(values, min_size=1, max_size=8, unique_by=repr))
def test_a_rendered_file_of_values_passes_when_it_is_executed(pairs: list[Pair]) -> None:
    cases = [echo(number, record) for number, (record, _) in enumerate(pairs)]
    file = render(cases, "copy", "tests/test_copy.py", TestStyle(line_length=60))
    scope: dict[str, Any] = {}
    with warnings.catch_warnings(action="error"):
        exec(compile(file.text, "test_copy.py", "exec"), scope)
    ran = 0
    for test in file.tests:
        function = scope[test.name]
        marks = getattr(function, "pytestmark", [])
        rows = [row.values for row in marks[0].args[1]] if marks else [()]
        for row in rows:
            function(*row)
            ran += 1
    assert ran == len(cases)


UNARY = {"neg": lambda x: -x, "pos": lambda x: +x, "~": lambda x: ~x, "not": lambda x: not x}
BINARY = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "&": lambda x, y: x & y,
    "|": lambda x, y: x | y,
    "^": lambda x, y: x ^ y,
    "<": lambda x, y: x < y,
    "==": lambda x, y: x == y,
    "!=": lambda x, y: x != y,
    "and": lambda x, y: x and y,
    "or": lambda x, y: x or y,
}


def operations(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    return st.one_of(
        st.tuples(st.sampled_from(sorted(UNARY)), inner).map(
            lambda said: (dsl.Operate(said[0], (said[1][0],)), UNARY[said[0]](said[1][1]))
        ),
        st.tuples(st.sampled_from(sorted(BINARY)), inner, inner).map(
            lambda said: (dsl.Operate(said[0], (said[1][0], said[2][0])), BINARY[said[0]](said[1][1], said[2][1]))
        ),
    )


numbers = st.recursive(st.integers(-9, 9).map(lambda value: (dsl.Int(value), value)), operations, max_leaves=8)


@few
@given(numbers)
def test_operators_bind_as_the_record_nests_them(pair: Pair) -> None:
    record, value = pair
    assert executed(record) == value


POWERS = [
    (dsl.Operate("**", (dsl.Int(-2), dsl.Int(2))), 4),
    (dsl.Operate("neg", (dsl.Operate("**", (dsl.Int(2), dsl.Int(2))),)), -4),
    (dsl.Operate("**", (dsl.Int(2), dsl.Operate("**", (dsl.Int(3), dsl.Int(2))))), 512),
    (dsl.Operate("**", (dsl.Operate("**", (dsl.Int(2), dsl.Int(3))), dsl.Int(2))), 64),
    (dsl.Operate("**", (dsl.Int(2), dsl.Int(-1))), 0.5),
    (dsl.Get(dsl.Int(-5), "real"), -5),
    (dsl.Get(dsl.Float("1.5"), "real"), 1.5),
    (dsl.Call("builtins:str.upper", (), dsl.Operate("+", (dsl.Text("a"), dsl.Text("b")))), "AB"),
    (dsl.Call("builtins:function.__call__", (dsl.Argument(dsl.Int(4)),), dsl.Function(("x",), dsl.Ref("x"))), 4),
    (
        dsl.Call(
            "functools:partial.__call__",
            (dsl.Argument(dsl.Int(7)),),
            dsl.Call("functools:partial", (dsl.Argument(dsl.SymbolRef("builtins:max")), dsl.Argument(dsl.Int(3)))),
        ),
        7,
    ),
    (dsl.Operate("[]", (dsl.Text("abc"), dsl.Int(-1))), "c"),
    (dsl.Operate("[:]", (dsl.Text("abcdef"), dsl.Int(1), dsl.Null(), dsl.Int(2))), "bdf"),
    (dsl.Operate("[:]", (dsl.Text("abc"), dsl.Int(1))), "bc"),
    (dsl.Operate("not in", (dsl.Int(1), dsl.List((dsl.Int(2),)))), True),
    (dsl.Operate("is", (dsl.Int(3), dsl.Text("x"))), False),
    (dsl.Consume(dsl.Call("itertools:count", (dsl.Argument(dsl.Int(3)),)), 3), [3, 4, 5]),
    (
        dsl.Call(
            "builtins:sorted",
            (
                dsl.Argument(dsl.List((dsl.Int(1), dsl.Int(2)))),
                dsl.Argument(dsl.Function(("x",), dsl.Operate("neg", (dsl.Ref("x"),))), "key"),
            ),
        ),
        [2, 1],
    ),
    (dsl.Call("builtins:max", (dsl.Argument(dsl.List((dsl.Int(1), dsl.Int(2))), "", "sequence"),)), 2),
    (
        dsl.Call("builtins:dict", (dsl.Argument(dsl.Map((dsl.Entry(dsl.Text("class"), dsl.Int(1)),)), "", "map"),)),
        {"class": 1},
    ),
    (dsl.Call("builtins:dict", (dsl.Argument(dsl.Int(1), "class"),)), {"class": 1}),
    (dsl.Operate("len", (dsl.List((dsl.Null(),)),)), 1),
    (dsl.EnumMember("re:RegexFlag", "IGNORECASE|MULTILINE"), re.I | re.M),
    (dsl.SymbolRef("math:pi"), math.pi),
]


@pytest.mark.parametrize(("record", "value"), POWERS)
def test_an_expression_executed_is_its_value(record: Any, value: Any) -> None:
    assert executed(record) == value


def test_an_asynchronous_iterator_is_consumed_by_a_helper_that_the_imports_bring() -> None:
    said = sketch((), dsl.Consume(dsl.Call("toys:agen"), 2, awaited=True), "toys")
    scope: dict[str, Any] = {}
    exec("async def agen():\n    for i in range(9):\n        yield i", scope)
    for statement in said.imports:
        if "toys" not in statement:
            exec(statement, scope)
    coroutine = eval(compile(said.expr, "", "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), scope)
    assert asyncio.run(coroutine) == [0, 1]


@pytest.mark.parametrize(
    ("symbol", "text", "statement"),
    [
        ("pkg.mod:f", "f", "from pkg.mod import f"),
        ("pkg.mod:Outer.Inner.make", "Outer.Inner.make", "from pkg.mod import Outer"),
        ("builtins:int", "int", ""),
        ("pkg.mod:open", "mod_open", "from pkg.mod import open as mod_open"),
        ("mod:open", "mod.open", "import mod"),
        ("pkg.mod:test_it", "mod_test_it", "from pkg.mod import test_it as mod_test_it"),
        ("pkg.mod:C.__hidden", "C._C__hidden", "from pkg.mod import C"),
        ("datetime:timezone.utc", "datetime.timezone.utc", "import datetime"),
        ("decimal:Decimal", "Decimal", "from decimal import Decimal"),
    ],
)
def test_a_symbol_has_one_spelling(symbol: str, text: str, statement: str) -> None:
    record = dsl.SymbolRef(symbol)
    assert phrase(record, "pkg.mod") == text
    assert imports_of(record, "pkg.mod") == ((statement,) if statement else ())


def test_two_symbols_of_one_name_are_told_apart_and_the_module_under_test_keeps_it() -> None:
    record = dsl.Tuple((dsl.SymbolRef("a.other:parse"), dsl.SymbolRef("pkg.mod:parse")))
    assert phrase(record, "pkg.mod") == "(other_parse, parse)"
    assert imports_of(record, "pkg.mod") == ("from a.other import parse as other_parse", "from pkg.mod import parse")


def test_a_local_of_the_same_name_does_not_hide_a_symbol() -> None:
    steps = (dsl.Step(dsl.Call("pkg.mod:parse"), "parse"),)
    said = sketch(steps, dsl.Call("pkg.mod:parse", (dsl.Argument(dsl.Ref("parse")),)), "pkg.mod")
    assert said.setup == ("parse = mod_parse()",)
    assert said.expr == "mod_parse(parse)"


def test_names_that_are_no_identifiers_are_looked_up_as_text() -> None:
    assert phrase(dsl.Get(dsl.Ref("x"), "class"), "m") == 'getattr(x, "class")'
    assert phrase(dsl.SetAttribute(dsl.Ref("x"), "a b", dsl.Int(1)), "m") == 'setattr(x, "a b", 1)'
    assert phrase(dsl.Get(dsl.Ref("x"), "__y", "m:C.__y"), "m") == "x._C__y"
    with pytest.raises(UnspokenError, match="'ref' to 'a b'"):
        phrase(dsl.Ref("a b"), "m")


def test_what_is_a_statement_in_a_test_is_an_expression_in_a_sketch() -> None:
    item = dsl.Operate("[]=", (dsl.Ref("d"), dsl.Text("k"), dsl.Int(1)))
    assert phrase(item, "m") == 'd["k"] = 1'
    assert sketch((), item, "m").expr == 'd.__setitem__("k", 1)'
    assert phrase(dsl.SetAttribute(dsl.Ref("d"), "x", dsl.Int(1)), "m") == "d.x = 1"
    assert sketch((), dsl.SetAttribute(dsl.Ref("d"), "x", dsl.Int(1)), "m").expr == 'setattr(d, "x", 1)'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", '"plain"'),
        ('say "hi"', "'say \"hi\"'"),
        ("both ' and \"", '"both \' and \\""'),
        ("naïve 漢字", '"naïve 漢字"'),
        ("a\u202eb\u200b", '"a\\u202eb\\u200b"'),
        ("\ud800", '"\\ud800"'),
        ("e\u0301", '"e\\u0301"'),
        ("\xa0\x00\x1b", '"\\xa0\\x00\\x1b"'),
        ("\U000e0001", '"\\U000e0001"'),
    ],
)
def test_text_shows_what_can_be_seen_and_escapes_what_cannot(value: str, text: str) -> None:
    assert phrase(dsl.Text(value), "m") == text


@pytest.mark.parametrize(
    ("record", "word"),
    [
        (dsl.Undefined(), "undefined"),
        (dsl.Int(1, 32), "int"),
        (dsl.Float("1.0", 32), "float"),
        (dsl.EnvValue("clock"), "env"),
        (dsl.List((dsl.Undefined(),)), "undefined"),
        (dsl.Operate("===", (dsl.Null(), dsl.Null())), "==="),
    ],
)
def test_what_python_does_not_speak_is_named(record: Any, word: str) -> None:
    with pytest.raises(UnspokenError, match=word):
        phrase(record, "m")


@pytest.mark.parametrize("symbol", ["m:f.<locals>.E", "__main__:f", "builtins:dict_keys", "m:class", ":f", "m:"])
def test_what_no_import_reaches_is_refused(symbol: str) -> None:
    with pytest.raises(UnspokenError, match="no name to import"):
        phrase(dsl.SymbolRef(symbol), "m")


def test_classes_that_only_claim_to_live_in_builtins_have_their_real_names() -> None:
    assert phrase(dsl.SymbolRef("builtins:NoneType"), "m") == "type(None)"
    assert phrase(dsl.SymbolRef("builtins:generator"), "m") == "types.GeneratorType"


def test_a_mapping_written_out_and_unpacked_is_said_as_keyword_arguments() -> None:
    def spread(*keys: str) -> str:
        entries = tuple(dsl.Entry(dsl.Text(key), dsl.Int(1)) for key in keys)
        return phrase(dsl.Call("m:f", (dsl.Argument(dsl.Map(entries), spread="map"),)), "m")

    assert spread("major", "minor") == "f(major=1, minor=1)"
    assert spread("class") == 'f(**{"class": 1})'
    assert spread("not a name", "major") == 'f(**{"not a name": 1, "major": 1})'


def test_a_list_written_out_and_unpacked_is_said_as_positional_arguments() -> None:
    spread = dsl.Argument(dsl.List((dsl.Text("a"), dsl.Int(2))), spread="sequence")
    assert phrase(dsl.Call("m:f", (spread, dsl.Argument(dsl.Int(3)))), "m") == 'f("a", 2, 3)'


def test_what_c_code_holds_is_imported_from_where_people_find_it() -> None:
    assert imports_of(dsl.SymbolRef("_operator:add"), "m") == ("import operator",)
    assert phrase(dsl.SymbolRef("_operator:add"), "m") == "operator.add"


def test_a_context_manager_is_left_again_in_a_sketch_as_in_a_test() -> None:
    seen: list[str] = []

    class Door:
        def __enter__(self) -> str:
            seen.append("in")
            return "open"

        def __exit__(self, *error: object) -> None:
            seen.append(f"out {error}")

    expression = sketch((), dsl.Enter(dsl.Ref("door")), "m").expr
    assert (eval(expression, {"door": Door()}), seen) == ("open", ["in", "out (None, None, None)"])
