"""Each operator's own examples: what it makes of a text, and no more."""

import pytest

from qtest.languages.python.mutate import mutate
from qtest.mutation.diff import applied

Sample = tuple[
    str, str, set[str]
]  # operator, a text with … around what it changes, and what stands there in each mutant

MATCH = "match a:\n    case {}: b()\n"

SAMPLES: list[Sample] = [
    # conditions
    ("negated condition", "if …a…: b()", {"(not (a))"}),
    ("negated condition", "if …not a…: b()", {"(a)"}),
    ("negated condition", "if a and b: c()", set()),
    ("negated condition", "if …a < b < c…: d()", {"(not (a < b < c))"}),
    ("comprehension condition", "a = [b for b in c if d and e]", set()),
    ("negated condition", "if a == 0: b()\nelif …c…: d()", {"(not (c))"}),
    ("negated condition", "while …a…: b()", {"(not (a))"}),
    ("negated condition", "while True: a()", set()),
    ("negated condition", "while …1…: a()", {"(not (1))"}),
    ("constant", "while …True…: a()", {"False"}),
    ("constant", "while 1: a()", set()),
    ("negated condition", "assert …a…, b", {"(not (a))"}),
    ("negated condition", "f(a for a in b if …c…)", {"(not (c))"}),
    ("negated condition", "if a < b: c()", set()),
    ("comprehension condition", "a = [b for b in c if …d…]", {"True"}),
    ("comprehension condition", "a = {b: c async for b in c if …d == e…}", {"True"}),
    ("ternary arm", "a = b if …c or d… else e", {"(c or d) and False", "(c or d) or True"}),
    ("operand removed", "a = …b and c…", {"b", "c"}),
    ("operand removed", "a = …b or (c) or (d)…", {"(c) or (d)", "b or (d)", "b or (c)"}),
    ("operand removed", "a = 1 if…(b)and c… else 2", {" c", "(b)"}),
    ("negation removed", "a = …not b…", {"(b)"}),
    # boundaries
    ("comparison", "a = b …<… c", {"<=", ">="}),
    ("comparison", "a = b …<=… c", {"<", ">"}),
    ("comparison", "a = b …>… c", {">=", "<="}),
    ("comparison", "a = b …>=… c", {">", "<"}),
    ("comparison", "a = b …is not… c", {"is"}),
    ("comparison", "a = b …not in… c", {"in"}),
    ("sentinel", "_m = object()\ndef f(a): return a is …_m…", {"None"}),
    ("sentinel", "_m: object = object()\ndef f(a):\n    if a is not …None…: b()", {"_m"}),
    ("sentinel", "_m = object()\ndef f(a): return a == _m", set()),
    ("sentinel", "_m = object()\na = b is _m", set()),
    ("sentinel", "_m = object(1)\ndef f(a): return a is None", set()),
    ("sentinel", "def f(a): return a is …...…", {"None"}),
    ("sentinel", "def f(a): return a is None", set()),
    ("constant", "a = …5…", {"6", "4"}),
    ("constant", "a = …0…", {"1"}),
    ("constant", "a = …1e300…", {"5e+299"}),
    ("constant", "a = 1e999", set()),
    ("constant", "a = b[…2…:]", {"3", "1"}),
    ("slice bound", "a = b[…c…:2]", {""}),
    ("slice bound", "a = b[(…c…):]", {"None"}),
    ("range bound", "range(a, …b…)", {"(b) - 1"}),
    ("range bound", "range(3)", set()),
    # values
    ("assigned value", "a = …b…", {"None"}),
    ("assigned value", "a: int = …None…", {'""'}),
    ("assigned value", "a = 'b'", set()),
    ("assigned value", "a, b = c", set()),
    ("return value", "def f(a): return …a…", {"None"}),
    ("return value", "def f(a): return …a < b…", {"True", "False"}),
    ("return value", "def f(a): return …not a…", {"True", "False"}),
    ("return value", "def f(a): return …isinstance(a, b)…", {"True", "False"}),
    ("return value", "def f(a): return …a or b…", {"None"}),
    ("return value", "def f(a): return 1", set()),
    ("yielded value", "def f(a): yield …a…", {"None"}),
    ("yielded value", "def f(a): yield from …a…", {"()"}),
    ("yielded value", "def f(a): yield from ()", set()),
    ("comprehension condition", "a = [b for b in c if True]", set()),
    ("lambda body", "a = lambda: …b…", {"None"}),
    ("default", "def f(a, b=…c…, *, d=1, e=None): return a", {"None"}),
    ("default", "def f(a, *, b=…[]…): return a", {"None"}),
    ("constant", "def f(a=…1…): return a", {"2"}),
    ("constant", "class A:\n    b = …'c'…", {"'XXcXX'"}),
    ("constant", "@a(…1…)\ndef f(): return a", {"2"}),
    ("constant", "@property\ndef f(a): return …1…", {"2"}),
    # statements
    ("statement deletion", "…a(b)…", {"pass"}),
    ("statement deletion", "async def f(a):\n    …await a…", {"pass"}),
    ("statement deletion", "…a.b = c…", {"pass"}),
    ("statement deletion", "…a[b] = c…", {"pass"}),
    ("statement deletion", "class A:\n    def __init__(a, b): a.b = b", set()),
    ("statement deletion", "…a += b…", {"pass"}),
    ("statement deletion", "…raise a…", {"pass"}),
    ("statement deletion", "…del a[b]…", {"pass"}),
    ("statement deletion", "del a", set()),
    ("statement deletion", "def f(a):\n    if a: …return…\n    b = a", {"pass"}),
    ("statement deletion", "def f(a):\n    if a: return\n    else: return None", set()),
    ("augmented assignment", "a …+=… b", {"="}),
    ("augmented assignment", "a …//=… b", {"=", "/="}),
    ("break", "for a in b: …break…", {"continue"}),
    ("break", "def f(a):\n    while a: …break…", {"continue", "return"}),
    ("break", "def f(a):\n    class B:\n        while a: …break…", {"continue"}),
    ("continue", "for a in b: …continue…", {"break"}),
    ("decorator removed", "@a\n…@b(1)\n…def f(): return a", {""}),
    ("decorator removed", "class A:\n    …@property  # of it\n    …def f(a): return a", {""}),
    ("decorator removed", "…@a\n…class B: b = a", {""}),
    ("decorator removed", "@functools.lru_cache(1)\ndef f(): return a", set()),
    ("context manager", "…with a(b)…: c()", {"if True"}),
    ("context manager", "with a(b) as c: d()", set()),
    ("context manager", "with a.lock: b()", set()),
    ("exception type", "try: a()\nexcept …B…: c()", {"()"}),
    ("exception type", "try: a()\nexcept …(B, C)… as d: e()", {"B", "C"}),
    ("exception type", "try: a()\nexcept …(B, C, D)…: e()", {"(C, D)", "(B, D)", "(B, C)"}),
    ("exception type", "try: a()\nexcept: b()", set()),
    ("exception type", "raise …A…(b) from c", {"Exception"}),
    ("exception type", "raise A(b=c)", set()),
    ("exception type", "raise a", set()),
    # patterns
    ("match arm", MATCH.format("1……"), {" if False"}),
    ("match arm", MATCH.format("b if …c…"), {"False"}),
    ("match arm", MATCH.format("(_)……"), {" if False"}),
    ("constant", MATCH.format("…1…"), {"2"}),
    ("constant", MATCH.format("[…True…, *_]"), {"False"}),
    ("constant", MATCH.format("A(b=…'c'…)"), {"'XXcXX'"}),
    ("constant", MATCH.format("{…'b'…: c}"), {"'XXbXX'"}),
    ("alternative removed", MATCH.format("…A() | B()…"), {"A()", "B()"}),
    ("alternative removed", MATCH.format("1 | 2"), set()),
    ("negated condition", MATCH.format("b if …c…"), {"(not (c))"}),
    # calls and literals
    ("argument", "f(…a…, 1)", {"None"}),
    ("argument", "f(…a for a in b…)", {"None"}),
    ("argument", "f(b=…a…)", {"None"}),
    ("argument", "sorted(a, key=…b…)", {"None"}),
    ("argument removed", "f(…a, 1, b=c…)", {"1, b=c", "a, b=c", "a, 1"}),
    ("argument removed", "f(…(a), *b, **c…)", {"*b, **c", "(a), **c", "(a), *b"}),
    ("argument removed", "f(a)", set()),
    ("argument removed", "getattr(a, b)", set()),
    ("argument removed", "max(a, b…, key=c…)", {""}),
    ("keyword name", "dict(…a…=b)", {"aXX"}),
    ("method twin", "a.…lower…()", {"upper"}),
    ("method twin", "a.…split…(maxsplit=1)", {"rsplit"}),
    ("method twin", "a.split(b)", set()),
    ("function twin", "…any…(a)", {"all"}),
    ("element removed", "a = […b, c…]", {"b", "c"}),
    ("element removed", "a = {…(b), 1,  (c)…}", {"1,  (c)", "(b), 1"}),
    ("element removed", "a = {…b: 1, 'c': d…}", {"'c': d"}),
    ("element removed", "a = b in (…C, D…)", {"C", "D"}),
    ("element removed", "a = ['b', 'c']", set()),
    ("element removed", "[a, b] = c", set()),
    # texts
    ("constant", "a = f'……b{c}'", {"XX"}),
    ("format removed", "a = f'{b…:>5…}'", {""}),
    ("arithmetic operator", "a = f'{b:>{c …+… d}}'", {"-"}),
    ("arithmetic operator", "a = 'ä' f'{{}} {b!r} {c …-… d}'", {"+"}),
    ("argument removed", "a = f'{b(…c, d…)}'", {"c", "d"}),
    ("constant", "a = f\"{b[…'c'…]}\"", {"'XXcXX'"}),
    ("comparison", "a = f'{b …!=… c=}'", {"=="}),
    ("arithmetic operator", "a = f'{f\"{b …+… 1}\"}{c}'", {"-"}),
    ("constant", "a = f'{f(\"b\")}{c[…1…]}'", {"2"}),
    ("argument", "a = f'{b(…c…)}{\"x\"}'", {"None"}),
    ("arithmetic operator", "a = 'b' + c", set()),
    ("arithmetic operator", "a = b …+… c", {"-"}),
    ("sign", "a = …-…b", {"+"}),
    ("inversion removed", "a = …~b…", {"(b)"}),
]


@pytest.mark.parametrize(
    ("operator", "marked", "expected"),
    SAMPLES,
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value)[:60],
)
def test_an_operator_makes_what_its_examples_say(operator: str, marked: str, expected: set[str]) -> None:
    text = marked.replace("…", "")
    before, _, rest = marked.partition("…")
    after = rest.partition("…")[2]
    whole = [applied(text, one) for one in mutate(text, "m.py", "m") if one.operator == operator and not one.control]
    if not expected:
        assert whole == []
    inside = [
        one for one in whole if one.startswith(before) and one.endswith(after) and len(one) >= len(before + after)
    ]
    assert {one[len(before) : len(one) - len(after)] for one in inside} == expected


def test_every_operator_has_an_example() -> None:
    made = {one.operator for _, marked, _ in SAMPLES for one in mutate(marked.replace("…", ""), "m.py", "m")}
    assert made - {"control"} == {operator for operator, _, _ in SAMPLES}
