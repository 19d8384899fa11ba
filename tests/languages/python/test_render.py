"""A rendered file reads as a person would write it, runs in pytest as it is, and fails when the code is wrong."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtest.errors import UnspokenError
from qtest.languages.python.render import SPEAKS, locate, refusal, render
from qtest.languages.python.style import format_command
from qtest.records import case as dsl
from qtest.records.case import Argument, Call, CallCase, Construct, Equals, Int, Is, Isolation, Raises, Ref, Step, Text
from qtest.records.file import TestFile, TestStyle

GOLDEN = Path(__file__).parent / "golden"
FOREIGN_GOLDEN = Path(__file__).parents[2] / "records" / "golden"
SHOP = [CallCase.model_validate(case) for case in json.loads((GOLDEN / "shop.json").read_text("utf-8"))]
STYLES = [
    TestStyle(),
    TestStyle(quote="'", line_length=120),
    TestStyle(classes=True, line_length=79),
]


def shop(style: TestStyle = STYLES[0]) -> TestFile:
    return render(SHOP, "shop", "tests/test_shop.py", style)


def called(
    *values: object,
    expect: Sequence[object] = (),
    function: str = "f",
    description: str = "",
    parameters: tuple[str, ...] = (),
) -> CallCase:
    arguments = tuple(Argument(value) for value in values)  # type: ignore[arg-type]
    return CallCase(
        id=repr((values, expect, description)),
        description=description,
        target=f"m:{function}",
        input=Call(f"m:{function}", arguments),
        expect=tuple(expect),  # type: ignore[arg-type]
        parameters=parameters,
    )


def rendered(*cases: CallCase) -> str:
    return render(cases, "m", "tests/test_m.py", TestStyle()).text.partition("import")[2]


def formatted(text: str, style: TestStyle) -> str:
    command = [str(Path(sys.executable).with_name("ruff")), *format_command(style)[1:]]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def pytest_on(folder: Path, module: str, file: TestFile, *flags: str) -> subprocess.CompletedProcess[str]:
    (folder / "shop.py").write_text(module, "utf-8")
    (folder / "test_shop.py").write_text(file.text, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "-q", "test_shop.py", *flags]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_file_of_one_of_everything_is_the_golden_text() -> None:
    assert shop().text == (GOLDEN / "test_shop.py").read_text("utf-8")


@pytest.mark.parametrize("path", sorted(FOREIGN_GOLDEN.glob("pytest_*.json")), ids=lambda path: path.stem)
def test_the_golden_cases_render_to_the_text_beside_them(path: Path) -> None:
    case = CallCase.from_json(path.read_text("utf-8"))
    file = render((case,), case.target.partition(":")[0], "tests/test_it.py", TestStyle())
    assert file.text == path.with_suffix(".py").read_text("utf-8")
    assert formatted(file.text, TestStyle()) == file.text


@pytest.mark.parametrize("style", STYLES, ids=["default", "single quotes", "classes"])
def test_a_formatter_has_nothing_to_change(style: TestStyle) -> None:
    text = shop(style).text
    assert formatted(text, style) == text


@pytest.mark.parametrize("style", STYLES, ids=["default", "single quotes", "classes"])
def test_every_test_passes_on_the_code_it_was_made_from_under_the_name_it_was_given(
    tmp_path: Path, style: TestStyle
) -> None:
    file = shop(style)
    module = (GOLDEN / "shop.py").read_text("utf-8")
    done = pytest_on(tmp_path, module, file, "-rp")
    said = [line.partition("::")[2].partition(" ")[0] for line in done.stdout.splitlines() if line.startswith("PASSED")]
    assert done.returncode == 0, done.stdout
    assert said == [node for test in file.tests for node in test.nodes]


WRONG = [
    ("n % 2 == 0", "n % 2 == 1", "test_is_even[2]"),
    ("x / 3", "x / 3.0001", "test_third"),
    ("x * 2", "x * 3", "test_fetch"),
    ('"negative"', '"negative "', "test_fetch_raises_negative_for_negative_number"),
    ("not {count}", "but {count}", "test_basket_add_raises_count_must_be_positive[0]"),
    ("old is gone (soon)", "old is gone soon", "test_old"),
    ("text.upper()", "text.lower()", "test_shout_prints_for_non_ascii_text"),
    ('float("nan")', "2.0", "test_nanlist"),
    ("self.items[k] = v", "pass", "test_basket_setitem_for_zero_number"),
    ("TABLE[k] = v", "TABLE[k] = 7", "test_register"),
    ('append("left")', 'append("gone")', "test_basket_enter_returns_itself"),
    ("yield i", "yield 1", "test_stream"),
]


def test_a_test_fails_when_the_code_does_something_else(tmp_path: Path) -> None:
    module = (GOLDEN / "shop.py").read_text("utf-8")
    for before, after, _ in WRONG:
        assert before in module
        module = module.replace(before, after)
    done = pytest_on(tmp_path, module, shop(), "-rf")
    failed = {
        line.partition("::")[2].partition(" ")[0] for line in done.stdout.splitlines() if line.startswith("FAILED")
    }
    assert failed >= {node for _, _, node in WRONG}
    assert "test_clamp[5]" not in failed


def test_lines_are_those_of_the_text_and_are_found_again_after_formatting() -> None:
    file = shop()
    lines = file.text.splitlines()
    for test in file.tests:
        assert lines[test.line - 1].startswith(("def ", "@pytest"))
        assert f"def {test.name}(" in "\n".join(lines[test.line - 1 : test.end_line])
    moved = locate("\n\n" + file.text, file.tests)
    assert [test.line - 2 for test in moved] == [test.line for test in file.tests]
    assert [test.nodes for test in moved] == [test.nodes for test in file.tests]


def test_every_case_is_found_by_its_node() -> None:
    file = shop()
    found = [file.case_of(node) for test in file.tests for node in test.nodes]
    assert sorted(case.id for case in found if case) == sorted(case.id for case in SHOP)


def test_cases_that_differ_in_data_are_one_test_with_the_parameters_names() -> None:
    one = called(Int(1), Text("a"), expect=(Equals(Int(2)),), parameters=("size", "label"))
    two = called(Int(5), Text("a"), expect=(Equals(Int(9)),), parameters=("size", "label"))
    assert (
        rendered(one, two)
        == """ pytest

from m import f


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param(1, 2, id="1"),
        pytest.param(5, 9, id="5"),
    ],
)
def test_f(size, expected):
    assert f(size, "a") == expected
"""
    )


def test_cases_that_expect_another_kind_of_thing_stay_apart() -> None:
    file = render(
        (
            called(Int(1), expect=(Equals(Int(2)),)),
            called(Int(2), expect=(Raises("builtins:ValueError", "no"),)),
            called(Int(3), expect=(Is(dsl.Null()),)),
        ),
        "m",
        "tests/test_m.py",
        TestStyle(),
    )
    assert [test.name for test in file.tests] == [
        "test_f",
        "test_f_raises_value_error",
        "test_f_is_none",
    ]


def test_new_objects_that_are_expected_vary_in_what_they_are_made_of_and_are_made_in_the_test() -> None:
    cases = [
        called(Int(n), expect=(Equals(Construct("m:Box", (Argument(Int(n * n), "size"),))),), parameters=("side",))
        for n in (2, 3)
    ]
    assert rendered(*cases).endswith("""
@pytest.mark.parametrize(
    ("side", "expected_size"),
    [
        pytest.param(2, 4, id="2"),
        pytest.param(3, 9, id="3"),
    ],
)
def test_f(side, expected_size):
    assert f(side) == Box(size=expected_size)
""")


def test_code_of_the_target_never_runs_while_the_file_is_read() -> None:
    made = [called(Construct("m:Box", (Argument(Int(n)),)), expect=(Equals(Int(n)),)) for n in (1, 2)]
    tree = ast.parse("import" + rendered(*made))
    outside = [node for top in tree.body if isinstance(top, ast.FunctionDef) for node in top.decorator_list]
    names = {node.id for top in outside for node in ast.walk(top) if isinstance(node, ast.Name)}
    assert names == {"pytest"}


def test_a_parameter_never_hides_what_the_test_needs() -> None:
    cases = [
        called(
            Int(n),
            Int(n + 1),
            Int(n + 2),
            Int(n),
            expect=(Equals(Int(n)),),
            parameters=("f", "list", "request", "class"),
        )
        for n in (1, 2)
    ]
    assert '("f_value", "list_", "request_value", "class_", "expected")' in rendered(*cases)


def test_machine_made_names_of_steps_become_readable() -> None:
    case = called(Ref("a0"), Ref("a1"), expect=(Is(Ref("a0")),)).model_copy(
        update={"setup": (Step(Construct("m:HttpClient"), "a0"), Step(Construct("m:HttpClient"), "a1"))}
    )
    text = rendered(case)
    assert "http_client = HttpClient()\n" in text
    assert "http_client_2 = HttpClient()\n" in text
    assert "assert f(http_client, http_client_2) is http_client\n" in text


def test_an_odd_message_is_compared_as_text_and_a_plain_one_as_a_pattern() -> None:
    assert 'match="^no$"' in rendered(called(expect=(Raises("builtins:ValueError", "no"),)))
    odd = rendered(called(expect=(Raises("builtins:ValueError", "[a] (b)\n*"),)))
    assert 'assert str(caught.value) == "[a] (b)\\n*"' in odd


def test_an_error_of_the_widest_class_must_be_of_that_class() -> None:
    assert "assert caught.type is Exception" in rendered(called(expect=(Raises("builtins:Exception"),)))


def test_targets_whose_names_differ_by_letter_case_have_classes_of_their_own() -> None:
    cases = [called(Int(1), expect=(Equals(Int(1)),), function=function) for function in ("load_it", "loadIt")]
    file = render(cases, "m", "tests/test_m.py", TestStyle(classes=True))
    assert [test.name for test in file.tests] == [
        "TestLoadIt::test_load_it",
        "TestLoadIt_2::test_load_it_of_1",
    ]


def test_the_same_cases_give_the_same_text() -> None:
    assert shop().text == shop().text
    assert "qtest" not in shop().text


def test_what_cannot_be_kept_apart_is_refused() -> None:
    case = called(expect=(Equals(Int(1)),)).model_copy(update={"isolation": Isolation(frozen_clock="2020-01-01")})
    with pytest.raises(UnspokenError, match="frozen clock"):
        rendered(case)


def test_a_case_says_why_it_cannot_be_rendered() -> None:
    assert refusal(called(dsl.Undefined()), "m") == "Python does not speak 'undefined'"
    assert refusal(called(Int(1), expect=(Equals(Int(1)),)), "m") == ""


def test_a_statement_has_no_result_to_look_at() -> None:
    case = called(expect=(Is(dsl.Null()), Equals(Int(1), dsl.Subject("box", (), "length")))).model_copy(
        update={
            "setup": (Step(Construct("m:Box"), "box"),),
            "input": dsl.Operate("[]=", (Ref("box"), Text("k"), Int(1))),
        }
    )
    assert rendered(case).endswith("""
    box = Box()
    box["k"] = 1
    assert len(box) == 1
""")


def test_a_statement_whose_result_is_looked_at_is_said_as_a_call() -> None:
    case = called(expect=(Equals(Int(1)),)).model_copy(
        update={"setup": (Step(Construct("m:Box"), "box"),), "input": dsl.SetAttribute(Ref("box"), "size", Int(1))}
    )
    assert 'assert setattr(box, "size", 1) == 1' in rendered(case)


def test_python_speaks_all_but_undefined() -> None:
    kinds = {
        member.__dataclass_fields__["kind"].default
        for union in (dsl.Expression.__value__, dsl.Expectation)
        for member in union.__args__[0].__args__
    }
    assert kinds - SPEAKS == {"undefined"}


values = st.one_of(
    st.integers(-99, 99).map(Int),
    st.text(st.characters(exclude_categories=()), max_size=20).map(Text),
    st.just(dsl.Null()),
    st.lists(st.integers(0, 9).map(Int), max_size=40).map(lambda items: dsl.List(tuple(items))),
    st.floats().map(repr).map(dsl.Float),
)
made = st.builds(
    lambda given, result, function, said: called(*given, expect=(Equals(result),), function=function, description=said),
    st.lists(values, max_size=3),
    values,
    st.sampled_from(("f", "test_f", "open", "Class.method", "_private", "expected", "pytest", "Class.__hidden")),
    st.text(st.characters(exclude_categories=()), max_size=90),
)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(st.lists(made, min_size=1, max_size=6))
def test_any_cases_give_a_file_whose_names_are_unique_and_collected(cases: list[CallCase]) -> None:
    file = render(cases, "pkg.m", "tests/test_m.py", TestStyle())
    compile(file.text, "test_m.py", "exec")
    nodes = [node for test in file.tests for node in test.nodes]
    assert len(set(nodes)) == len(nodes) == len(cases)
    assert all(node.isascii() and len(node.partition("[")[0]) <= 65 for node in nodes)
    functions = {top.name for top in ast.parse(file.text).body if isinstance(top, ast.FunctionDef)}
    assert functions == {test.name for test in file.tests}


@pytest.mark.parametrize(("truth", "line"), [(True, "assert 1 in [1, 2]"), (False, "assert 1 not in [1, 2]")])
def test_that_something_is_held_is_asserted_as_people_say_it(truth: bool, line: str) -> None:
    held = dsl.Operate("in", (Int(1), dsl.List((Int(1), Int(2)))))
    case = CallCase(id="held", target="m:f", input=held, expect=(Is(dsl.Bool(truth)),))
    assert f"    {line}\n" in render([case], "m", "tests/test_m.py", TestStyle()).text
