"""The page of growth, from rows as they are stored."""

from dataclasses import replace

from benchmarks.growth.command import Measured, cells, grown, page

SMALL = Measured("a==1", 1, 100, 25, 3, 20, 30, 10.0, 12.0, 100.0, 0.5, "abc", "")
LARGE = replace(SMALL, package="b==1", lines=1000, cpu_s=50.0, memory_mib=150.0)


def test_the_largest_is_set_beside_the_smallest() -> None:
    assert list(grown([LARGE, SMALL])) == [
        "- from a==1 to b==1: 10 times the lines, 5.0 times the CPU, 1.5 times the memory"
    ]


def test_what_failed_is_not_compared_and_says_why() -> None:
    failed = replace(LARGE, lines=0, note="exit 3: no | space")
    assert list(grown([SMALL, failed])) == []
    assert "exit 3: no / space" in page([SMALL, failed], 0)
    assert "–" in cells(failed)
