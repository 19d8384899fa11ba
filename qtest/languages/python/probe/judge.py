"""The judge: forks a process for every mutant from one that has collected the tests and never run them, and tells raw facts.

Three kinds of process. The supervisor speaks to us and never imports the target. The zygote has collected the suite; a child of it
runs one mutant's tests with exchanged code. The nursery has only pytest imported; a child of it imports everything anew, the mutated
file among it. A verdict rests on what the zygote or nursery sees of its child from outside, and on the child's completion record.
"""

import os
import signal
import sys

from _qtest_probe import children
from _qtest_probe import wire as wires


def serve(settings):
    """Frames in: {"order": {...}, "limits": {...}} and {"quit": true}. Frames out: {"run": {...}}, after {"ready": {...}}. A run that
    comes with `"spent": true` is the last: the tree cannot be trusted any more, and a new session must be opened."""
    wire = wires.Wire(quiet=False)
    children.keep_to_ourselves(wire.reader, wire.writer)
    children.hide()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    stations = {}
    wire.send({"ready": {"python": sys.version.split()[0]}})
    while True:
        try:
            message = wire.receive()
        except wires.Closed:
            break
        if message.get("quit"):
            break
        run = _judged(settings, stations, message)
        spent = run["ended"] == "lost" or run.pop("spoiled", False)
        wire.send({"run": run, "spent": spent})
        if spent:
            break
    for station in stations.values():
        station.close()
    os._exit(0)


def _judged(settings, stations, message):
    order, limits = message["order"], message["limits"]
    how = order["how"]
    run = _asked(settings, stations, how, order, limits)
    if how == "swap" and run.get("unfit"):
        how = "fresh import"
        run = _asked(settings, stations, how, order, limits)
    while run.get("retreat"):
        stations.pop(how).close()
        settings["origin"] = run["retreat"]
        run = _asked(settings, stations, how, order, limits)
    return run


def _asked(settings, stations, how, order, limits):
    """One answer, whatever breaks: with a station only the mutant is lost that it was on."""
    try:
        if how not in stations:
            stations[how] = children.Station(settings, how)
            stations[how].start()
        return stations[how].ask({"order": order, "limits": limits})
    except children.Lost as lost:
        return {"mutant": order["mutant"]["id"], "how": how, "ended": "lost", "note": str(lost)[:500]}
