"""The judge: forks a process for every mutant from one that has collected the tests and never run them, and tells raw facts.

Three kinds of process. The supervisor speaks to us and never imports the target. The zygote has collected the suite; a child of it
runs one mutant's tests with exchanged code. The nursery has only pytest imported; a child of it imports everything anew, the mutated
file among it. A verdict rests on what the zygote or nursery sees of its child from outside, and on the child's completion record.
"""

import os
import signal
import sys

from _qtest_probe import wire as wires
from _qtest_probe.children import Lost, Station


def serve(settings):
    """Frames in: {"order": {...}, "limits": {...}} and {"quit": true}. Frames out: {"run": {...}}, after {"ready": {...}}."""
    wire = wires.Wire(quiet=False)
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
        wire.send({"run": _judged(settings, stations, message)})
    for station in stations.values():
        station.close()
    os._exit(0)


def _judged(settings, stations, message):
    order, limits = message["order"], message["limits"]
    how = order["how"]
    run = _asked(settings, stations, how, order, limits)
    if how == "swap" and run.get("unfit"):
        run = _asked(settings, stations, "fresh import", order, limits)
    return run


def _asked(settings, stations, how, order, limits):
    """One answer, whatever breaks: a station that is lost is replaced, and only this mutant is inconclusive."""
    station = stations.get(how)
    try:
        if station is None:
            station = stations[how] = Station(settings, how, limits)
        return station.ask({"order": order, "limits": limits})
    except Lost as lost:
        if station is not None:
            station.close()
        stations.pop(how, None)
        return {"mutant": order["mutant"]["id"], "how": how, "ended": "lost", "note": str(lost)[:500]}
