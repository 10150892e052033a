"""Credit: what an account may owe and what it owes, and whether there is room for more.

An account's orders count against its own limit and, where it draws on its parent's, against that one too: each such
limit is a till. What a till may lend is known to the portal's own tables, or to the ERP. When the ERP does not answer,
or what it says cannot be right, the account's policy decides: its last figures up to an age, or wait. All amounts are
gross of tax and of one currency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from portal.domain.quantities import ZERO

# How an order was judged, the worst first: the account is stopped, the limit too small, nothing known, all well.
OUTCOMES = ("on_hold", "over", "unknown", "covered")
# What it was judged on, the weakest first.
BASES = ("silent", "last_known", "erp", "portal")
# Two clocks never agree quite.
CLOCKS_DIFFER = timedelta(minutes=5)
LARGEST = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Exposure:
    """What an account owes or will owe."""

    open_orders: Decimal
    shipped_not_invoiced: Decimal
    invoiced_unpaid: Decimal

    @property
    def total(self) -> Decimal:
        return self.open_orders + self.shipped_not_invoiced + self.invoiced_unpaid

    def __add__(self, other: "Exposure") -> "Exposure":
        return Exposure(
            self.open_orders + other.open_orders,
            self.shipped_not_invoiced + other.shipped_not_invoiced,
            self.invoiced_unpaid + other.invoiced_unpaid,
        )

    def readable(self) -> "Exposure":
        """No kind below nothing as long as another can bear it: what was invoiced before it shipped is taken off what
        is still open, and what was paid too much off what has shipped, then off what is open. A surplus beyond all
        that stays one. The sum is the same."""
        shipped, invoiced = max(self.shipped_not_invoiced, ZERO), self.invoiced_unpaid
        still_open = self.open_orders + min(self.shipped_not_invoiced, ZERO)
        invoiced, still_open = invoiced + min(still_open, ZERO), max(still_open, ZERO)
        shipped, invoiced = shipped + min(invoiced, ZERO), max(invoiced, ZERO)
        still_open, shipped = still_open + min(shipped, ZERO), max(shipped, ZERO)
        return Exposure(max(still_open, ZERO), shipped, invoiced + min(still_open, ZERO))


NOTHING = Exposure(ZERO, ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the ERP says of one account; no limit means any amount.

    `invoiced_unpaid` are all its unpaid invoices, `other_orders` what it took from elsewhere, and `portal_invoiced`
    what it has ever invoiced of the portal's orders, so that nothing counts twice. `as_of` is when it made them.
    """

    account: str
    currency: str
    limit: Decimal | None
    hold: bool
    invoiced_unpaid: Decimal
    other_orders: Decimal
    portal_invoiced: Decimal
    as_of: datetime
    received_at: datetime

    @property
    def exposure(self) -> Exposure:
        """What it adds to what the portal's own tables say."""
        return Exposure(self.other_orders, -self.portal_invoiced, self.invoiced_unpaid)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of asking the ERP, before any transaction began: figures, or why there are none, by account."""

    at: datetime
    figures: Mapping[str, Figures] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    def of(self, account: str) -> Figures | str:
        """The account's figures, or the problem."""
        if (figures := self.figures.get(account)) is not None:
            return figures
        return self.problems.get(account, "not_asked")


@dataclass(frozen=True, slots=True)
class Till:
    """One limit that an order counts against. `owed` is the exposure by the portal's own tables, of all who draw on it;
    `others` what the ERP last said of those besides the account itself; `last` what it last said of that."""

    account: str
    currency: str
    limit: Decimal | None
    hold: bool
    owed: Decimal
    source: str = "portal"
    silence: str = "last_known"
    age: timedelta = timedelta(hours=24)
    last: Figures | None = None
    others: Decimal = ZERO
    # What the account itself owes, where others draw on its limit too.
    own: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an order was judged; `note` says in English why it must wait, or what it was let pass on.

    `account` is whose limit decided, `is_group` when that is not the order's own. `exposure` is without the order.
    """

    is_covered: bool
    note: str | None = None
    outcome: str = "covered"
    basis: str = "portal"
    problem: str | None = None
    account: str | None = None
    is_group: bool = False
    currency: str | None = None
    more: Decimal = ZERO
    exposure: Decimal = ZERO
    limit: Decimal | None = None
    as_of: datetime | None = None
    # What the ERP said just now, to be kept with the judgement.
    told: tuple[Figures, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Otherwise it is judged again when the ERP answers."""
        return self.basis in ("portal", "erp")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a till: its limit, and on what that rests. No `basis` but `silent` lets an order pass."""

    limit: Decimal | None
    hold: bool
    exposure: Decimal
    basis: str
    problem: str | None = None
    as_of: datetime | None = None
    # What the ERP says, or last said, of the account itself.
    figures: Figures | None = None


def judge(tills: Sequence[Till], more: Decimal, heard: Heard | None, now: datetime) -> Verdict:
    """Whether all tills have room for `more`. The first is the order's own account; the worst of them decides."""
    found = [_judged(till, known(till, heard, now), more, index > 0) for index, till in enumerate(tills)]
    worst = min(found, key=lambda verdict: (OUTCOMES.index(verdict.outcome), BASES.index(verdict.basis)))
    # What was let pass on old figures is looked at again, whichever till they were of.
    weakest = min(found, key=lambda verdict: BASES.index(verdict.basis))
    verdict = worst if worst.is_settled == weakest.is_settled or not worst.is_covered else weakest
    return replace(verdict, told=tuple(filter(None, (_usable(till, heard, now) for till in tills))))


def _judged(till: Till, seen: Known, more: Decimal, is_group: bool) -> Verdict:
    exposure = seen.exposure
    if seen.hold:
        outcome = "on_hold"
    elif seen.basis == "silent":
        outcome = "unknown"
    elif seen.limit is not None and exposure + more > seen.limit:
        outcome = "over"
    else:
        outcome = "covered"
    return Verdict(
        outcome == "covered", None, outcome, seen.basis, seen.problem, till.account, is_group, till.currency, more,
        exposure, seen.limit, seen.as_of,
    )  # fmt: skip


def known(till: Till, heard: Heard | None, now: datetime) -> Known:
    """What the till's limit and exposure are, and how well that is known."""
    if till.source == "portal":
        return Known(till.limit, till.hold, till.owed + till.others, "portal")
    found = _plausible(till, heard, now)
    if isinstance(found, Figures):
        return _by(till, found, "erp")
    last = till.last
    is_usable = last is not None and last.currency == till.currency and last.as_of <= now + CLOCKS_DIFFER
    if last is not None and is_usable and till.silence == "last_known" and now - last.as_of <= till.age:
        return _by(till, last, "last_known", found)
    as_of = last.as_of if last is not None and is_usable else None
    return Known(None, till.hold, till.owed + till.others, "silent", found, as_of, last)


def _by(till: Till, figures: Figures, basis: str, problem: str | None = None) -> Known:
    exposure = till.owed + till.others + figures.exposure.total
    # Whoever stops the account, the portal's people or the ERP's, stops it.
    return Known(figures.limit, figures.hold or till.hold, exposure, basis, problem, figures.as_of, figures)


def _plausible(till: Till, heard: Heard | None, now: datetime) -> Figures | str:
    """What was heard, or why it cannot be used."""
    if heard is None:
        return "not_asked"
    figures = heard.of(till.account)
    if isinstance(figures, str):
        return figures
    amounts = (figures.limit or ZERO, figures.invoiced_unpaid, figures.other_orders, figures.portal_invoiced)
    if figures.currency != till.currency or any(not 0 <= amount < LARGEST for amount in amounts):
        return "implausible"
    # Nothing is invoiced that was not ordered.
    if figures.portal_invoiced > (till.owed if till.own is None else till.own):
        return "implausible"
    if figures.as_of > now + CLOCKS_DIFFER:
        return "implausible"
    return figures if now - figures.as_of <= max(till.age, CLOCKS_DIFFER) else "too_old"


def _usable(till: Till, heard: Heard | None, now: datetime) -> Figures | None:
    """The figures that were heard, when they are worth keeping."""
    if till.source == "portal":
        return None
    found = _plausible(till, heard, now)
    return found if isinstance(found, Figures) else None
