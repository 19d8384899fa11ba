"""The life of a station: it settles in as a zygote or a nursery, then answers until nobody asks any more."""

import os

from _qtest_probe import options, places, tree
from _qtest_probe import wire as wires
from _qtest_probe.cold import Cold
from _qtest_probe.nursery import Nursery
from _qtest_probe.zygote import Zygote


def serve(settings, how, fds):
    """Answer requests until the pipe closes; never returns to the supervisor's code."""
    options.enter(settings)
    disk = tree.Tree(settings["folder"], options.scratch(places.PRISTINE))
    if how == "swap":
        import pytest

        zygote = Zygote(settings, fds, disk)
        code = pytest.main(options.arguments(settings), plugins=[zygote])
        if not zygote.served:
            wires.write_frame(
                fds[1],
                {
                    "broken": "the tests could not be collected: %s"
                    % (zygote.recorder.problems or ["pytest ended with %s" % code])[0]
                },
            )
    elif how == "cold":
        Cold(settings, disk).serve(fds)
    else:
        import pytest  # noqa: F401 - what every child needs, imported once

        Nursery(settings, fds, disk).live()
    os._exit(0)
