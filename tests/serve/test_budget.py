"""No account spends more than it may, nothing is lost in a crash, and where a limit is near the cheaper answer."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtest.errors import BudgetSpent
from qtest.records.completion import Payer, Prompt
from serve import budget as module
from serve.budget import Budget, Held
from serve.config import BudgetSettings, Limits
from serve.fakes import ScriptedProvider
from serve.metered import Metered
from serve.prices import Price
from serve.router import Router
from serve.seams import ProviderError
from serve.spending import Spend, Spending

RUN = Payer(run="r")
DAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Calendar:
    def __init__(self) -> None:
        self.now = DAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def spending(tmp_path: Path) -> Iterator[Spending]:
    found = Spending(tmp_path)
    yield found
    found.close()


def budget(spending: Spending, today: Callable[[], datetime] = lambda: DAY, **limits: Any) -> Budget:
    return Budget(BudgetSettings.model_validate(limits), spending, {}, today)


def total(spending: Spending, kind: str = "run", name: str = "r") -> Spend:
    return spending.total((f"{DAY:%Y-%m-%d}", kind, name))


@given(
    limit=st.integers(0, 1_000),
    steps=st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1), st.integers(0, 3)), max_size=30),
)
def test_what_is_spent_and_set_aside_never_passes_the_limit(limit: int, steps: list[tuple[int, float, int]]) -> None:
    """Answers that take at most what was set aside for them, in any order, some still on their way."""
    spending = Spending(None)
    held: list[tuple[Held, int]] = []
    account = budget(spending, run=Limits(tokens=limit))
    spent = 0
    for worst, share, settled in steps:
        try:
            held.append((account.reserve(RUN, "TIER1", Spend(worst)), int(worst * share)))
        except BudgetSpent:
            assert spent + sum(one.reservation.worst.tokens for one, _ in held) + worst > limit
        for _ in range(min(settled, len(held))):
            one, actual = held.pop(0)
            account.settle(one, Spend(actual))
            spent += actual
        assert spent + sum(one.reservation.worst.tokens for one, _ in held) <= limit
    assert total(spending).tokens == spent
    spending.close()


@pytest.mark.parametrize(
    ("payer", "kind"), [(Payer(run="x"), "run"), (Payer(repository="x"), "repository"), (Payer(key="x"), "key")]
)
@pytest.mark.parametrize(
    ("limit", "worst", "said"),
    [
        ({"tokens": 100}, Spend(tokens=101), "may use 100 tokens a day"),
        ({"usd": 0.5}, Spend(usd=0.6), "may use 0.5000 USD a day"),
        ({"gpu_s": 9.0}, Spend(gpu_s=10.0), "may use 9 GPU seconds a day"),
    ],
)
def test_a_hard_limit_refuses_and_says_whose_and_which(
    payer: Payer, kind: str, limit: dict[str, Any], worst: Spend, said: str, spending: Spending
) -> None:
    account = budget(spending, **{kind: limit})
    with pytest.raises(BudgetSpent, match=f"^{kind} x {said}"):
        account.reserve(payer, "TIER1", worst)
    account.reserve(Payer(run="y", repository="y", key="y"), "TIER1", Spend())


def test_who_is_nobody_is_not_counted(spending: Spending) -> None:
    budget(spending, run={"tokens": 0}).reserve(Payer(), "TIER1", Spend(10))


def test_a_key_has_its_own_limits_where_it_has_some(spending: Spending) -> None:
    settings = BudgetSettings(key=Limits(tokens=10))
    account = Budget(settings, spending, {"rich": Limits(tokens=1_000)}, lambda: DAY)
    account.reserve(Payer(key="rich"), "TIER1", Spend(900))
    with pytest.raises(BudgetSpent, match="key poor"):
        account.reserve(Payer(key="poor"), "TIER1", Spend(900))


def test_the_next_day_begins_anew_and_what_comes_late_is_of_its_own_day(spending: Spending) -> None:
    calendar = Calendar()
    account = budget(spending, calendar, run={"tokens": 100})
    held = account.reserve(RUN, "TIER1", Spend(100))
    calendar.now = datetime(2026, 5, 2, tzinfo=UTC)
    account.reserve(RUN, "TIER1", Spend(100))
    account.settle(held, Spend(80))
    assert total(spending) == Spend(80)


def test_a_soft_limit_is_told_before_the_hard_one(spending: Spending) -> None:
    account = budget(spending, run={"tokens": 100, "soft": 0.5})
    assert account.saving(RUN) == ""
    account.settle(account.reserve(RUN, "TIER1", Spend(60)), Spend(60))
    assert account.saving(RUN) == "run r has used 60% of its tokens for today"
    assert account.saving(Payer(run="other")) == ""


def test_what_was_spent_is_known_after_a_restart(tmp_path: Path) -> None:
    first = Spending(tmp_path)
    account = budget(first)
    account.settle(account.reserve(RUN, "TIER2", Spend(100)), Spend(60, 0.5, 2.0))
    first.close()
    again = Spending(tmp_path)
    assert total(again) == Spend(60, 0.5, 2.0)
    assert [(row.tier, row.answers, row.tokens) for row in again.rows("run", "r")] == [("TIER2", 1, 60)]
    again.close()


def test_what_a_dead_process_had_set_aside_counts_as_spent(tmp_path: Path) -> None:
    dead = Spending(tmp_path)
    budget(dead).reserve(RUN, "TIER1", Spend(100))
    alive = Spending(tmp_path)
    assert total(alive).tokens == 100
    with pytest.raises(BudgetSpent):
        budget(alive, run={"tokens": 100}).reserve(RUN, "TIER1", Spend(1))
    dead.close()
    alive.close()


_KILLED = """
import os, signal, sys
from pathlib import Path
from qtest.records.completion import Payer
from serve.budget import Budget
from serve.config import BudgetSettings
from serve.spending import Spend, Spending

budget = Budget(BudgetSettings(), Spending(Path(sys.argv[1])))
budget.settle(budget.reserve(Payer(run="r"), "TIER1", Spend(100)), Spend(40))
budget.reserve(Payer(run="r"), "TIER1", Spend(100))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_is_lost_when_the_process_is_killed_while_an_answer_is_on_its_way(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], cwd=Path(module.__file__).parents[1])
    assert ended.returncode == -signal.SIGKILL
    spending = Spending(tmp_path)
    assert [row.tokens for row in spending.rows("run", "r")] == [140]
    spending.close()


def test_an_account_whose_name_is_no_text_is_counted_too(spending: Spending) -> None:
    account = budget(spending, repository={"tokens": 100})
    payer = Payer(repository="/tmp/\udcff")
    account.settle(account.reserve(payer, "TIER1", Spend(90)), Spend(90))
    with pytest.raises(BudgetSpent):
        account.reserve(payer, "TIER1", Spend(20))


def test_one_that_was_taken_for_dead_and_settles_after_all_corrects_the_sum(tmp_path: Path) -> None:
    first = Spending(tmp_path)
    account = budget(first)
    held = account.reserve(RUN, "TIER1", Spend(100))
    second = Spending(tmp_path)
    account.settle(held, Spend(30))
    assert total(second) == Spend(30)
    assert [row.answers for row in second.rows("run", "r")] == [1]
    first.close()
    second.close()


def test_a_full_disk_refuses_no_answer_and_is_said_once(spending: Spending, caplog: pytest.LogCaptureFixture) -> None:
    (pages,) = spending._database.execute("PRAGMA page_count").fetchone()
    spending._database.execute(f"PRAGMA max_page_count = {pages}")
    account = budget(spending, run={"tokens": 10**9})
    payer = Payer(run="r", repository="q" * 3_000)
    for _ in range(5):
        account.settle(account.reserve(payer, "TIER1", Spend(10)), Spend(10))
    assert caplog.text.count("what is spent is not written down") == 1
    account.reserve(Payer(run="r"), "TIER1", Spend(10**9 - 50))
    with pytest.raises(BudgetSpent):
        account.reserve(Payer(run="r"), "TIER1", Spend(1))


def test_only_so_many_accounts_are_at_hand_and_the_others_are_not_forgotten(
    spending: Spending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_KNOWN", 5)
    account = budget(spending, run={"tokens": 100})
    waiting = account.reserve(Payer(run="waiting"), "TIER1", Spend(100))
    for number in range(50):
        account.settle(account.reserve(Payer(run=f"r{number}"), "TIER1", Spend(90)), Spend(90))
    assert len(account._accounts) == 5
    for name in ("r0", "waiting"):
        with pytest.raises(BudgetSpent):
            account.reserve(Payer(run=name), "TIER1", Spend(20))
    account.settle(waiting, Spend(1))


PRICE = Price(input_usd_per_million=1_000_000, output_usd_per_million=2_000_000, gpu_s_per_thousand=1_000)


def metered(spending: Spending, provider: ScriptedProvider, **limits: Any) -> Metered:
    return Metered(provider, PRICE, budget(spending, **limits))


@pytest.mark.anyio
async def test_an_answer_costs_what_it_took(spending: Spending, prompt_of: Callable[..., Prompt]) -> None:
    found = await metered(spending, ScriptedProvider()).complete(prompt_of("x" * 40, payer=RUN), within_s=9)
    assert (found.input_tokens, found.output_tokens, found.cost_usd) == (10, 10, 30.0)
    assert total(spending) == Spend(20, 30.0)


@pytest.mark.anyio
async def test_the_worst_case_is_refused_before_anybody_is_asked(
    spending: Spending, prompt_of: Callable[..., Prompt]
) -> None:
    provider = ScriptedProvider()
    with pytest.raises(BudgetSpent):
        await metered(spending, provider, run={"tokens": 100}).complete(
            prompt_of(max_tokens=100, payer=RUN), within_s=9
        )
    assert not provider.asked


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("kind", "tokens"), [("unreachable", 0), ("limited", 0), ("refused", 0), ("late", 22), ("garbage", 22)]
)
async def test_a_failure_costs_what_may_have_been_worked_on(
    kind: Any, tokens: int, spending: Spending, prompt_of: Callable[..., Prompt]
) -> None:
    with pytest.raises(ProviderError):
        await metered(spending, ScriptedProvider("TIER1", [ProviderError(kind, "x")])).complete(
            prompt_of("x" * 40, payer=RUN), within_s=9
        )
    assert total(spending).tokens == tokens
    assert sum(row.answers for row in spending.rows("run", "r")) == (1 if tokens else 0)


@pytest.mark.anyio
async def test_a_stream_that_nobody_reads_to_the_end_costs_what_was_read(
    spending: Spending, prompt_of: Callable[..., Prompt]
) -> None:
    items = metered(spending, ScriptedProvider("TIER1", ["abc|def|ghi"])).stream(
        prompt_of("x" * 40, payer=RUN), within_s=9
    )
    assert [await anext(items), await anext(items)] == ["abc", "def"]
    await items.aclose()  # type: ignore[attr-defined]
    assert total(spending).tokens == 22 + 2


@pytest.mark.anyio
async def test_past_the_soft_limit_a_cheaper_tier_answers_and_past_the_hard_one_nobody(
    router_of: Callable[..., Router], config_of: Callable[..., Any], prompt_of: Callable[..., Prompt]
) -> None:
    config = config_of(budgets={"run": {"tokens": 1_000, "soft": 0.2}})
    router = router_of([ScriptedProvider("TIER1"), ScriptedProvider("TIER2")], config=config)
    asked = prompt_of("x" * 800, task="unit_test", payer=RUN)
    first, second = await router.complete(asked), await router.complete(asked)
    assert (first.tier, second.tier) == ("TIER2", "TIER1")
    assert "lowered to TIER1: run r has used 40% of its tokens" in second.reason
    with pytest.raises(BudgetSpent, match="run r may use 1,000 tokens a day"):
        await router.complete(asked)
