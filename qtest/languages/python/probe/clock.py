"""Moves the clock that Python code reads, so that what depends on today is noticed."""

import ctypes
import datetime
import gc
import time


def shift(seconds):
    """Must be called before the target is imported: names that it takes from `time` are then the moved ones."""
    now, now_ns = time.time, time.time_ns
    nanoseconds = int(seconds * 10**9)

    def moved():
        return now() + seconds

    def moved_ns():
        return now_ns() + nanoseconds

    _move_time(moved, moved_ns)
    _move_datetime(moved)


def _move_time(moved, moved_ns):
    plain = {name: getattr(time, name) for name in ("localtime", "gmtime", "ctime", "asctime", "strftime")}

    def localtime(seconds=None):
        return plain["localtime"](moved() if seconds is None else seconds)

    def gmtime(seconds=None):
        return plain["gmtime"](moved() if seconds is None else seconds)

    def ctime(seconds=None):
        return plain["ctime"](moved() if seconds is None else seconds)

    def asctime(*when):
        return plain["asctime"](*(when or (localtime(),)))

    def strftime(form, *when):
        return plain["strftime"](form, *(when or (localtime(),)))

    time.time, time.time_ns = moved, moved_ns
    time.localtime, time.gmtime, time.ctime, time.asctime, time.strftime = localtime, gmtime, ctime, asctime, strftime


def _move_datetime(moved):
    def now(cls, tz=None):
        return cls.fromtimestamp(moved(), tz)

    def utcnow(cls):
        return cls.fromtimestamp(moved(), datetime.timezone.utc).replace(tzinfo=None)

    def today(cls):
        return cls.fromtimestamp(moved())

    _patch(datetime.datetime, {"now": classmethod(now), "utcnow": classmethod(utcnow)})
    _patch(datetime.date, {"today": classmethod(today)})


def _patch(cls, methods):
    """The classes are made in C and refuse new attributes, but their namespace is a dictionary that the collector knows."""
    for name, method in methods.items():
        namespace = next(thing for thing in gc.get_referents(cls.__dict__) if type(thing) is dict)
        namespace[name] = method
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))
