"""What both stations do alike: reference runs, limits, and the record of one mutant."""

import json
import os
import shutil

from _qtest_probe import children, options, places
from _qtest_probe import wire as wires

LOOSE = {"cpu_s": 3600.0, "blocked_s": 60.0}
_loads = json.loads


class Desk:
    """Takes one order after another; what an order asks for is done by the station, in `answer`."""

    def __init__(self, settings, disk):
        self.settings = settings
        self.disk = disk
        self.places = places.Places(settings.get("places") or ())
        self.references = {}
        self.count = 0

    def serve(self, fds):
        children.spare_children()
        children.hide()
        wires.write_frame(fds[1], {"ready": True})
        while True:
            try:
                message = _loads(wires.read_exactly(fds[0], int.from_bytes(wires.read_exactly(fds[0], 4), "big")))
            except wires.Closed:
                return
            wires.write_frame(fds[1], self._answered(message["order"], message["limits"]))

    def _answered(self, order, limits):
        if not self.swap.fits(order["mutant"]):
            return not_run(order, order["how"], "its file has another text than the one it was made of")
        run = self.answer(order, limits)
        run.pop("record", None)
        return run

    def answer(self, order, limits):
        raise NotImplementedError

    def reference(self, key, work):
        """An unmutated run of the same tests in the same way, in a child of its own; remembered."""
        if key not in self.references:
            self.references[key] = self.seen(work, LOOSE)
            self.disk.restored()
        return self.references[key]

    def seen(self, work, limits):
        """`work(writer)` in a watched child with a scratch folder of its own; its record is merged into what was seen from outside."""
        self.count += 1
        self.places.remember()
        scratch = options.scratch("child%d" % self.count)
        os.mkdir(scratch)

        def inside(writer):
            _own_scratch(scratch)
            work(writer)

        facts = children.watched(inside, limits)
        shutil.rmtree(scratch, ignore_errors=True)
        self.disk.spoiled = not self.places.restored(scratch) or self.disk.spoiled
        try:
            record = _loads(facts.pop("data") or b"{}")
        except ValueError:
            record = {}
        return {**facts, "record": record if isinstance(record, dict) else {}}

    def judged(self, order, how, planned, work, limits, usual_cpu_s, longest_s, text):
        """Run it with `text` on disk; the facts as qtest.records.mutant.MutantRun, and beside them the child's `record`."""
        bound = {
            "cpu_s": max(limits["cpu_s"], limits["factor"] * usual_cpu_s),
            "blocked_s": limits["blocked_s"] + longest_s,
            "memory": limits["memory"],
        }
        with self.disk.changed(order["mutant"]["path"], text):
            facts = self.seen(work, bound)
            wrote = self.disk.restored()
        record = facts["record"]
        finished = [node for node in record.get("finished", []) if isinstance(node, str)]
        return {
            "mutant": order["mutant"]["id"],
            "how": how,
            "applied": bool(record.get("applied")),
            "executed": record.get("executed"),
            "planned": list(planned),
            "finished": finished,
            "failing": record.get("failing", []),
            "completed": bool(record.get("done")) and (set(planned) <= set(finished) or bool(record.get("failing"))),
            "tripwire": bool(record.get("tripped")),
            "ended": facts["ended"],
            "code": facts["code"],
            "limit": facts["limit"],
            "alone": bool(order.get("alone")),
            "wrote_tree": wrote,
            "spoiled": self.disk.spoiled or (wrote and not self.disk.can_restore),
            "note": str(record.get("note", ""))[:500],
            "wall_s": facts["wall_s"],
            "cpu_s": facts["cpu_s"],
            "record": record,
        }


def not_run(order, how, note):
    return {
        "mutant": order["mutant"]["id"],
        "how": how,
        "ended": "not run",
        "note": note[:500],
        "planned": list(order["tests"]),
    }


def _own_scratch(folder):
    import tempfile

    os.environ["TMPDIR"] = folder
    tempfile.tempdir = None
