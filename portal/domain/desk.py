"""What the supplier's people look at first: what can ship, who waits, what is late, what stops. Values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

# Why a line waits, the nearest supply first.
REASONS = (
    "awaiting_inspection",
    "awaiting_transfer",
    "awaiting_production",
    "awaiting_supplier",
    "reserved_elsewhere",
    "backordered",
    "waiting",
)


@dataclass(frozen=True, slots=True)
class Ready:
    """Goods that are ours and may leave one location in one mode; `quantities` by unit."""

    location: str
    mode: str
    orders: int
    lines: int
    quantities: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Short:
    """What waits for one reason; `values` by currency, at the prices of the lines."""

    reason: str
    orders: int
    lines: int
    values: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A document of which something came lately, and what that gave to whom.

    `work` names the transaction of the latest receipt that gave stock to somebody.
    """

    kind: str
    reference: str
    location: str
    supplier: str | None
    at: datetime
    lines: int
    short: int
    rejected: int
    released_orders: int
    released_lines: int
    work: int | None


@dataclass(frozen=True, slots=True)
class Late:
    """How much is later than it was said to be, each with the day that passed first.

    Documents of supply that are overdue; waiting lines whose first promise has passed; orders that stand ready and were
    to leave by today; shipments that have not arrived; and shipments in trouble, which have no such day.
    """

    documents: int
    documents_since: date | None
    promises: int
    promises_since: date | None
    departures: int
    departures_since: date | None
    shipments: int
    shipments_since: date | None
    troubled: int


@dataclass(frozen=True, slots=True)
class Supply:
    """The inbound line that somebody waits for."""

    kind: str
    reference: str
    expected_on: date
    confirmed: bool
    supplier: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A part of a line that waits for one reason, wherever it stands in the queue."""

    id: int
    order: str
    line: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    currency: str
    value: Decimal
    account: str
    account_name: str
    reason: str
    placed_at: datetime
    ships_on: date | None
    arrives_on: date | None
    first_arrives_on: date | None
    supply: Supply | None
    is_held: bool
    is_offered: bool
    is_moved: bool
    place: int | None
    in_queue: int


@dataclass(frozen=True, slots=True)
class Queued:
    """A line in the queue of its product. `place` is None while its order waits for credit or approval."""

    order: str
    line: int
    account: str
    account_name: str
    quantity: Decimal
    ahead: Decimal
    priority: int
    account_priority: int
    decided: str | None
    decided_by: str | None
    note: str | None
    only: str | None
    placed_at: datetime
    arrives_on: date | None
    reasons: Sequence[str]
    supplies: Sequence[Supply]
    is_held: bool
    place: int | None


@dataclass(frozen=True, slots=True)
class StandingHold:
    """A hold that stops something now, and what it stops."""

    id: int
    order: str
    account: str
    account_name: str
    purchase_order_number: str | None
    reason: str
    note: str | None
    lines: Sequence[int] | None
    order_lines: int
    set_at: datetime
    set_by: str
    currency: str
    open_value: Decimal


@dataclass(frozen=True, slots=True)
class Underway:
    """A shipment that has left and has not arrived. `note` is the last that its carrier said."""

    id: int
    number: str
    order: str
    account: str
    account_name: str
    location: str
    city: str
    mode: str
    carrier: str | None
    state: str
    shipped_at: datetime
    expected_on: date | None
    tracking_number: str | None
    tracking_url: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Board:
    """The supplier's morning in figures."""

    ready: Sequence[Ready]
    short: Sequence[Short]
    short_lines: int
    arrived: Sequence[Arrived]
    late: Late
    holds: Sequence[StandingHold]
    holds_by_reason: Mapping[str, int]
    offers: int
    offered_since: datetime | None
    # Invoices that buyers dispute, and that wait for an answer of ours.
    disputes: int
    # Buyers have asked to send something back.
    returns: int
    # Something that does not get through to other systems, or to people.
    alerts: int
