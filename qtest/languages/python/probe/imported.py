"""What candidates tell of mutants that only an import shows: the module is imported anew with the mutant in it, and they run on that.

A scout imports it once, unmutated, and tells which modules belong to others and which functions ran meanwhile. The nursery then imports
those of others; each mutant gets a child of it.
"""

import importlib
import os
import sys
import warnings

from _qtest_probe import children, finder
from _qtest_probe import wire as wires
from _qtest_probe.source import Source

IMPORT = {"cpu_s": 30.0, "blocked_s": 8.0}
WHOLE = {"cpu_s": 3600.0, "blocked_s": 60.0}
_CAP = 32 << 20


def compared(settings, load, order):
    """For each mutant that an import runs, the candidates that do not end as without it: [{"mutant", "differs", "runs", "cpu_us"}], or
    [{"mutant", "lost"}] with why there is no answer.

    Mutants of functions that the import does not call are left out; so are candidates that do not end the same, in another order, with a
    control that changes nothing.
    """
    facts = children.watched(lambda writer: _tell(writer, _nursery(settings, load, order)), WHOLE, _CAP)
    try:
        return wires._loads(facts["data"])
    except ValueError:
        return _lost(order["mutants"], "the process that imports the module anew was lost")


def _lost(mutants, why):
    return [{"mutant": mutant, "lost": why} for mutant in mutants]


def _nursery(settings, load, order):
    _silent()
    scouted = _in_child(lambda: _scout(settings, load), IMPORT)
    if not scouted:
        return _lost(order["mutants"], "the module could not be imported anew")
    for name in scouted["foreign"]:
        _import(name)
    wanted = set(order["mutants"])
    mutants = [mutant for mutant in load["mutants"] if mutant["id"] in wanted and _runs(mutant, scouted["ran"])]
    candidates = {one["id"]: one for one in order["candidates"]}
    control, spent_s = _keys(settings, load, list(candidates.values()), None, IMPORT)
    sources = {}
    no_op = next((mutant for mutant in load["mutants"] if mutant.get("control") == "no-op"), None)
    change = _change(settings, sources, no_op) if no_op else None
    again, _ = _keys(settings, load, list(reversed(candidates.values())), change, IMPORT)
    if not control or again is None:
        return _lost(
            [mutant["id"] for mutant in mutants],
            "the module was imported anew without a mutant, and calls did not end well",
        )
    steady = {number for number, key in control.items() if key and again.get(number) == key}
    limits = {"cpu_s": max(2.0, 10 * spent_s), "blocked_s": 4.0}
    found = []
    for mutant in mutants:
        chosen = [candidates[number] for number in order["mutants"][mutant["id"]] if number in steady]
        keys, cpu_s = _keys(settings, load, chosen, _change(settings, sources, mutant), limits)
        if keys is None:
            found += _lost([mutant["id"]], "with the mutant in it the import or a call did not end well")
            continue
        differs = [number for number, key in keys.items() if key and key != control[number]]
        found.append({"mutant": mutant["id"], "differs": differs, "runs": len(chosen), "cpu_us": int(cpu_s * 1e6)})
    return found


def _change(settings, sources, mutant):
    path = mutant["path"]
    if path not in sources:
        sources[path] = Source(os.path.join(settings["folder"], path))
    return sources[path], mutant


def _keys(settings, load, candidates, change, limits):
    """How each of them ends, by number, and the CPU seconds it took. Nothing where the module cannot be imported, None where that or a
    call was lost."""
    spent = []
    keys = _in_child(lambda: _tried(settings, load, candidates, change), limits, spent)
    return None if keys is None else {int(number): key for number, key in keys.items()}, sum(spent)


def _tried(settings, load, candidates, change):
    from _qtest_probe.laboratory import Laboratory

    sys.setrecursionlimit(600)
    if change is not None:
        finder.install(*change)
    bare = {**load, "mutants": [], "siblings": []}
    laboratory = Laboratory({**settings, "plain": True}, bare, set(), bytearray(8), {})
    if laboratory.problem:
        return {}
    replies = [laboratory.tried(candidate, []) for candidate in candidates]
    return {reply["candidate"]: _key(reply) for reply in replies}


def _key(reply):
    """Empty for an end that tells nothing: a limit, or what is not allowed."""
    if reply["status"] == "ok":
        return reply["key"]
    return "unsupported: %(detail)s" % reply if reply["status"] == "unsupported" else ""


def _scout(settings, load):
    """What the import brought in from elsewhere, in order, and [path, first line, last line] of each function that it ran."""
    tree = os.path.realpath(settings["folder"]) + os.sep
    before, codes = set(sys.modules), set()

    def called(frame, event, argument):
        if event == "call" and frame.f_code.co_flags & 0x2:  # CO_NEWLOCALS: not a module's or a class's body
            codes.add(frame.f_code)

    sys.setprofile(called)
    try:
        importlib.import_module(load["module"])
    finally:
        sys.setprofile(None)
    ran = []
    for code in codes:
        path = os.path.realpath(code.co_filename)
        if path.startswith(tree):
            ran.append([path[len(tree) :], code.co_firstlineno, _last_line(code)])
    foreign = [
        name
        for name, module in list(sys.modules.items())
        if name not in before and not os.path.realpath(getattr(module, "__file__", None) or "/").startswith(tree)
    ]
    return {"foreign": foreign, "ran": ran}


def _last_line(code):
    import dis

    return max((line for _, line in dis.findlinestarts(code) if line), default=code.co_firstlineno)


def _runs(mutant, ran):
    return mutant.get("runs_at") == "import" or any(
        path == mutant["path"] and first <= mutant["line"] <= last for path, first, last in ran
    )


def _in_child(work, limits, spent=None):
    """What `work` gives, from a child; None when it did not end well."""
    facts = children.watched(lambda writer: _tell(writer, work()), limits, _CAP)
    if spent is not None:
        spent.append(facts["cpu_s"])
    try:
        return wires._loads(facts["data"]) if facts["data"] and not facts["limit"] else None
    except ValueError:
        return None


def _tell(writer, told):
    data = wires._dumps(told).encode("ascii")
    while data:
        data = data[os.write(writer, data) :]


def _import(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            importlib.import_module(name)
        except BaseException:  # noqa: S110 - children import it then, or do not
            pass


def _silent():
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
