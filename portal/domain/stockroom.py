"""What stands where, and the rows behind each figure. Values only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Product:
    sku: str
    name: str
    unit: str
    mode: str
    managed: bool
    backorders: str
    lead_time_days: int | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """What stands at one location: on hand is free, allocated, reserved and quarantined together."""

    location: str
    name: str
    on_hand: Decimal
    allocated: Decimal
    reserved: Decimal
    quarantined: Decimal

    @property
    def free(self) -> Decimal:
        return self.on_hand - self.allocated - self.reserved - self.quarantined


@dataclass(frozen=True, slots=True)
class Coming:
    """An inbound line of a product: what is still outstanding, and how much of it somebody waits for."""

    kind: str
    reference: str
    line: int
    location: str
    supplier: str | None
    confirmed: bool
    expected_on: date
    outstanding: Decimal
    pegged: Decimal
    for_order: str | None
    for_line: int | None


@dataclass(frozen=True, slots=True)
class Agreed:
    """An allocation agreement with what was drawn on it and what stands on the shelf for it."""

    number: str
    account: str
    account_name: str
    location: str
    quantity: Decimal
    drawn: Decimal
    reserved: Decimal
    valid_from: date
    valid_to: date | None
    in_force: bool

    @property
    def remaining(self) -> Decimal:
        return max(self.quantity - self.drawn, Decimal(0))


@dataclass(frozen=True, slots=True)
class Firm:
    """A portion that has stock at a location."""

    order: str
    line: int
    account: str
    account_name: str
    location: str
    quantity: Decimal
    stage: str
    ships_on: date | None
    agreement: str | None
    is_held: bool


@dataclass(frozen=True, slots=True)
class Movement:
    """Goods that came to a location or left it, as far as it is on record."""

    what: str
    reference: str
    order: str | None
    at: datetime
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Moved:
    """The newest movements at a location, and the sums of all: what came, left with shipments, and was sent elsewhere.

    What left counts below zero. What is on hand beyond the three was counted, or came before there was a record.
    """

    newest: Sequence[Movement]
    came: Decimal
    left: Decimal
    sent: Decimal

    @property
    def total(self) -> Decimal:
        return self.came + self.left + self.sent


@dataclass(frozen=True, slots=True)
class Found:
    """A product in a search, with its figures over all locations."""

    sku: str
    name: str
    unit: str
    managed: bool
    on_hand: Decimal
    allocated: Decimal
    reserved: Decimal
    quarantined: Decimal
    waiting: Decimal

    @property
    def free(self) -> Decimal:
        return self.on_hand - self.allocated - self.reserved - self.quarantined
