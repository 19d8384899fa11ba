"""Every mutant is a program that differs, at the place it says, in any text that Python reads."""

import ast
import random
import re
from pathlib import Path

import pytest

from qtest.languages.python.mutate import CONTROL_MESSAGE, mutate
from qtest.languages.python.source import decoded
from qtest.mutation.diff import applied
from qtest.records.mutant import Mutant

OWN = [
    path
    for path in sorted(Path(__file__).parents[3].joinpath("qtest", "mutation").glob("*.py"))
    if path.stat().st_size > 200
]
MOST = 40  # of one text; each is parsed and compiled

AWKWARD = {
    "line ends of DOS": "def f(a):\r\n    if a > 1:\r\n        return 'x'\r\n    return a\r\n",
    "line ends of old": "def f(a):\r    if a > 1:\r        return 'x'\r    return a\r",
    "a form feed": "A = 1\n\x0c\ndef f(a):\n    return a + 2\n",
    "text before code": "def f(a):\n    return 'äöü€😀' + str(a + 1)\n",
    "names beyond ASCII": "größe = 3\ndef f(ä): return ä if ä < größe else größe\n",
    "no line end": "def f(a): return a == 1",
    "one line": "def f(a): b = a + 1; return b\n",
    "continued": "def f(a, b):\n    return (a  # one < two\n        < b) and \\\n        a\n",
    "text over lines": 'def f(a):\n    return """one\ntwo""" + a\n',
    "joined text": 'def f(a):\n    return f\'{a + 1!r:>{a}} and {f"{a}"}\' f"{a}"\n',
    "joined text in joined text": "a = f'{f\"{b + 1}\"}{c + d}'\n",
    "joined text of several kinds": 'a = rf\'\\{b + 1}\\d{c}\' \'plain {x}\' f"""{d\n + e}"""\n',
    "joined text over lines": "a = (f'{b}'  # one {c}\n     f'{c == d}{ {1: b}[c] }')\n",
    "joined text with formats": "a = f'\\N{DIGIT ONE}{b != c:{d}.{e}f}{c + 1 = !r:>5}{d:%Y-%m}ä{e:ü>{f}}'\n",
    "separators": "def f(a):\n    x = 'a\u2028b'; y = a < 2\n    return x, y\n",
    "tabs": "def f(a):\n\tif not a:\n\t\treturn 1\n\treturn -a\n",
    "decorated inside": "def f(a):\n    @a\n    def g(): return 1\n    return g\n",
    "decorated inside, one line down": 'def f(a):\n    """Doc."""\n\n    @a(1)\n    class G:\n        x = 2\n    return G\n',
    "async and generators": "async def f(a):\n    async for x in a:\n        yield x + 1\n    await a(1, 2)\n",
    "match": "def f(a):\n    match a:\n        case [1, x] if x > 2:\n            return x\n        case _:\n            return None\n",
    "declared": "n = 0\ndef f(a):\n    global n\n    n += a\n    return n\n",
    "slices": "def f(a):\n    return a[1:2], a[(1):], a[::2], a[1, 2:3], a[-1]\n",
    "calls": "def f(a, *b, **c):\n    return a(1, *b), a(x=1, y=(2)), a((1), 2), a(i for i in b if i), a(1, **c)\n",
    "lambdas": "key = lambda a: a + 1\ndef f(a):\n    return sorted(a, key=lambda x: (x, -x))\n",
    "bytes and numbers": "A = b'x', 0x1f, 1e3, 2j, True, ..., None\n",
    "operators next to words": "def f(a, b):\n    return(a)if(a)is not(b)else(b)in(a)or(not(a))\n",
}


def mutants_of(text: str) -> tuple[Mutant, ...]:
    return mutate(text, "m.py", "m")


def edits(text: str) -> set[tuple[str, str]]:
    return {(mutant.original, mutant.replacement) for mutant in mutants_of(text) if not mutant.control}


@pytest.mark.parametrize(
    "text", [*AWKWARD.values(), *(path.read_text() for path in OWN)], ids=[*AWKWARD, *(p.name for p in OWN)]
)
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_every_mutant_is_a_different_program(text: str) -> None:
    original = ast.dump(ast.parse(text))
    found = mutants_of(text)
    assert any(not mutant.control for mutant in found)
    for mutant in random.Random(0).sample(found, min(MOST, len(found))):
        mutated = applied(text, mutant)
        assert text[mutant.start : mutant.end] == mutant.original
        assert (ast.dump(ast.parse(mutated)) == original) == (mutant.control == "no-op"), mutant
        compile(mutated, "m.py", "exec")


@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD)
def test_no_two_mutants_are_the_same_text_and_they_come_in_order(text: str) -> None:
    found = [mutant for mutant in mutants_of(text) if not mutant.control]
    assert len({applied(text, mutant) for mutant in found}) == len(found)
    assert [mutant.start for mutant in found] == sorted(mutant.start for mutant in found)
    assert len({mutant.id for mutant in mutants_of(text)}) == len(mutants_of(text))
    assert mutants_of(text) == mutants_of(text)


@pytest.mark.parametrize(
    "text",
    [
        '"""A docstring."""',
        "def f():\n    '''A docstring.'''",
        "import a\nfrom b import c as d",
        "if TYPE_CHECKING:\n    x = 1 + 1",
        "if __name__ == '__main__':\n    main(1)",
        "def f(a: 'int' = None) -> 'str': ...",
        "def f(): raise NotImplementedError('later')",
        "@overload\ndef f(a: int = 1) -> int: ...",
        "@abstractmethod\ndef f(self): return 1",
        "__all__ = ['a', 'b']\n__version__ = '1.0'",
        "x: int",
        "T = TypeVar('T', bound=int)",
        "T = Optional[int]",
        "T: TypeAlias = 'int'",
        "def f():\n    logger.debug('now %s', 1)",
        "def f():\n    self._log.warning('now')",
        "def f():\n    if debugging: logging.info('now')",
        "def f():\n    time.sleep(1)",
        "def f():\n    'a text alone'; 'and another'",
        "try:\n    import a\nexcept ImportError:\n    a = None",
        "def f(): pass",
    ],
)
def test_what_no_test_should_have_to_notice_is_left_alone(text: str) -> None:
    assert edits(text) == set()


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("def f(): log.append(a)", "log.append(a)"),
        ("def __str__(self): return 'A'", "'A'"),
        ("def __repr__(self): return f'{self.a + 1}'", "+"),
        ("def f(): warnings.warn('gone', stacklevel=2)", "2"),
        ("def f(): return cast('int', a + 1)", "+"),
        ("def f():\n    if a:\n        log.info('b')\n        return c", "c"),
    ],
)
def test_what_only_looks_like_it_is_mutated(text: str, changed: str) -> None:
    assert changed in {original for original, _ in edits(text)}


@pytest.mark.parametrize(
    "text",
    [
        "def f(): warnings.warn('gone')",
        "def f(): return cast('int', a)",
        "def __repr__(self): return f'{self.a:>5}'",
        "def __repr__(self): return 'A(' + f'{self}' + ')'",
    ],
)
def test_texts_for_people_are_left_as_they_are(text: str) -> None:
    assert {replacement for _, replacement in edits(text)} <= {"pass", "None"}


@pytest.mark.parametrize(
    "call", ["metrics.count(1)", "metrics.client.count(a)", "audit_log(f(1))", "await metrics.send(1)"]
)
def test_calls_that_are_named_are_left_alone(call: str) -> None:
    text = f"async def f(a):\n    {call}"
    found = mutate(text, "m.py", "m", ("metrics.*", "audit_log"))
    assert edits(text)
    assert {mutant.control for mutant in found} == {"no-op", "raise"}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a = f(1)  # pragma: no mutate\nb = f(2)", {2}),
        ("a = f(1,  # pragma: no mutate\n    2)", {2}),
        ("if a:  # pragma: no mutate\n    b(1)\nc(2)", {2, 3}),
        ("if a:  # pragma: no mutate block\n    b(1)\nelse:\n    c(2)", {4}),
        ("if a:\n    b(1)\nelse:  # pragma: no mutate: block\n    c(2)", {1, 2}),
        ("def f():\n    a(1)\n    # pragma: no mutate block\n    b(2)\n    c(3)\nd(4)", {2, 6}),
        ("a(1)\n# pragma: no mutate start\nb(2)\nc(3)\n# pragma: no mutate end\nd(4)", {1, 6}),
        ("def f():  # pragma: no cover\n    a(1)\nb(2)", {3}),
        ("@a(1)\ndef f():  # pragma: no cover\n    a(1)\nb(2)", {4}),
        ("if a:  # pragma: no cover\n    b(1)\nelse:\n    c(2)", {4}),
        ("a(1)  # pragma: no cover", set()),
        ("try:\n    a(1)\nexcept B:  # pragma: no cover\n    c(2)", {2}),
        ("match a + 0:\n    case 1:  # pragma: no cover\n        b(2)\n    case 3: c(4)", {1, 4}),
        ("a = '# pragma: no mutate'", {1}),
        ("a(1)\r# pragma: no mutate start\rb(2)\r# pragma: no mutate end\rc(3)", {1, 5}),
    ],
)
def test_a_pragma_keeps_what_it_stands_at(text: str, lines: set[int]) -> None:
    changed = {len(re.findall("[\r\n]", text[: mutant.start])) + 1 for mutant in mutants_of(text) if not mutant.control}
    assert changed == lines


def runs_at(text: str, original: str) -> set[str]:
    return {mutant.runs_at for mutant in mutants_of(text) if mutant.original == original}


def test_what_runs_while_importing_says_so() -> None:
    text = "A = 11\n@d(12)\ndef f(a=13):\n    return 14\nclass C:\n    b = 15\n    def g(self, c=16):\n        def h(x=18): return 17\nL = lambda: 19\nM = [20 for _ in A]\n"
    for value in (11, 12, 13, 15, 16, 20):
        assert runs_at(text, str(value)) == {"import"}, value
    for value in (14, 17, 18, 19):
        assert runs_at(text, str(value)) == {"call"}, value


def test_lines_are_those_of_the_innermost_statement() -> None:
    text = "def f(a):\n    if (a >\n            1):\n        return 22\n"
    assert {(m.line, m.end_line) for m in mutants_of(text) if m.original == ">"} == {(2, 3)}
    assert {(m.line, m.end_line) for m in mutants_of(text) if m.original == "22"} == {(4, 4)}


def test_a_byte_order_mark_and_a_declared_encoding_shift_nothing() -> None:
    for data in (
        "\ufeffdef f(a): return 'ä' + a\n".encode(),
        "# coding: latin-1\ndef f(a): return 'ä' + a\n".encode("latin-1"),
    ):
        text = decoded(data)
        assert any(mutant.original == "'ä'" for mutant in mutants_of(text))


# --- controls -----------------------------------------------------------------------------------------------------------

CALLS = {
    "plain": ("def f():\n    '''Doc.'''\n    return 1\n", "f()"),
    "one line": ("def f(): return 1\n", "f()"),
    "tabs": ("def f():\n\tx = 1\n\treturn x\n", "f()"),
    "lines of DOS": ("def f():\r\n    x = 1\r\n    return x\r\n", "f()"),
    "generator": ("def f():\n    yield 1\n", "next(f())"),
    "async": ("async def f():\n    return 1\n", "f().send(None)"),
    "declared": ("n = 0\ndef f():\n    global n\n    n = 1\n", "f()"),
    "method": ("class C:\n    @property\n    def p(self):\n        return 1\n", "C().p"),
    "decorated inside": ("def f():\n    @staticmethod\n    def g(): pass\n    return g\n", "f()"),
    "doc and one line": ("def f(): 'Doc.'; return 1\n", "f()"),
}


@pytest.mark.parametrize(("text", "call"), CALLS.values(), ids=CALLS)
def test_a_raise_control_raises_as_soon_as_its_function_is_entered(text: str, call: str) -> None:
    raising = [mutant for mutant in mutants_of(text) if mutant.control == "raise"]
    assert len(raising) == 1
    names: dict[str, object] = {}
    exec(compile(applied(text, raising[0]), "m.py", "exec"), names)
    with pytest.raises(RuntimeError, match=CONTROL_MESSAGE):
        eval(call, names)


@pytest.mark.parametrize("text", [text for text, _ in CALLS.values()], ids=CALLS)
def test_a_no_op_control_changes_nothing(text: str) -> None:
    controls = [mutant for mutant in mutants_of(text) if mutant.control == "no-op"]
    assert [applied(text, mutant) for mutant in controls] == [text]


def test_a_controls_line_is_one_that_leaves_a_trace() -> None:
    text = CALLS["declared"][0]
    assert {mutant.line for mutant in mutants_of(text) if mutant.control} == {4}
