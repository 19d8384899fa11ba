import asyncio

import pytest

from units import CONVERTERS, UNITS, Length, later, yards

ALL = sorted(UNITS)


@pytest.mark.parametrize(("text", "metres"), [("1m", 1), (" 2 km ", 2000), ("-3cm", -0.03), ("1.5in", 0.0381)])
def test_parse(text, metres):
    assert Length.parse(text).metres == pytest.approx(metres)


@pytest.mark.parametrize("text", ["", "m", "1 parsec", "1m2"])
def test_what_is_no_length(text):
    with pytest.raises(ValueError, match="not a length|unknown unit"):
        Length.parse(text)


@pytest.mark.parametrize("unit", ALL)
def test_there_and_back(unit):
    assert Length.parse(f"2{unit}").to(unit) == 2


def test_units_are_known():
    assert ALL == ["cm", "in", "km", "m", "mm"]


def test_feet_and_yards():
    assert Length(3.048).to("feet") == 10
    assert yards(9.144) == 10
    assert list(CONVERTERS) == ["feet", "yards"]


def test_sums_keep_the_first_note():
    total = Length(1, "a") + Length(2, "b")
    assert (total.metres, total.note) == (3, "a")
    assert (Length(1) + Length(2, "b")).note == "b"


def test_notes_do_not_compare():
    assert Length(1, "a") == Length(1, "b") < Length(2)


def test_later():
    assert asyncio.run(later("1m")) == Length(1.0)
