"""A statement of account: what was billed, credited and paid between two days, and what is open at the end of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

ZERO = Decimal(0)
# How long something has been due: up to so many days; the last has no end.
AGES = (0, 30, 60, 90)
EntryKind = Literal["invoice", "credit_note", "payment", "refund", "transfer"]


def age_of(due_on: date, today: date) -> int:
    """Which bucket a debt stands in: 0 is not due yet, 1 up to 30 days late, 2 up to 60, 3 up to 90, 4 later."""
    late = (today - due_on).days
    return sum(late > most for most in AGES) if late > 0 else 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that changed what is owed. `amount` raises it when positive; `balance` is what was owed after it.

    `number` is the invoice or credit note; of a payment, which invoice it was for.
    """

    on: date
    kind: EntryKind
    number: str
    amount: Decimal
    balance: Decimal
    order: str
    purchase_order_number: str | None = None
    due_on: date | None = None
    corrects: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice that was not settled on the last day; `due` below nothing is a surplus in the account's favour."""

    number: str
    order: str
    issued_on: date
    due_on: date
    total: Decimal
    due: Decimal
    purchase_order_number: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """closing = opening + the amounts of all entries = the sum of what is open. Amounts are in one currency, because an
    account has one."""

    account: str
    name: str
    currency: str
    first: date
    last: date
    opening: Decimal
    closing: Decimal
    entries: Sequence[Entry] = ()
    open_items: Sequence[OpenItem] = ()
    totals: Mapping[EntryKind, Decimal] = field(default_factory=dict)

    @property
    def ages(self) -> list[Decimal]:
        """What is owed by how long it has been due on the last day; a surplus stands in none of them."""
        sums = [ZERO] * (len(AGES) + 1)
        for item in self.open_items:
            if item.due > 0:
                sums[age_of(item.due_on, self.last)] += item.due
        return sums

    @property
    def surplus(self) -> Decimal:
        """What was paid too much, and neither paid back nor moved to another invoice."""
        return -sum((item.due for item in self.open_items if item.due < 0), ZERO)
