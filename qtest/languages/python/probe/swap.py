"""Applies mutants in a live process: code objects are exchanged in place, so that every reference taken early sees the change."""

import __future__

import ast
import gc
import io
import os
import tokenize
import types
import warnings

MARK = "\x00qtest: the mutated statement is entered"


class Patch:
    """One mutant, compiled. `state` is as in qtest.records.workbench.MutantState."""

    def __init__(self, mutant):
        self.id = mutant["id"]
        self.path = mutant["path"]
        self.control = mutant.get("control", "")
        self.line = mutant["line"]
        self.state = "invalid"
        self.note = ""
        self.pairs = []  # (original code, mutated code), the outermost function first
        self.live = []  # (function, mutated code)


class Swap:
    """`tree` is the folder that mutants' paths are relative to."""

    def __init__(self, tree):
        self.tree = tree
        self._sources = {}
        self._installed = []
        self._functions = None

    def prepare(self, mutants):
        return [self._prepared(Patch(mutant), mutant) for mutant in mutants]

    def bind(self, patches):
        """Find the functions that live now; the first call looks, later ones remember. Look before gc.freeze, which hides them."""
        functions = self.look()
        for patch in patches:
            if patch.state != "swappable":
                continue
            for original, mutated in patch.pairs:
                for function in functions.get((original.co_name, original.co_firstlineno), ()):
                    if _twins(function.__code__, original):
                        patch.live.append((function, mutated))
            outer = patch.pairs[0][0]
            if not any(_twins(function.__code__, outer) for function, _ in patch.live):
                patch.state, patch.note, patch.live = "fresh import", "no live function has this code", []

    def look(self):
        if self._functions is None:
            self._functions = {}
            for thing in gc.get_objects():
                if type(thing) is types.FunctionType:
                    self._functions.setdefault((thing.__code__.co_name, thing.__code__.co_firstlineno), []).append(
                        thing
                    )
        return self._functions

    def install(self, patch, hit=None):
        """Exchange the code of every live function; `hit`, a builtin bound method, is called when the statement is entered."""
        for function, mutated in patch.live:
            self._installed.append((function, function.__code__))
            function.__code__ = marked(mutated, hit)
        return len(patch.live)

    def remove(self):
        while self._installed:
            function, code = self._installed.pop()
            function.__code__ = code

    def source(self, path):
        if path not in self._sources:
            self._sources[path] = Source(os.path.join(self.tree, path))
        return self._sources[path]

    def _prepared(self, patch, mutant):
        try:
            source = self.source(patch.path)
            mutated = source.mutated(mutant)
            plain = source.mutated(mutant, mark=False)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OSError) as error:
            patch.note = "%s: %s" % (type(error).__name__, error)
            return patch
        original = source.statement(mutant["start"])
        if not patch.control and _alike(original, plain):
            patch.state = "same code"
        elif mutant.get("runs_at") == "import":
            patch.state = "fresh import"
        else:
            patch.pairs = _pairs(original, mutated, plain)
            patch.state = "swappable" if patch.pairs else "fresh import"
            patch.note = "" if patch.pairs else "the change is not inside one function"
        return patch


class Source:
    """One file's text and how to compile one of its top-level statements with an edit in it."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            self.text = decode(file.read())
        self.tree = ast.parse(self.text)
        self.flags = _future(self.tree)
        self.imports = _imported(self.tree)
        self._starts = [0]
        for line in _lines(self.text):
            self._starts.append(self._starts[-1] + len(line))
        self._originals = {}

    def whole(self, mutant):
        """The mutated file as code, marked, for an import: (code, text)."""
        text = self._edited(mutant)
        tree = ast.parse(text)
        _insert_mark(tree, *self._place(mutant["start"]))
        return _compile(tree, self.path, 0), text

    def statement(self, start):
        first, last = self._span(start)
        if (first, last) not in self._originals:
            self._originals[first, last] = self._code(ast.parse(self._cut(self.text, first, last)))
        return self._originals[first, last]

    def mutated(self, mutant, mark=True):
        first, last = self._span(mutant["start"])
        text = self._cut(
            self._edited(mutant), first, last, len(mutant["replacement"]) - (mutant["end"] - mutant["start"])
        )
        tree = ast.parse(text)
        if mark:
            _insert_mark(tree, *self._place(mutant["start"]))
        return self._code(tree)

    def _code(self, tree):
        """Names that the module imports must be known: from 3.11 on the compiler calls their methods in another way."""
        names = [ast.alias(name="q", asname=name) for name in self.imports]
        if names:
            tree.body.insert(0, ast.fix_missing_locations(ast.Import(names=names, lineno=1, col_offset=0)))
        return _compile(tree, self.path, self.flags)

    def _edited(self, mutant):
        return self.text[: mutant["start"]] + mutant["replacement"] + self.text[mutant["end"] :]

    def _span(self, start):
        """First and last line of the top-level statement that the offset lies in; the whole file when lines are shared."""
        line = self._place(start)[0]
        found = None
        for node in self.tree.body:
            first = min([node.lineno] + [decorator.lineno for decorator in getattr(node, "decorator_list", ())])
            if first <= line <= node.end_lineno:
                if found is not None:
                    return 1, len(self._starts) - 1
                found = (first, node.end_lineno)
        return found or (1, len(self._starts) - 1)

    def _cut(self, text, first, last, grown=0):
        end = self._starts[min(last, len(self._starts) - 1)] + grown
        return "\n" * (first - 1) + text[self._starts[first - 1] : end]

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


def decode(data):
    """The text of a source file: its declared encoding, no byte-order mark, line ends as they are."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    text = data.decode("utf-8" if encoding == "utf-8-sig" else encoding)
    return text[1:] if text.startswith("\ufeff") else text


def marked(code, hit):
    """The code with its mark, wherever it is nested, made a call of `hit`; of nothing when None."""
    call = hit if hit is not None else _nothing
    constants = tuple(
        call
        if isinstance(value, str) and value == MARK
        else marked(value, hit)
        if isinstance(value, types.CodeType)
        else value
        for value in code.co_consts
    )
    same = all(new is old for new, old in zip(constants, code.co_consts))
    return code if same else code.replace(co_consts=constants)


_nothing = {}.clear


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
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(__future__, alias.name).compiler_flag
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


def _compile(tree, path, flags):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(tree, path, "exec", flags=flags, dont_inherit=True)


def _insert_mark(tree, line, column):
    """Put the mark before the innermost statement that begins at or holds the place."""
    best = None
    todo = [tree]
    while todo:
        node = todo.pop()
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            block = getattr(node, name, None)
            if not isinstance(block, list):
                continue
            for index, child in enumerate(block):
                if isinstance(child, ast.stmt):
                    first = min(
                        [(child.lineno, child.col_offset)]
                        + [(d.lineno, 0) for d in getattr(child, "decorator_list", ())]
                    )
                    if first <= (line, column) <= (child.end_lineno, child.end_col_offset):
                        if best is None or first >= best[0]:
                            best = (first, block, index, child)
                        todo.append(child)
                else:
                    todo.append(child)
    if best is None:
        raise SyntaxError("no statement at the place of the edit")
    _, block, index, child = best
    mark = ast.Expr(ast.Call(ast.Constant(MARK), [], []))
    ast.copy_location(mark, child)
    for part in ast.walk(mark):
        ast.copy_location(part, child)
    block.insert(index, mark)


def _pairs(original, mutated, plain):
    """(original, marked mutated) for each function code that differs, outermost first; empty when swapping cannot say it."""
    found = []
    if not _walk(original, mutated, plain, found, outside=True) or not found:
        return []
    return found


def _walk(original, mutated, plain, found, outside):
    olds = [value for value in original.co_consts if isinstance(value, types.CodeType)]
    news = [value for value in mutated.co_consts if isinstance(value, types.CodeType)]
    plains = [value for value in plain.co_consts if isinstance(value, types.CodeType)]
    if len(olds) != len(news):
        return not outside  # inside a swapped function the nested ones come with it
    for old, new, bare in zip(olds, news, plains):
        if old.co_name != new.co_name:
            return not outside
        if not _carries(new) and _alike(old, bare):
            continue
        is_function = bool(old.co_flags & 0x2)  # CO_NEWLOCALS: not a class body
        if is_function:
            if old.co_freevars != new.co_freevars or (old.co_argcount, old.co_kwonlyargcount) != (
                new.co_argcount,
                new.co_kwonlyargcount,
            ):
                return bool(found)
            found.append((old, new))
        elif outside and not _alike(_shell(old), _shell(bare)):
            return False  # the class body itself differs
        if not _walk(old, new, bare, found, outside and not is_function):
            return False
    return True


def _carries(code):
    return any(
        (isinstance(value, str) and value == MARK) or (isinstance(value, types.CodeType) and _carries(value))
        for value in code.co_consts
    )


def _shell(code):
    return code.replace(
        co_consts=tuple(None if isinstance(value, types.CodeType) else value for value in code.co_consts)
    )


def _alike(old, new):
    """The same instructions and constants, whatever the lines."""
    if (
        old.co_code,
        old.co_names,
        old.co_varnames,
        old.co_freevars,
        old.co_cellvars,
        old.co_flags,
        old.co_argcount,
    ) != (
        new.co_code,
        new.co_names,
        new.co_varnames,
        new.co_freevars,
        new.co_cellvars,
        new.co_flags,
        new.co_argcount,
    ):
        return False
    if getattr(old, "co_exceptiontable", b"") != getattr(new, "co_exceptiontable", b"") or len(old.co_consts) != len(
        new.co_consts
    ):
        return False
    return all(_same_constant(a, b) for a, b in zip(old.co_consts, new.co_consts))


def _same_constant(a, b):
    if isinstance(a, types.CodeType) and isinstance(b, types.CodeType):
        return a.co_name == b.co_name and _alike(a, b)
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple):
        return len(a) == len(b) and all(_same_constant(x, y) for x, y in zip(a, b))
    return repr(a) == repr(b)


def _same_file(one, other):
    return one == other or os.path.realpath(one) == os.path.realpath(other)


def _twins(live, compiled):
    """The same function of the same file. Not `==`: on 3.11 it also tells apart what only lines and columns differ in."""
    return (
        (live.co_name, live.co_firstlineno) == (compiled.co_name, compiled.co_firstlineno)
        and _same_file(live.co_filename, compiled.co_filename)
        and _alike(live, compiled)
    )
