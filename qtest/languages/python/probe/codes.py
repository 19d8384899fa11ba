"""Code objects compared: which function of one is which of another, and whether they do the same."""

import os
import types

from _qtest_probe.mark import carries_mark


def pairs(original, mutated, plain):
    """(original, marked mutated) for each function code that differs, outermost first, and the originals that only come with their
    outer function; nothing when swapping cannot say it."""
    found, stuck = [], []
    if not _walk(original, mutated, plain, found, stuck, outside=True) or not found:
        return [], []
    return found, stuck


def _walk(original, mutated, plain, found, stuck, outside):
    olds, news, plains = _nested(original), _nested(mutated), _nested(plain)
    if [old.co_name for old in olds] != [new.co_name for new in news]:
        stuck.extend(_every_nested(original))
        return not outside  # inside a swapped function the nested ones come with it
    for old, new, bare in zip(olds, news, plains):
        if not carries_mark(new) and alike(old, bare):
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
        elif outside and not alike(_shell(old), _shell(bare)):
            return False  # the class body itself differs
        if not _walk(old, new, bare, found, stuck, outside and not is_function):
            return False
    return True


def _nested(code):
    return [value for value in code.co_consts if isinstance(value, types.CodeType)]


def _every_nested(code):
    for inner in _nested(code):
        yield inner
        yield from _every_nested(inner)


def has_double(whole, code):
    return sum(twins(other, code) for other in _every_nested(whole) if other.co_name == code.co_name) > 1


def _shell(code):
    return code.replace(
        co_consts=tuple(None if isinstance(value, types.CodeType) else value for value in code.co_consts)
    )


_FACE = (
    "co_code co_names co_varnames co_freevars co_cellvars co_flags co_argcount co_posonlyargcount co_kwonlyargcount"
).split()


def alike(old, new):
    """The same instructions and constants, whatever the lines."""
    if _face(old) != _face(new) or len(old.co_consts) != len(new.co_consts):
        return False
    return all(_same_constant(a, b) for a, b in zip(old.co_consts, new.co_consts))


def _same_constant(a, b):
    if isinstance(a, types.CodeType) and isinstance(b, types.CodeType):
        return a.co_name == b.co_name and alike(a, b)
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple):
        return len(a) == len(b) and all(_same_constant(x, y) for x, y in zip(a, b))
    return repr(a) == repr(b)


def essence(code):
    """Equal for codes that are alike, and only for those: to find one among many."""
    return (_face(code), tuple(_essence_of(value) for value in code.co_consts))


def _essence_of(constant):
    if isinstance(constant, types.CodeType):
        return (constant.co_name, essence(constant))
    if isinstance(constant, tuple):
        return (tuple, tuple(_essence_of(part) for part in constant))
    return (type(constant), repr(constant))


def _face(code):
    return tuple(getattr(code, name) for name in _FACE), getattr(code, "co_exceptiontable", b"")


def twins(live, compiled):
    """The same function of the same file. Not `==`: on 3.11 it also tells apart what only lines and columns differ in."""
    return (
        (live.co_name, live.co_firstlineno) == (compiled.co_name, compiled.co_firstlineno)
        and _same_file(live.co_filename, compiled.co_filename)
        and alike(live, compiled)
    )


def _same_file(one, other):
    return one == other or os.path.realpath(one) == os.path.realpath(other)
