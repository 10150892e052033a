"""What can be wrong with an account now, and what an account manager's board says of it. Values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

# What a buyer feels first comes first.
OF_ORDERS = ("late", "failed", "silent", "held", "moved")
OF_ACCOUNTS = ("disputed", "returns", "overdue", "bounced", "endpoints")
KINDS = (*OF_ORDERS, *OF_ACCOUNTS)
# A promise that moved within so many days is a problem.
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account on the board: how many of each kind there are now; what is not named has none."""

    number: str
    name: str
    parent: str | None
    manager_id: int | None
    manager: str | None
    problems: Mapping[str, int]
    of: int
    open_orders: int
    tasks: int
    # It has people, and lets us look as them.
    shows: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """Over all accounts that were asked for: how many there are, how many of them have a problem, and how many of each
    kind there are."""

    accounts: int
    troubled: int
    kinds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AccountBoard:
    totals: Totals
    rows: Sequence[AccountRow]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong: of which kind, its number as people call it, since when, and what is known of it.
    `of`: how many of its kind there are."""

    kind: str
    number: str
    since: datetime | None = None
    day: date | None = None
    word: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    of: int = 1
