"""One file's text, and how to compile one of its top-level statements with an edit in it."""

import __future__

import ast
import codecs
import io
import sys
import tokenize
import warnings

from _qtest_probe.mark import insert_mark


class Source:
    """One file's text and how to compile one of its top-level statements with an edit in it."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            self.data = file.read()
        self.text = _decode(self.data)
        self.tree = ast.parse(self.text)
        self.flags = _future(self.tree)
        self.imports = _imported(self.tree)
        self._starts = [0]
        for line in _lines(self.text):
            self._starts.append(self._starts[-1] + len(line))
        self._originals = {}
        self._units = {}

    def whole(self, mutant):
        """The mutated file as code, marked, for an import: (code, text)."""
        text = self._edited(mutant)
        tree = ast.parse(text)
        insert_mark(tree, *self._place(mutant["start"]))
        return compiled(tree, self.path, 0), text

    def encoded(self, mutant):
        """The mutated file as bytes: its own encoding, byte-order mark and line ends."""
        encoding = _encoding(self.data)
        return self._edited(mutant).encode("utf-8-sig" if self.data.startswith(codecs.BOM_UTF8) else encoding)

    def statement(self, start):
        """The unmutated code of the unit that the offset lies in."""
        unit = self.unit(start)
        if unit not in self._originals:
            self._originals[unit] = self._code(ast.parse(self._cut(self.text, unit)))
        return self._originals[unit]

    def plain(self, mutant):
        """The unit with the edit in it."""
        return self._code(self._changed(mutant))

    def mutated(self, mutant):
        """The same, and once more with the mark in it."""
        tree = self._changed(mutant)
        plain = self._code(tree)
        insert_mark(tree, *self._place(mutant["start"]))
        return plain, compiled(tree, self.path, self.flags)

    def _changed(self, mutant):
        grown = len(mutant["replacement"]) - (mutant["end"] - mutant["start"])
        return ast.parse(self._cut(self._edited(mutant), self.unit(mutant["start"]), grown))

    def _code(self, tree):
        """Names that the module imports must be known: from 3.11 on the compiler calls their methods in another way."""
        names = [ast.alias(name="q", asname=name) for name in self.imports]
        if names:
            tree.body.insert(0, ast.fix_missing_locations(ast.Import(names=names, lineno=1, col_offset=0)))
        return compiled(tree, self.path, self.flags)

    def _edited(self, mutant):
        return self.text[: mutant["start"]] + mutant["replacement"] + self.text[mutant["end"] :]

    def unit(self, start):
        """What is compiled alone: (headers of the classes around it, first line, last line). A function of a class is compiled in an
        empty class of that name; a statement of the module by itself; the whole file where lines are shared."""
        line = self._place(start)[0]
        if line not in self._units:
            self._units[line] = self._find_unit(line)
        return self._units[line]

    def _find_unit(self, line):
        whole = ((), 1, len(self._starts) - 1)
        top = _holding(self.tree.body, line)
        if top is None:
            return whole
        headers, node = [], top
        while isinstance(node, ast.ClassDef):
            inner = _holding(node.body, line)
            if (
                not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
                or _first(inner) <= node.lineno
            ):
                break
            headers.append((node.lineno, node.col_offset, node.name))
            node = inner
        if isinstance(node, ast.ClassDef):
            headers, node = [], top
        return tuple(headers), _first(node), node.end_lineno

    def _cut(self, text, unit, grown=0):
        headers, first, last = unit
        end = self._starts[min(last, len(self._starts) - 1)] + grown
        lines = [""] * (first - 1)
        for line, column, name in headers:
            lines[line - 1] = " " * column + "class %s:" % name
        return "".join(line + "\n" for line in lines) + text[self._starts[first - 1] : end]

    def _place(self, start):
        """Line from 1 and column in UTF-8 bytes, as ast counts."""
        low, high = 0, len(self._starts) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._starts[middle] <= start:
                low = middle
            else:
                high = middle - 1
        return low + 1, len(self.text[self._starts[low] : start].encode("utf-8", "surrogatepass"))


def _holding(statements, line):
    """The one statement that has the line; None when there is none, or more."""
    found = [node for node in statements if _first(node) <= line <= node.end_lineno]
    return found[0] if len(found) == 1 else None


def _first(node):
    return min([node.lineno] + [decorator.lineno for decorator in getattr(node, "decorator_list", ())])


def _decode(data):
    """The text of a source file: its declared encoding, no byte-order mark, line ends as they are."""
    text = data.decode(_encoding(data))
    return text[1:] if text.startswith("\ufeff") else text


def _encoding(data):
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _lines(text):
    """Lines with their ends, split where Python's parser does: not at form feeds or other separators."""
    lines, start, index = [], 0, 0
    while index < len(text):
        character = text[index]
        index += 1
        if character == "\r" and text[index : index + 1] == "\n":
            index += 1
        elif character not in "\r\n":
            continue
        lines.append(text[start:index])
        start = index
    if start < len(text):
        lines.append(text[start:])
    return lines


def _future(tree):
    """Of the features that this Python does not have anyway: of one that it has, an import leaves no flag in the code that it compiles."""
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                feature = getattr(__future__, alias.name)
                mandatory = feature.getMandatoryRelease()
                if mandatory is None or mandatory > sys.version_info:
                    flags |= feature.compiler_flag
    return flags


def _imported(tree):
    """Names that an import binds in the module's own scope."""
    names, todo = set(), list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update((alias.asname or alias.name.partition(".")[0]) for alias in node.names if alias.name != "*")
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            todo.extend(
                child for child in ast.iter_child_nodes(node) if isinstance(child, (ast.stmt, ast.excepthandler))
            )
    return sorted(names)


def compiled(tree, path, flags):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(tree, path, "exec", flags=flags, dont_inherit=True)
