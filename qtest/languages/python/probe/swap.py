"""Applies mutants in a live process: code objects are exchanged in place, so that every reference taken early sees the change."""

import __future__

import ast
import codecs
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
        self.stuck = []  # original codes that change and cannot be exchanged by themselves
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
            elif any(self._lives(code) for code in patch.stuck):
                patch.state, patch.note, patch.live = "fresh import", "a closure made earlier needs other variables", []

    def _lives(self, code):
        named = self.look().get((code.co_name, code.co_firstlineno), ())
        return any(_twins(function.__code__, code) for function in named)

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
            patch.pairs, patch.stuck = _pairs(original, mutated, plain)
            patch.note = "" if patch.pairs else "the change is not inside one function"
            if any(_has_double(original, old) for old, _ in patch.pairs):
                patch.note = "another function on its line has the same code"
            patch.state = "fresh import" if patch.note else "swappable"
        return patch


class Source:
    """One file's text and how to compile one of its top-level statements with an edit in it."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            self.data = file.read()
        self.text = decode(self.data)
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
        _insert_mark(tree, *self._place(mutant["start"]))
        return _compile(tree, self.path, 0), text

    def encoded(self, mutant):
        """The mutated file as bytes: its own encoding, byte-order mark and line ends."""
        encoding = _encoding(self.data)
        return self._edited(mutant).encode("utf-8-sig" if self.data.startswith(codecs.BOM_UTF8) else encoding)

    def statement(self, start):
        """The unmutated code of the unit that the offset lies in."""
        unit = self._unit(start)
        if unit not in self._originals:
            self._originals[unit] = self._code(ast.parse(self._cut(self.text, unit)))
        return self._originals[unit]

    def mutated(self, mutant, mark=True):
        grown = len(mutant["replacement"]) - (mutant["end"] - mutant["start"])
        tree = ast.parse(self._cut(self._edited(mutant), self._unit(mutant["start"]), grown))
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

    def _unit(self, start):
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


def decode(data):
    """The text of a source file: its declared encoding, no byte-order mark, line ends as they are."""
    text = data.decode(_encoding(data))
    return text[1:] if text.startswith("\ufeff") else text


def _encoding(data):
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return "utf-8" if encoding == "utf-8-sig" else encoding


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
    """Put the mark before the innermost statement that begins at or holds the place; in a lambda's body, before that is evaluated."""
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
    call = ast.Call(ast.Constant(MARK), [], [])
    inner = _innermost_lambda(child, (line, column))
    if inner is not None:
        inner.body = ast.Subscript(ast.Tuple([call, inner.body], ast.Load()), ast.Constant(1), ast.Load())
        _locate([inner.body, inner.body.value, inner.body.slice, call, call.func], child)
    else:
        mark = ast.Expr(call)
        _locate([mark, call, call.func], child)
        block.insert(index, mark)


def _locate(parts, where):
    for part in parts:
        ast.copy_location(part, where)


def _innermost_lambda(statement, place):
    """The lambda whose body holds the place."""
    found, todo = None, [statement]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Lambda):
            body = node.body
            if (body.lineno, body.col_offset) <= place < (body.end_lineno, body.end_col_offset):
                if found is None or (body.lineno, body.col_offset) >= (found.body.lineno, found.body.col_offset):
                    found = node
        todo.extend(
            child for child in ast.iter_child_nodes(node) if node is statement or not isinstance(child, ast.stmt)
        )
    return found


def _pairs(original, mutated, plain):
    """(original, marked mutated) for each function code that differs, outermost first, and the originals that only come with their
    outer function; nothing when swapping cannot say it."""
    found, stuck = [], []
    if not _walk(original, mutated, plain, found, stuck, outside=True) or not found:
        return [], []
    return found, stuck


def _has_double(whole, code):
    return sum(_twins(other, code) for other in _every_nested(whole) if other.co_name == code.co_name) > 1


def _nested(code):
    return [value for value in code.co_consts if isinstance(value, types.CodeType)]


def _every_nested(code):
    for inner in _nested(code):
        yield inner
        yield from _every_nested(inner)


def _walk(original, mutated, plain, found, stuck, outside):
    olds, news, plains = _nested(original), _nested(mutated), _nested(plain)
    if [old.co_name for old in olds] != [new.co_name for new in news]:
        stuck.extend(_every_nested(original))
        return not outside  # inside a swapped function the nested ones come with it
    for old, new, bare in zip(olds, news, plains):
        if not _carries(new) and _alike(old, bare):
            continue
        is_function = bool(old.co_flags & 0x2)  # CO_NEWLOCALS: not a class body
        if is_function:
            if old.co_freevars != new.co_freevars or (old.co_argcount, old.co_kwonlyargcount) != (
                new.co_argcount,
                new.co_kwonlyargcount,
            ):
                stuck.append(old)
                stuck.extend(_every_nested(old))
                if outside:
                    return False
                continue
            found.append((old, new))
        elif outside and not _alike(_shell(old), _shell(bare)):
            return False  # the class body itself differs
        if not _walk(old, new, bare, found, stuck, outside and not is_function):
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
        old.co_posonlyargcount,
        old.co_kwonlyargcount,
    ) != (
        new.co_code,
        new.co_names,
        new.co_varnames,
        new.co_freevars,
        new.co_cellvars,
        new.co_flags,
        new.co_argcount,
        new.co_posonlyargcount,
        new.co_kwonlyargcount,
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
