"""Every small edit of a Python file that a test ought to notice, as spans of its exact text, and our own controls."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from qtest.languages.python.arid import Arid, is_docstring, is_import_fallback, is_stub
from qtest.languages.python.formatted import Hole, expected_holes, holes
from qtest.languages.python.offsets import Offsets
from qtest.languages.python.operators.edit import Edit
from qtest.languages.python.operators.expressions import of_expression
from qtest.languages.python.operators.functions import of_default, undecorated
from qtest.languages.python.operators.patterns import of_arm
from qtest.languages.python.operators.sentinels import of_sentinel, sentinels
from qtest.languages.python.operators.statements import Spot, of_handler, of_statement
from qtest.languages.python.parts import (
    FUNCTIONS,
    TRIES,
    blocks,
    expressions,
    first_line,
    first_run,
    header_lines,
    running_parts,
    tail,
)
from qtest.languages.python.pragmas import unmutated
from qtest.records.mutant import Control, Mutant
from qtest.records.record import digest_of

CONTROL_MESSAGE = "qtest control: this function was entered"


def mutate(text: str, path: str, module: str, arid: tuple[str, ...] = ()) -> tuple[Mutant, ...]:
    """All mutants in order of position, controls among them. `text` as decoded by the file's encoding, no byte-order mark, line ends
    untouched; it must parse. Every mutant parses too, and no two give the same text."""
    tree = ast.parse(text)
    walker = _Walker(text, path, module, Arid(arid), unmutated(text, tree), sentinels(tree.body))
    found = walker.block(tree.body, _Place())
    seen: set[tuple[int, int, str]] = set()
    unique = []
    for mutant in sorted(found, key=lambda m: (m.start, m.end, m.control, m.operator, m.replacement)):
        key = _essence(text, mutant)
        if mutant.control or key not in seen:
            seen.add(key)
            unique.append(mutant)
    return tuple(unique)


def _essence(text: str, mutant: Mutant) -> tuple[int, int, str]:
    """The same for all edits that give the same text: what they keep at their ends is taken off, and removals are moved to the left."""
    start, end, new = mutant.start, mutant.end, mutant.replacement
    while new and end > start and text[end - 1] == new[-1]:
        end, new = end - 1, new[:-1]
    kept = 0
    while kept < len(new) and start + kept < end and text[start + kept] == new[kept]:
        kept += 1
    start, new = start + kept, new[kept:]
    while not new and 0 < start < end and text[start - 1] == text[end - 1]:
        start, end = start - 1, end - 1
    return start, end, new


@dataclass(frozen=True)
class _Place:
    """`name` is the qualified name so far; `outermost` that of the outermost function we are in, `function` the plain name of the innermost.
    `barred` are characters that an edit may not bring in, because what stands around would end there."""

    name: str = ""
    running: bool = False
    outermost: str | None = None
    function: str = ""
    may_return: bool = False
    tail: frozenset[int] = frozenset()
    barred: str = ""

    def inside(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> "_Place":
        full = f"{self.name}.{node.name}" if self.name else node.name
        if isinstance(node, ast.ClassDef):
            return replace(self, name=full, function="", may_return=False)
        return _Place(full, True, self.outermost or full, node.name, True, frozenset(map(id, tail(node.body))))

    @property
    def symbol(self) -> str:
        return self.outermost or self.name


class _Walker:
    def __init__(
        self, text: str, path: str, module: str, arid: Arid, kept: frozenset[int], known: tuple[str, ...]
    ) -> None:
        self.text = text
        self.path = path
        self.module = module
        self.arid = arid
        self.kept = kept
        self.sentinels = known
        self.digest = digest_of(text)
        self.offsets = Offsets(text)

    def block(self, statements: Sequence[ast.stmt], place: _Place) -> Iterator[Mutant]:
        for statement in statements:
            yield from self.statement(statement, place)

    def statement(self, node: ast.stmt, place: _Place) -> Iterator[Mutant]:
        if isinstance(node, FUNCTIONS):
            yield from self._function(node, place)
            return
        if isinstance(node, ast.ClassDef):
            yield from self._class(node, place)
            return
        if self.arid.covers(node, running=place.running):
            return
        lines = header_lines(node)
        spot = Spot(place.function, place.may_return, id(node) in place.tail)
        yield from self._mutants(of_statement(node, spot, self.offsets), lines, place)
        for child in expressions(node):
            yield from self._edits(child, lines, place)
        if isinstance(node, ast.Match):
            for arm in node.cases:
                yield from self._mutants(of_arm(arm, self.offsets), lines, place)
        if isinstance(node, TRIES) and not is_import_fallback(node):
            for handler in node.handlers:
                caught = (handler.lineno, (handler.type or handler).end_lineno or handler.lineno)
                yield from self._mutants(of_handler(handler, self.offsets), caught, place)
        for block in blocks(node):
            yield from self.block(block, place)

    def _class(self, node: ast.ClassDef, place: _Place) -> Iterator[Mutant]:
        lines = (first_line(node), node.lineno)
        yield from self._mutants(undecorated(node, self.offsets), lines, place)
        for part in (*node.decorator_list, *(keyword.value for keyword in node.keywords)):
            yield from self._edits(part, (node.lineno, node.lineno), place)
        yield from self.block(node.body, place.inside(node))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: _Place) -> Iterator[Mutant]:
        if is_stub(node):
            return
        defaults = [*node.args.defaults, *(default for default in node.args.kw_defaults if default)]
        header = (first_line(node), max([node.lineno, *(d.end_lineno or d.lineno for d in node.args.defaults)]))
        yield from self._mutants(undecorated(node, self.offsets), header, place)
        for default in defaults:
            yield from self._mutants(of_default(default, self.offsets), header, place)
        for part in (*node.decorator_list, *defaults):
            yield from self._edits(part, header, place)
        inside = place.inside(node)
        if not place.running:
            yield from self._controls(node, inside)
        yield from self.block(node.body, inside)

    def _edits(
        self, node: ast.expr, lines: tuple[int, int], place: _Place, at: Offsets | None = None
    ) -> Iterator[Mutant]:
        at = at or self.offsets
        if isinstance(node, ast.JoinedStr):
            yield from self._formatted(node, lines, place, at)
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and place.function == "__repr__":
            return
        inner = replace(place, running=True) if isinstance(node, ast.Lambda) and not place.running else place
        yield from self._mutants(of_expression(node, at), lines, inner)
        if place.running:  # before that a sentinel may not be there yet
            yield from self._mutants(of_sentinel(node, self.sentinels, at), lines, inner)
        for child in running_parts(node):
            yield from self._edits(child, lines, inner, at)

    def _formatted(self, node: ast.JoinedStr, lines: tuple[int, int], place: _Place, at: Offsets) -> Iterator[Mutant]:
        """The text, the formats, and what stands in the expressions, as far as every Python could read it there."""
        start, source = at.start(node), at.source(node)
        if place.function != "__repr__":
            opening = source.index(source.lstrip("rRfFbBuU")[0])
            width = 3 if source[opening : opening + 3] in ('"""', "'''") else 1
            where = start + opening + width
            yield from self._mutants([Edit(where, where, "XX", "constant")], lines, place)
        found = holes(source)
        if len(found) != expected_holes(node):
            return  # the text could not be followed
        for hole in found:
            yield from self._hole(hole, source, start, lines, place)
            if hole.format_end > hole.colon + 1 and place.function != "__repr__":
                spec = Edit(start + hole.colon, start + hole.format_end, "", "format removed")
                yield from self._mutants([spec], lines, place)

    def _hole(self, hole: Hole, source: str, start: int, lines: tuple[int, int], place: _Place) -> Iterator[Mutant]:
        part = source[hole.start : hole.end]
        try:
            tree = ast.parse(f"({part})", mode="eval")
        except SyntaxError:
            return
        inside = replace(place, barred=place.barred + hole.quote[0] + "\\\r\n#")
        at = Offsets(self.text, f"({part})", start + hole.start - 1)
        yield from self._edits(tree.body, lines, inside, at)

    def _controls(self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: _Place) -> Iterator[Mutant]:
        body = node.body[1:] if is_docstring(node.body[0]) else node.body
        if not body:
            return
        at = self.offsets.start(body[0])
        if isinstance(body[0], (*FUNCTIONS, ast.ClassDef)) and body[0].decorator_list:
            at = self.offsets.start(body[0].decorator_list[0]) - 1
        before = self.text[self.offsets.line(self.offsets.line_of(at)) : at]
        statement = f"raise RuntimeError({CONTROL_MESSAGE!r})"
        raising = statement + (self.offsets.newline + before if not before.strip() else "; ")
        first = first_run(body)
        yield self._mutant(Edit(at, at, "", "control"), (first, first), place, "no-op")
        yield self._mutant(Edit(at, at, raising, "control"), (first, first), place, "raise")

    def _mutants(self, edits: Iterable[Edit], lines: tuple[int, int], place: _Place) -> Iterator[Mutant]:
        for edit in edits:
            if edit.text == self.text[edit.start : edit.end]:
                continue
            if place.barred and any(character in place.barred for character in edit.text):
                continue
            if self.kept and self._is_kept(edit):
                continue
            yield self._mutant(self._spaced(edit) if edit.start < edit.end else edit, lines, place)

    def _is_kept(self, edit: Edit) -> bool:
        first = self.offsets.line_of(edit.start)
        return not self.kept.isdisjoint(range(first, self.offsets.line_of(max(edit.start, edit.end - 1)) + 1))

    def _spaced(self, edit: Edit) -> Edit:
        """What stands without a space beside brackets or quotes would grow together with the words around."""
        before, after = self.text[edit.start - 1 : edit.start], self.text[edit.end : edit.end + 1]
        new = edit.text
        if _is_word(before) and _is_word((new or after)[:1]):
            new = " " + new
        if new and _is_word(new[-1]) and _is_word(after):
            new += " "
        return edit if new is edit.text else Edit(edit.start, edit.end, new, edit.operator)

    def _mutant(self, edit: Edit, lines: tuple[int, int], place: _Place, control: Control = "") -> Mutant:
        identity = digest_of(f"{self.path}\0{self.digest}\0{edit.start}\0{edit.end}\0{edit.text}\0{control}")[:16]
        return Mutant(
            id=identity,
            path=self.path,
            file_digest=self.digest,
            symbol=f"{self.module}:{place.symbol}",
            operator=edit.operator,
            line=lines[0],
            end_line=lines[1],
            start=edit.start,
            end=edit.end,
            original=self.text[edit.start : edit.end],
            replacement=edit.text,
            runs_at="call" if place.running else "import",
            control=control,
        )


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
