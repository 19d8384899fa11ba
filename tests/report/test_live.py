"""What is drawn on a terminal while a run works."""

import io

from rich.console import Console, Group

from qtest.records.progress import Progress
from qtest.report.live import two_lines


def drawn(progress: Progress, since_s: float = 0.0) -> list[str]:
    console = Console(file=io.StringIO(), width=80)
    with console.capture() as captured:
        console.print(Group(*two_lines(progress, since_s)))
    return captured.get().splitlines()


def progress(**more: object) -> Progress:
    return Progress.model_validate(
        {"stage": "write", "module": "pkg.money", "done": 1, "total": 3, "elapsed_s": 10, "left_s": 50, **more}
    )


def test_it_is_two_lines_of_at_most_80_columns() -> None:
    lines = drawn(progress(module="package." * 40, note="n" * 300, kept=10**9, killed=10**9))
    assert len(lines) == 2
    assert all(len(line) <= 80 for line in lines)


def test_clocks_go_on_while_nothing_is_heard() -> None:
    _, second = drawn(progress(), since_s=4)
    assert second == "14 s · 1 of 3 modules · 0 tests kept · 0 mutants killed · 46 s left"


def test_what_models_took_stands_where_no_narrow_terminal_cuts_it_off() -> None:
    assert drawn(progress(tokens=12345, cost_usd=0.5))[1].startswith("10 s · 12,345 tokens ($0.50) · 1 of 3 modules")
    assert "$" not in drawn(progress(tokens=12345))[1]


def test_the_time_left_never_falls_below_zero() -> None:
    assert drawn(progress(), since_s=99)[1].endswith(" 0 s left")


def test_the_budget_does_not_count_down_before_it_has_begun() -> None:
    assert drawn(progress(total=0, note="preparing"), since_s=5) == ["write  preparing", "15 s"]


def test_names_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in "".join(drawn(progress(module="\x1b[2J")))
