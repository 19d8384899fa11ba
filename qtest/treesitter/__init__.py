"""Source text in any language that has a grammar, read by tree-sitter: what it defines and what it imports."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import tree_sitter

from qtest.treesitter.grammars import GRAMMARS
from qtest.treesitter.queries import QUERIES

# A query takes quadratic time over the loose brackets of what is no code: two thousand of them cost 10 ms, a hundred thousand 8 s.
# (The library could stop a query itself, through `progress_callback`; with it 0.26.1 ends the process.)
_LOOSE = 2_000


@dataclass(frozen=True, slots=True)
class Definition:
    """`name` as written; `owner` is the dotted path of the classes and scopes around it. Lines count from 1."""

    kind: str
    name: str
    owner: str
    line: int
    end_line: int
    head: str


@dataclass(frozen=True, slots=True)
class Imported:
    """`source` as written, without quotes; `name` what it is called here, `what` what it is called there, empty for the whole."""

    source: str
    what: str
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Read:
    """In order of position. `broken` is the line of the first part that is not code, 0 when all of it is."""

    definitions: tuple[Definition, ...]
    imports: tuple[Imported, ...]
    broken: int


def read(grammar: str, data: bytes) -> Read:
    """Raises SyntaxError when next to nothing is code, and KeyError for a grammar that is not there."""
    language, query = _prepared(grammar)
    root = tree_sitter.Parser(language).parse(data).root_node
    if root.has_error and _is_hopeless(root):
        raise SyntaxError("hardly any of it is code")
    matches = tree_sitter.QueryCursor(query).matches(root)
    nodes = [captured for _, captured in matches]
    return Read(
        definitions=tuple(_definitions(nodes, data)),
        imports=tuple(_imports(nodes, data)),
        broken=_first_error(root) if root.has_error else 0,
    )


@cache
def _prepared(grammar: str) -> tuple[tree_sitter.Language, tree_sitter.Query]:
    """Compiling a query costs some milliseconds: once for each process."""
    language = tree_sitter.Language(GRAMMARS[grammar]())
    return language, tree_sitter.Query(language, QUERIES[grammar])


def _is_hopeless(root: tree_sitter.Node) -> bool:
    """Whether some part holds more loose brackets and words than a person would leave behind."""
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is not None and node.has_error and node.child_count - node.named_child_count > _LOOSE:
            return True
        if node is not None and node.has_error and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return False


def _first_error(root: tree_sitter.Node) -> int:
    """Down the leftmost broken branch, without recursion: trees of hostile files are deep."""
    node = root
    while not (node.is_error or node.is_missing):
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            break
        node = inner
    return node.start_point.row + 1


Captured = dict[str, list[tree_sitter.Node]]
_KINDS = ("class", "function", "scope")


def _definitions(matches: list[Captured], data: bytes) -> Iterator[Definition]:
    """Functions inside functions are left out: nobody outside can name them."""
    found: dict[tuple[int, int], tuple[str, tree_sitter.Node, Captured]] = {}
    for captured in matches:
        for kind in _KINDS:
            for node in captured.get(kind, ()):
                found.setdefault((node.start_byte, -node.end_byte), (kind, node, captured))
    around: list[tuple[int, str, str]] = []
    for _, (kind, node, captured) in sorted(found.items(), key=lambda item: item[0]):
        while around and around[-1][0] <= node.start_byte:
            around.pop()
        outer = around[-1][1] if around else ""
        name = _text(captured["name"][0], data) if "name" in captured else ""
        owner = around[-1][2] if around else ""
        if "owner" in captured:
            owner = _text(captured["owner"][0], data)
        around.append((node.end_byte, kind if outer != "function" else outer, f"{owner}.{name}".strip(".")))
        if kind != "scope" and outer != "function" and name:
            line, end_line = node.start_point.row + 1, node.end_point.row + 1
            yield Definition(kind, name, owner, line, end_line, _head(node, captured, data))


def _head(node: tree_sitter.Node, captured: Captured, data: bytes) -> str:
    """The text before the name: modifiers and annotations."""
    return data[node.start_byte : captured["name"][0].start_byte][-400:].decode("utf-8", "replace")


def _imports(matches: list[Captured], data: bytes) -> Iterator[Imported]:
    found: dict[tuple[int, str, str], Imported] = {}
    for captured in matches:
        for node in captured.get("source", ()):
            source = _text(node, data).strip("\"'`<>")
            what = _text(captured["what"][0], data) if "what" in captured else ""
            name = _text(captured["as"][0], data) if "as" in captured else what
            item = Imported(source, what, name, node.start_point.row + 1)
            found.setdefault((item.line, item.source, item.name), item)
    named = {(item.line, item.source) for item in found.values() if item.name}
    for key in sorted(found):
        if found[key].name or key[:2] not in named:
            yield found[key]


def _text(node: tree_sitter.Node, data: bytes) -> str:
    return data[node.start_byte : node.end_byte][:400].decode("utf-8", "replace")
