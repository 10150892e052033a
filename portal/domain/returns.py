"""Goods that come back: what may be announced of a shipment, what was received of it, and where it went."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from portal.domain.access import name_of
from portal.domain.orders import Package
from portal.domain.quantities import ZERO

REASONS = ("damaged", "wrong_goods", "not_needed", "faulty", "late", "other")
# Back among what can be sold, apart until somebody has looked at it, or thrown away.
SHELF, QUARANTINE, SCRAP = "shelf", "quarantine", "scrap"
PLACES = (SHELF, QUARANTINE, SCRAP)
# Somebody still has to do something about it.
STANDING = ("requested", "authorised")


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """What is announced of a line of the order, and how much of it has come."""

    line: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    reason: str
    received: Decimal = ZERO
    closed: bool = False
    note: str | None = None

    @property
    def outstanding(self) -> Decimal:
        return ZERO if self.closed else self.quantity - self.received

    @property
    def seen(self) -> str:
        """What a form shows of it: another text means that somebody has booked meanwhile."""
        return f"{self.received.normalize():f}~{int(self.closed)}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of a line at once, and where it went."""

    line: int
    quantity: Decimal
    went_to: str
    received_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture is, without its content."""

    id: str
    line: int | None
    media_type: str
    width: int
    height: int
    added_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """Where a parcel comes from, or goes."""

    name: str
    lines: Sequence[str]
    city: str
    country: str
    postal_code: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """All that is known of a return: what it is of, what was said about it, and what came of it."""

    id: int
    number: str
    state: str
    version: int
    account: str
    account_name: str
    order: str
    purchase_order_number: str | None
    shipment: str
    shipment_state: str
    location: str
    location_name: str
    mode: str
    carrier: str | None
    shipped_at: datetime
    delivered_at: datetime | None
    asked_by: str
    asked_at: datetime
    lines: Sequence[ReturnLine]
    # The label: the warehouse that it left, and the buyer's place that it went to.
    back_to: Post
    sent_from: Post
    note: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_note: str | None = None
    closed_at: datetime | None = None
    origin: str | None = None
    external_id: str | None = None
    packages: Sequence[Package] = ()
    receipts: Sequence[Receipt] = ()
    pictures: Sequence[Picture] = ()
    credit_notes: Sequence[str] = ()
    # What people are called, by what stands in `asked_by` and its like.
    names: dict[str, str] = field(default_factory=dict)

    @property
    def is_standing(self) -> bool:
        return self.state in STANDING

    @property
    def has_received(self) -> bool:
        return any(line.received for line in self.lines)

    @property
    def units(self) -> set[str]:
        return {line.unit for line in self.lines}

    def line(self, number: int) -> ReturnLine | None:
        return next((line for line in self.lines if line.line == number), None)

    def name(self, actor: str | None) -> str:
        return name_of(actor, self.names)


@dataclass(frozen=True, slots=True)
class Returnable:
    """A line of a shipment: what left on it, what of that is still out, and what may be announced."""

    line_id: int
    line: int
    sku: str
    name: str
    unit: str
    shipped: Decimal
    # Shipped or delivered: neither came back nor was called off.
    out: Decimal
    # On other returns that stand, and still to come.
    announced: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.out - self.announced, ZERO)
