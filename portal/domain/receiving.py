"""Supply on its way as whoever receives it sees it, and what a receipt did to the orders that wait. Values only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.domain.quantities import text

KINDS = ("purchase_order", "transfer", "production", "inspection")


@dataclass(frozen=True, slots=True)
class Due:
    """A document of supply on its way, by its next date. `waiting_*`: who is pegged to it."""

    id: int
    kind: str
    reference: str
    location: str
    from_location: str | None
    supplier: str | None
    confirmed: bool
    expected_on: date | None
    lines: int
    open_lines: int
    waiting_lines: int
    waiting_orders: int


@dataclass(frozen=True, slots=True)
class DueLine:
    """A line of such a document, as whoever receives it needs it."""

    id: int
    line: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    received: Decimal
    rejected: Decimal
    quarantined: Decimal
    expected_on: date
    closed: bool
    for_order: str | None
    for_line: int | None
    waiting: Decimal
    waiting_lines: int

    @property
    def came(self) -> Decimal:
        return self.received + self.rejected + self.quarantined

    @property
    def outstanding(self) -> Decimal:
        return Decimal(0) if self.closed else max(self.quantity - self.came, Decimal(0))

    @property
    def seen(self) -> str:
        return seen(self.came, self.quantity, is_closed=self.closed)


def seen(came: Decimal, quantity: Decimal, *, is_closed: bool) -> str:
    """What a form has seen of an inbound line; it differs once anything came or the line was announced anew."""
    return f"{text(came)}/{text(quantity)}{'/closed' if is_closed else ''}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of one line at one time."""

    line: int
    sku: str
    unit: str
    received: Decimal
    rejected: Decimal
    quarantined: Decimal
    closed: bool
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Given:
    """Stock that an event gave to a line, or took from it; or a promise that it moved."""

    order: str
    account: str
    account_name: str
    line: int
    sku: str
    quantity: Decimal
    location: str | None = None
    ships_on: date | None = None
    arrives_on: date | None = None
    arrived_before: date | None = None


@dataclass(frozen=True, slots=True)
class Concerned:
    """What happened to parts of lines: how many there are, of how many lines and orders; the rows are the first."""

    rows: Sequence[Given] = ()
    lines: int = 0
    orders: int = 0
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """What one transaction did: who was given stock, from whom it was taken, whose date it moved."""

    given: Concerned
    taken: Concerned
    moved: Concerned

    @property
    def is_nothing(self) -> bool:
        return not (self.given.lines or self.taken.lines or self.moved.lines)
