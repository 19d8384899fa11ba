"""Lengths with units; tables are made when the module is imported."""

import re
from dataclasses import dataclass, field

BASE = {"m": 1.0, "cm": 0.01, "in": 0.0254}
PREFIXES = [("k", 3), ("c", -2), ("m", -3)]


def _expand(units):
    found = dict(units)
    for prefix, power in PREFIXES:
        if prefix + "m" not in found:
            found[prefix + "m"] = 10.0**power
    return found


UNITS = _expand(BASE)
_PATTERN = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*([a-z]+)\s*")


def register(name):
    def wrap(function):
        CONVERTERS[name] = function
        return function

    return wrap


CONVERTERS = {}


@register("feet")
def feet(metres, *, digits=2):
    return round(metres / 0.3048, digits)


@register("yards")
def yards(metres):
    return round(feet(metres, digits=6) / 3, 2)


@dataclass(order=True)
class Length:
    metres: float
    note: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text):
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise ValueError(f"not a length: {text!r}")
        number, unit = match.groups()
        if unit not in UNITS:
            raise ValueError(f"unknown unit {unit}")
        return cls(float(number) * UNITS[unit])

    def __add__(self, other):
        if not isinstance(other, Length):
            return NotImplemented
        return Length(self.metres + other.metres, self.note or other.note)

    def to(self, unit):
        if unit in CONVERTERS:
            return CONVERTERS[unit](self.metres)
        return round(self.metres / UNITS[unit], 4)


async def later(text):
    return Length.parse(text)
