import pytest

from prices import rate_of, table


def test_something_is_known():
    assert table()


def test_germany():
    assert rate_of("DE") == 0.19


def test_luxembourg():
    assert rate_of("lu") == 0.17


def test_elsewhere():
    with pytest.raises(KeyError, match="no rate for xx"):
        rate_of("xx")


def test_there_are_three():
    assert sorted(table()) == ["de", "fr", "lu"]
