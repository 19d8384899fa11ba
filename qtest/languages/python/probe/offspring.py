"""Whether this process has or had children: not all ways to start one can be heard of by an audit hook (multiprocessing's spawn cannot)."""

import os
import resource

NONE = ((0, 0), ())  # what a process has that was just forked


def offspring():
    """(what children that ended have used, those that live): it changes when one is started or waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_minflt, used.ru_majflt), tuple(_living())


def _living():
    for thread in _listed("/proc/self/task"):
        try:
            with open("/proc/self/task/%s/children" % thread) as file:
                yield from file.read().split()
        except OSError:
            continue


def _listed(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
