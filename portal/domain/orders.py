"""An order as people and systems read it: one value, loaded in one query, from which page and API are drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

# Furthest first: the order in which the portions of a line are told.
STATUSES = (
    "returned",
    "delivered",
    "shipped",
    "packed",
    "picking",
    "allocated",
    "held",
    "awaiting_inspection",
    "awaiting_transfer",
    "awaiting_production",
    "awaiting_supplier",
    "reserved_elsewhere",
    "backordered",
    "waiting",
    "cancelled",
)
LEFT = frozenset({"shipped", "delivered", "returned"})
COMPLETE = LEFT | {"cancelled"}


@dataclass(frozen=True, slots=True)
class Supply:
    """The inbound line that a waiting portion is pegged to."""

    kind: str
    reference: str
    line: int
    expected_on: date
    confirmed: bool
    supplier: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The last time the promise of a portion's line moved, with the order version that did it."""

    quantity: Decimal
    version: int
    at: datetime
    cause: Mapping[str, Any]
    old_ships_on: date | None = None
    old_arrives_on: date | None = None
    new_ships_on: date | None = None
    new_arrives_on: date | None = None


@dataclass(frozen=True, slots=True)
class Portion:
    """A part of a line's quantity that shares one fate. Dates are None when there is none, or while held."""

    quantity: Decimal
    status: str
    stage: str
    because: Sequence[Mapping[str, Any]] = ()
    location: str | None = None
    ships_on: date | None = None
    arrives_on: date | None = None
    first_ships_on: date | None = None
    first_arrives_on: date | None = None
    supply: Supply | None = None
    shipment: str | None = None
    held_from: str | None = None
    holds: Sequence[str] = ()

    def held(self, by: Sequence["Hold"]) -> "Portion":
        """As it reads while these holds stand: it keeps what it has, but nobody can name a day."""
        facts = [{"fact": "hold", "reason": hold.reason, "lifted_by": hold.lifted_by} for hold in by]
        return replace(
            self,
            status="held",
            held_from=self.status,
            holds=[hold.id for hold in by],
            because=[*facts, *self.because],
            ships_on=None,
            arrives_on=None,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One promise of the order. `version` is the order's version at which anything shown of it last changed."""

    line: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    price_source: str
    version: int
    tax_category: str
    tax_rate: Decimal
    portions: Sequence[Portion]
    moves: Sequence[Moved] = ()
    need_by: date | None = None
    # How much of it stands billed, net of credit notes; and what was credited although the goods stay, which is not
    # billed again.
    invoiced: Decimal = Decimal(0)
    waived: Decimal = Decimal(0)

    def of(self, *statuses: str) -> Decimal:
        """How much of the line stands in one of these stages."""
        return sum((p.quantity for p in self.portions if p.stage in statuses), Decimal(0))

    @property
    def shipped(self) -> Decimal:
        """All that left, wherever it is now."""
        return self.of("shipped", "delivered", "returned")

    @property
    def delivered(self) -> Decimal:
        return self.of("delivered", "returned")

    @property
    def never(self) -> Decimal:
        return self.of("cancelled")

    @property
    def is_unlikely(self) -> bool:
        """Whether what is still to come will not all be there by the day it is needed, as far as anybody knows."""
        waits = [
            p for p in self.portions if p.stage in ("waiting", "allocated", "picking", "packed", "shipped")
        ]
        return self.need_by is not None and any(
            p.arrives_on is None or p.arrives_on > self.need_by for p in waits
        )

    @property
    def to_come(self) -> Decimal:
        return self.quantity - self.shipped - self.never

    @property
    def is_complete(self) -> bool:
        return not self.to_come

    @property
    def replaceable(self) -> Decimal:
        """How much nobody works on yet: it may be cancelled, and another product may come in its place."""
        return self.of("waiting", "allocated")


@dataclass(frozen=True, slots=True)
class Substitution:
    """Another product, `sku`, offered in place of `quantity` of a line. `new_line` is what an accepted offer became."""

    id: str
    line: int
    quantity: Decimal
    sku: str
    name: str
    unit: str
    mode: str
    substitute_quantity: Decimal
    unit_price: Decimal
    state: str
    offered_at: datetime
    offered_by: str
    note: str | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
    settled_note: str | None = None
    new_line: int | None = None

    @property
    def is_standing(self) -> bool:
        return self.state == "offered"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The portions of the line that an offer would become, as they would read, and the day its last part would arrive.

    Of an order that ships complete both are of the whole, which what the replaced part sets free can only make earlier.
    """

    portions: Sequence[Portion]
    arrives_on: date | None


@dataclass(frozen=True, slots=True)
class Hold:
    id: str
    reason: str
    set_at: datetime
    set_by: str
    lifted_by: str
    note: str | None = None
    lines: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Package:
    tracking_number: str | None = None
    tracking_url: str | None = None
    weight_kg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CarrierEvent:
    state: str
    at: datetime
    note: str | None = None
    tracking_number: str | None = None


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    line: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Shipment:
    number: str
    location: str
    mode: str
    state: str
    shipped_at: datetime
    version: int
    lines: Sequence[ShipmentLine]
    packages: Sequence[Package] = ()
    events: Sequence[CarrierEvent] = ()
    carrier: str | None = None
    service: str | None = None
    expected_on: date | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    freight: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or credit note of an order, and what became of it. `due` below nothing is a surplus."""

    number: str
    kind: str
    issued_on: date
    due_on: date | None
    total: Decimal
    paid: Decimal
    credited: Decimal
    due: Decimal
    # waiting, ready or failed: its files.
    files: str
    open_disputes: int = 0
    corrects: str | None = None
    shipments: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class BackLine:
    """What of a line is announced to come back, and how much has come; `closed`: nothing more will."""

    line: int
    quantity: Decimal
    received: Decimal
    reason: str
    closed: bool = False

    @property
    def outstanding(self) -> Decimal:
        return Decimal(0) if self.closed else self.quantity - self.received


@dataclass(frozen=True, slots=True)
class GoodsReturn:
    """A return of goods of one of the order's shipments, and what was credited for it."""

    number: str
    state: str
    shipment: str
    asked_at: datetime
    lines: Sequence[BackLine]
    credit_notes: Sequence[str] = ()

    @property
    def is_standing(self) -> bool:
        return self.state in ("requested", "authorised")


@dataclass(frozen=True, slots=True)
class Place:
    """What a reader needs of a location."""

    name: str
    city: str
    country: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class ShipTo:
    code: str
    name: str
    lines: Sequence[str]
    city: str
    country: str
    postal_code: str | None = None
    region: str | None = None
    instructions: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """All that is known of an order at one version."""

    id: int
    number: str
    account: str
    account_name: str
    state: str
    version: int
    currency: str
    placed_at: datetime
    updated_at: datetime
    delivery_preference: str
    ship_to: ShipTo
    payment_terms_days: int
    invoice_terms: str
    goods: Decimal
    discount: Decimal
    freight: Decimal
    tax: Decimal
    total: Decimal
    shipped_value: Decimal
    open_value: Decimal
    lines: Sequence[Line]
    holds: Sequence[Hold] = ()
    shipments: Sequence[Shipment] = ()
    locations: Mapping[str, Place] = field(default_factory=dict)
    purchase_order_number: str | None = None
    placed_by: str | None = None
    requested_on: date | None = None
    origin: str | None = None
    external_id: str | None = None
    complete_ships_on: date | None = None
    complete_arrives_on: date | None = None
    substitutions: Sequence[Substitution] = ()
    cost_centre: str | None = None
    # Of this order, beside what is always said for its ship-to.
    instructions: str | None = None
    # In the order of their issue.
    invoices: Sequence[Invoice] = ()
    # In the order in which they were announced.
    returns: Sequence[GoodsReturn] = ()
    # It was billed and settled before the portal knew it.
    billed_elsewhere: bool = False

    @property
    def invoiced_value(self) -> Decimal:
        """What its invoices come to; what credit notes took of that is `credited_value`."""
        return sum((one.total for one in self.invoices if one.kind == "invoice"), Decimal(0))

    @property
    def credited_value(self) -> Decimal:
        return sum((one.total for one in self.invoices if one.kind == "credit_note"), Decimal(0))

    @property
    def paid_value(self) -> Decimal:
        return sum((one.paid for one in self.invoices), Decimal(0))

    @property
    def outstanding_value(self) -> Decimal:
        """What is yet to be billed of it."""
        if self.billed_elsewhere:
            return Decimal(0)
        return self.open_value + self.shipped_value - self.invoiced_value + self.credited_value

    @property
    def due_value(self) -> Decimal:
        """What is billed and not paid; below nothing a surplus."""
        return self.invoiced_value - self.credited_value - self.paid_value

    @property
    def standing_offers(self) -> list[Substitution]:
        """What the buyer has still to answer."""
        return [one for one in self.substitutions if one.is_standing]

    @property
    def unit(self) -> str | None:
        """The one unit of all lines, or None when they differ and quantities cannot be added up."""
        units = {line.unit for line in self.lines}
        return units.pop() if len(units) == 1 else None
