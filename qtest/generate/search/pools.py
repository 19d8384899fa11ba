"""Values that are worth trying: what people write, what the code itself mentions, what was seen to matter."""

import ast
import random
import re
from collections.abc import Iterator

from qtest.generate.search.kinds import literal
from qtest.generate.search.regexes import samples
from qtest.languages.python.walk import walk
from qtest.records.case import Bytes, Expression, Float, Int, List, Map, Text, Tuple
from qtest.records.plan import Brief

_MOST = 400
_LONGEST = 300
_A_SENTENCE = 5  # words
_QUOTED = re.compile(r"``?([^`\n]{1,60})``?|\"([^\"\n]{1,60})\"|(?<!\w)'([^'\n]{1,60})'(?!\w)")
_CALLS = frozenset(("compile", "match", "search", "fullmatch", "sub", "findall", "finditer", "split", "subn"))

WORDS = (
    "hello",
    "Hello World",
    "",
    "a",
    "one two three",
    "foo_bar",
    "fooBar",
    "10",
    "ABC",
    " spaced ",
    "naïve café",
    "line one\nline two",
    "a,b,c",
    "key=value",
    "x-y-z",
    "item1",
    "3.14",
    "-1",
    "tab\there",
    "日本",
    "foo.txt",
    "!",
)
NAMED: list[tuple[str, tuple[str, ...]]] = [
    (
        r".*url.*|uri|href|link",
        ("https://user:pw@example.com:8080/a/b?q=1&r=2#top", "http://example.com", "/relative/path"),
    ),
    (r".*e?mail.*", ("ada@example.com", "not-an-email")),
    (r".*path.*|.*file.*|dir.*|folder", ("docs/readme.txt", "/srv/a/../b.tar.gz", "archive.tar.gz", "")),
    (r".*date(_?str.*)?|day", ("2024-02-29", "2023-12-31T23:59:59", "20240131")),
    (r".*time.*", ("12:34:56", "23:59", "2024-02-29T12:34:56Z")),
    (r".*dur.*", ("P1Y2M3DT4H5M6S", "PT36H", "-P1W", "1h30m")),
    (r".*version.*|ver.*", ("1.2.3", "1.2.3-rc.1+build.5", "0.9", "2.0.0a1")),
    (r".*html.*|.*xml.*|markup", ("<p class='x'>Hi &amp; bye</p>", "a < b & c")),
    (r".*json.*", ('{"a": [1, 2, null]}', "[]")),
    (r".*pattern.*|.*regex.*|glob", ("a+", "*.py", r"(\d+)-(\d+)", "[a-c]?")),
    (r".*format.*|fmt|spec|template", ("%Y-%m-%d", "{} {}", "{name}", "%s", ".2f")),
    (r"sep.*|delim.*|.*_sep", ("-", "_", ", ", "")),
    (r"encoding", ("utf-8", "ascii", "latin-1")),
    (r"errors", ("strict", "ignore", "replace")),
    (r"locale|lang.*", ("en", "de_DE")),
    (r"colou?r.*|hex.*", ("#ff8800", "red", "#FFF")),
    (r"ip.*|addr.*|host.*", ("192.168.0.1", "::1", "example.com")),
    (r".*number.*|.*num|.*int(eger)?|value", ("42", "-7", "3.5", "1e3", "0")),
    (r"mode", ("r", "w", "strict")),
    (r".*name.*|user|label|title", ("Ada", "Grace Hopper", "ada_lovelace", "")),
    (r".*word.*|noun|singular|plural", ("city", "boxes", "Person", "sheep", "")),
    (r".*csv.*|row|line.*", ("a,b,c", "x = 1  # note", "")),
    (r"char.*|ch|c|letter", ("a", "Z", "5", " ", "é")),
    (r"prefix|start", ("foo", "a", "")),
    (r"suffix|end", ("bar", ".txt", "")),
]
_GIVEN_BACK = (Text, Bytes, List, Tuple, Map)
_SHORT_ENOUGH, _MOST_BACK = 300, 8
_NAMED = [(re.compile(pattern), values) for pattern, values in NAMED]
INTS = (0, 1, 2, 3, -1, 5, 10, 7, 100, -5, 42, 1000, 12, 31, 255, 2**31, 2**53 + 1, 10**6, 999, 1024)
FLOATS = (
    "0.0",
    "1.0",
    "0.5",
    "-1.5",
    "2.5",
    "3.14159",
    "0.1",
    "100.0",
    "1e-07",
    "999.9999",
    "1e+16",
    "-0.0",
    "inf",
    "nan",
)


def named_texts(name: str) -> tuple[str, ...]:
    """What people write for a parameter of that name."""
    lower = name.lower()
    return next((values for pattern, values in _NAMED if pattern.fullmatch(lower)), ())


class Pools:
    """Filled from the sources at the start, and by what the search learns. Everything keeps its order."""

    def __init__(self, brief: Brief, rng: random.Random) -> None:
        self.texts: dict[str, None] = {}
        self.spoken: dict[str, None] = {}  # by people: in documentation, tests and calls
        self.ints: dict[int, None] = {}
        self.floats: dict[str, None] = {}
        self.octets: dict[str, None] = {}
        self.matching: dict[str, None] = {}
        self.local: dict[str, list[Expression]] = {}
        self.by_name: dict[str, dict[Expression, None]] = {}
        self.producers: dict[str, list[Expression]] = {}
        self.given_back: dict[Expression, None] = {}
        self._returned: dict[str, set[Expression]] = {}
        for source in (brief.source, *(sibling.source for sibling in brief.siblings)):
            self._mine(source, rng)
        for symbol in brief.module.symbols:
            self._prose(symbol.docstring)

    def learn(self, value: Expression) -> None:
        match value:
            case Text(text) if len(text) <= _LONGEST and len(self.texts) < _MOST:
                self.texts[text] = None
            case Int(number) if len(self.ints) < _MOST:
                self.ints[number] = None
            case Float(text) if len(self.floats) < _MOST:
                self.floats[text] = None
            case Bytes(octets) if len(self.octets) < _MOST:
                self.octets[octets] = None

    def hear(self, value: Expression) -> None:
        """Somebody wrote it, so every text in it is one that people would write."""
        for part in walk(value):
            if isinstance(part, Text) and len(part.value) <= _LONGEST and len(self.spoken) < _MOST:
                self.spoken[part.value] = None

    def note(self, parameter: str, value: Expression) -> None:
        """An argument that was worth keeping, for every parameter of that name."""
        kept = self.by_name.setdefault(parameter, {})
        if len(kept) < 60:
            kept[value] = None

    def wants_from(self, target: str) -> bool:
        """Whether more of what it gives back would be kept."""
        return len(self._returned.get(target, ())) < _MOST_BACK

    def returned(self, target: str, value: Expression) -> None:
        """What one function makes another may take, or the same one again."""
        if isinstance(value, _GIVEN_BACK) and len(repr(value)) <= _SHORT_ENOUGH:
            self._returned.setdefault(target, set()).add(value)
            self.given_back[value] = None

    def produce(self, symbol: str, expression: Expression) -> None:
        kept = self.producers.setdefault(symbol, [])
        if len(kept) < 24 and expression not in kept:
            kept.append(expression)

    def _mine(self, source: str, rng: random.Random) -> None:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError):
            return
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        prose |= {id(part) for node in ast.walk(tree) for told in _told(node) for part in ast.walk(told)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in prose:
                self._constant(node)
            if isinstance(node, ast.Call):
                self._pattern(node, rng)
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                found = (
                    literal(node)
                    for node in ast.walk(function)
                    if isinstance(node, ast.Constant) and id(node) not in prose
                )
                values = list(dict.fromkeys(value for value in found if isinstance(value, Text | Int | Float | Bytes)))
                self.local.setdefault(function.name, []).extend(values[:80])

    def _constant(self, node: ast.Constant) -> None:
        value = literal(node)
        if value is None:
            return
        self.learn(value)
        if isinstance(value, Int) and abs(value.value) < 2**63:
            self.learn(Int(value.value + 1))
            self.learn(Int(value.value - 1))

    def _pattern(self, node: ast.Call, rng: random.Random) -> None:
        name = (
            node.func.attr
            if isinstance(node.func, ast.Attribute)
            else node.func.id
            if isinstance(node.func, ast.Name)
            else ""
        )
        if name not in _CALLS or not node.args:
            return
        for given in node.args[:1]:
            text = _joined(given)
            flags = (
                "x"
                if any(isinstance(part, ast.Attribute) and part.attr in ("VERBOSE", "X") for part in ast.walk(node))
                else ""
            )
            if text and len(text) > 1:
                for sample in samples(text, flags, rng, 10):
                    if len(self.matching) < _MOST:
                        self.matching[sample] = None

    def _prose(self, text: str) -> None:
        for found in _QUOTED.findall(text):
            word = next((part for part in found if part), "").strip()
            if word and len(self.texts) < _MOST:
                self.texts[word] = None
                self.spoken[word] = None


def _told(node: ast.AST) -> Iterator[ast.expr]:
    """What is said to people, above all when something is wrong; nobody hands it to the code."""
    match node:
        case ast.Raise(exc=ast.Call(args=args, keywords=keywords)):
            yield from args
            yield from (keyword.value for keyword in keywords)
        case ast.Assert(msg=ast.expr() as message):
            yield message
        case ast.Call(func=ast.Attribute(attr="warn"), args=args):
            yield from args
        case ast.BinOp(left=ast.Constant(value=str()) as template, op=ast.Mod()):
            yield template
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()) as template, attr="format")):
            yield template
        case ast.JoinedStr(values=values):
            yield from (part for part in values if isinstance(part, ast.Constant))
        case ast.Constant(value=str(text)) if len(text.split()) >= _A_SENTENCE:
            yield node


def _joined(node: ast.expr) -> str:
    """A pattern's text, also where it is put together from parts."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined(left) + _joined(right)
    return ""
