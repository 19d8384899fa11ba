"""What the commits tell of the files that are there today."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtest.model.history import histories
from qtest.records.source import Commit, RawSourceBundle, Revision, SourceFile
from qtest.records.system import FileHistory

DAY = 24 * 3600
NOW = 1_700_000_000
SOURCES = ("a.py", "b.py", "c.py")


def commit(*paths: str, days: int = 0, subject: str = "More") -> Commit:
    return Commit(sha=f"{days}{subject}{paths}", when=NOW - days * DAY, subject=subject, paths=paths)


def told(*commits: Commit) -> dict[str, FileHistory]:
    files = [SourceFile(path=path, sha256="0", size=1, role="source") for path in SOURCES]
    files.append(SourceFile(path="test_a.py", sha256="0", size=1, role="test"))
    bundle = RawSourceBundle(
        revision=Revision(kind="git", name="x"), files=tuple(files), projects=(), commits=tuple(commits)
    )
    return {history.path: history for history in histories(bundle)}


def test_without_commits_nothing_is_known() -> None:
    assert told() == {}


def test_only_source_files_that_are_still_there_have_a_history() -> None:
    assert list(told(commit("gone.py", "a.py", "test_a.py", "README.md"))) == ["a.py"]


def test_a_commit_of_half_a_year_before_the_newest_counts_half() -> None:
    found = told(commit("b.py"), commit("a.py", days=180), commit("a.py", days=360))
    assert (found["a.py"].commits, found["a.py"].recency, found["b.py"].recency) == (2, 0.75, 1.0)


def test_a_date_in_the_wrong_order_never_counts_more_than_one() -> None:
    assert told(commit("a.py", days=9), commit("a.py", days=0))["a.py"].recency < 2.0


@pytest.mark.parametrize(
    ("subject", "mends"),
    [
        ("Fix the parser", 1),
        ("bugfix: empty input", 1),
        ("This fixed #12", 1),
        ("A regression in rounding", 1),
        ("Prefix every name", 0),
        ("Add fixtures", 0),
        ("Debugging aid", 0),
    ],
)
def test_commits_that_say_they_mend_are_counted(subject: str, mends: int) -> None:
    assert told(commit("a.py", subject=subject))["a.py"].fixes == mends


def test_files_that_changed_together_more_than_once_are_partners_most_often_first() -> None:
    both, all_ = commit("a.py", "c.py"), commit("a.py", "b.py", "c.py", "test_a.py")
    assert told(both, all_, all_, commit("a.py", "test_a.py"))["a.py"].together == (("c.py", 3), ("b.py", 2))
    assert told(both)["a.py"].together == ()


def test_a_sweep_says_nothing() -> None:
    assert told(commit("a.py", *(f"{number}.py" for number in range(30)))) == {}
    assert list(told(commit("a.py", *(f"{number}.py" for number in range(29))))) == ["a.py"]


@given(
    st.lists(
        st.builds(commit, st.sampled_from(SOURCES), st.sampled_from(SOURCES), days=st.integers(0, 900)), max_size=9
    )
)
def test_the_order_of_the_commits_changes_nothing(commits: list[Commit]) -> None:
    assert told(*commits) == told(*reversed(commits))
