"""What finance looks at: goods that left and are not billed, and why; runs to come; debts by account. Values only."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from portal.domain.consolidating import CLOSES
from portal.domain.dates import WEEKDAYS

# Why goods that left are not billed yet; the last is nobody's intention, so it is shown first.
WHYS = ("held", "delivery", "period", "completion", "now")


@dataclass(frozen=True, slots=True)
class Unbilled:
    """What of an order left and is not billed, gross of tax. `since` is when the first of it left; `run_on` the day on
    which a consolidated account is billed."""

    order_id: int
    order: str
    account: str
    account_name: str
    currency: str
    value: Decimal
    why: str
    lines: int
    shipments: Sequence[str]
    since: datetime
    consolidation: str | None
    weekly_day: str

    def run_on(self, first: date) -> date | None:
        return run_on(self.consolidation, self.weekly_day, first) if self.why == "period" else None


@dataclass(frozen=True, slots=True)
class UnbilledSum:
    """The same, added up for one reason and currency."""

    why: str
    currency: str
    orders: int
    value: Decimal
    since: datetime


@dataclass(frozen=True, slots=True)
class Debtor:
    """An account with something overdue in one currency."""

    account: str
    account_name: str
    currency: str
    invoices: int
    overdue: Decimal
    since: date
    disputed: int


@dataclass(frozen=True, slots=True)
class Surplus:
    """An invoice of which more was paid or credited than it came to. `open` is what the account owes besides, in the
    same currency."""

    invoice: str
    account: str
    account_name: str
    currency: str
    amount: Decimal
    since: datetime
    open: Decimal


@dataclass(frozen=True, slots=True)
class Stopped:
    """A finance hold, with what it keeps from being billed. `value` is what left of the order and is not billed."""

    id: int
    order_id: int
    order: str
    account: str
    account_name: str
    note: str | None
    lines: Sequence[int] | None
    set_at: datetime
    set_by: str
    currency: str
    value: Decimal
    open_value: Decimal
    terms: str
    consolidation: str | None
    weekly_day: str


@dataclass(frozen=True, slots=True)
class Run:
    """A consolidated account whose goods are gathered until a day."""

    account: str
    account_name: str
    currency: str
    consolidation: str
    weekly_day: str
    orders: int
    value: Decimal

    def on(self, first: date) -> date:
        found = run_on(self.consolidation, self.weekly_day, first)
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Payable:
    """An invoice that a surplus can settle."""

    number: str
    due: Decimal
    due_on: date


def run_on(consolidation: str | None, weekly_day: str, first: date) -> date | None:
    """The day, `first` or the next one after it, on which what was gathered is billed; none where the order's end
    decides."""
    if consolidation == "weekly":
        return first + timedelta(days=(WEEKDAYS.index(weekly_day) - first.weekday()) % 7)
    if consolidation == "monthly":
        return first.replace(day=monthrange(first.year, first.month)[1])
    return None


def first_run(now: datetime) -> date:
    """The first day whose run is still to come, by the supplier's clock."""
    return now.date() + timedelta(days=1) if now.time() >= CLOSES else now.date()
