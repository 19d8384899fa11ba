"""Who may still spend: the worst case is set aside before a provider is asked, and what it really took is put in its place after."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qtest.errors import BudgetSpent
from qtest.records.completion import Payer, Tier
from serve.config import BudgetSettings, Limits
from serve.spending import Account, Reservation, Spend, Spending

_KNOWN = 10_000
_DAYS_KEPT = 400
_UNITS = {"tokens": "tokens", "usd": "USD", "gpu_s": "GPU seconds"}

Today = Callable[[], datetime]


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class _Standing:
    """What an account has spent today, and what is set aside for `open` answers."""

    spent: Spend
    aside: Spend
    open: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """What was set aside for one answer; to be settled once."""

    reservation: Reservation
    written: bool


class Budget:
    """Sums of today are at hand for the accounts asked for last; the others are looked up. One process keeps a folder of spending: two would
    not see what the other allows before they are started again."""

    def __init__(
        self,
        settings: BudgetSettings,
        spending: Spending,
        keys: Mapping[str, Limits] | None = None,
        today: Today = now_utc,
    ) -> None:
        self._settings = settings
        self._spending = spending
        self._keys = keys or {}
        self._today = today
        self._day = ""
        self._accounts: OrderedDict[Account, _Standing] = OrderedDict()

    def saving(self, payer: Payer) -> str:
        """Whose soft limit is passed, in words; empty while there is none."""
        for account in self._of(payer):
            limits = self._limits(account)
            for unit, limit in _limited(limits):
                standing = self._standing(account)
                used = getattr(standing.spent, unit) + getattr(standing.aside, unit)
                if used >= limit * limits.soft:
                    return f"{account[1]} {account[2]} has used {used / limit if limit else 1:.0%} of its {_UNITS[unit]} for today"
        return ""

    def reserve(self, payer: Payer, tier: Tier, worst: Spend) -> Held:
        """Raises BudgetSpent where a hard limit would be passed, should the answer take the worst."""
        accounts = self._of(payer)
        for account in accounts:
            self._refuse(account, worst)
        for account in accounts:
            standing = self._standing(account)
            standing.aside += worst
            standing.open += 1
        reservation = Reservation(accounts, tier, worst)
        return Held(reservation, self._spending.reserve(reservation))

    def settle(self, held: Held, actual: Spend) -> None:
        for account in held.reservation.accounts:
            standing = self._accounts[account]
            standing.aside -= held.reservation.worst
            standing.open -= 1
            standing.spent += actual
            if not standing.open:
                standing.aside = Spend()  # sums of fractions do not go back to nothing by themselves
        self._spending.settle(held.reservation, actual, written=held.written)

    def _refuse(self, account: Account, worst: Spend) -> None:
        for unit, limit in _limited(self._limits(account)):
            standing = self._standing(account)
            used, more = getattr(standing.spent, unit) + getattr(standing.aside, unit), getattr(worst, unit)
            if used + more > limit or (used >= limit and more):
                raise BudgetSpent(
                    f"{account[1]} {account[2]} may use {_number(limit)} {_UNITS[unit]} a day, has used or set aside {_number(used)}, "
                    f"and this answer may take {_number(more)}; it begins anew at midnight UTC"
                )

    def _of(self, payer: Payer) -> tuple[Account, ...]:
        now = self._today()
        day = f"{now:%Y-%m-%d}"
        if day != self._day:
            self._day = day
            self._spending.forget(f"{now - timedelta(days=_DAYS_KEPT):%Y-%m-%d}")
        named = (("run", payer.run), ("repository", payer.repository), ("key", payer.key))
        return tuple((day, kind, _text(name)) for kind, name in named if name)

    def _limits(self, account: Account) -> Limits:
        kind, name = account[1:]
        if kind == "key":
            return self._keys.get(name) or self._settings.key
        return self._settings.run if kind == "run" else self._settings.repository

    def _standing(self, account: Account) -> _Standing:
        standing = self._accounts.get(account)
        if standing is None:
            standing = self._accounts[account] = _Standing(self._spending.total(account), Spend())
            self._let_go(account)
        else:
            self._accounts.move_to_end(account)
        return standing

    def _let_go(self, newest: Account) -> None:
        """The one asked for longest ago, unless an answer for it is on its way."""
        if len(self._accounts) <= _KNOWN:
            return
        oldest = next(account for account, standing in self._accounts.items() if not standing.open)
        if oldest != newest:
            del self._accounts[oldest]


def _text(name: str) -> str:
    """A folder's name may hold bytes that are no text, and no database takes them."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def _limited(limits: Limits) -> tuple[tuple[str, float], ...]:
    named = (("tokens", limits.tokens), ("usd", limits.usd), ("gpu_s", limits.gpu_s))
    return tuple((unit, limit) for unit, limit in named if limit is not None)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.4f}"
