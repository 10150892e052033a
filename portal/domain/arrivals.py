"""What still arrives at a buyer's sites, over many orders: each part of a line with its day and how certain that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

# How certain a part of a line is, the surest first: it left; it is ours; its supply is confirmed; it is not, or the
# day rests on a usual lead time. What is held or has no day has no certainty at all.
KINDS = ("road", "ready", "sure", "unsure", "held", "undated")
# A part stands in one of these: it should be there, or its carrier reports trouble; it has a day to come; it has none.
PARTS = ("late", "coming", "undated")
TROUBLE = frozenset({"exception", "returned_to_sender"})


@dataclass(frozen=True, slots=True)
class Site:
    """A place where goods are delivered to."""

    account: str
    account_name: str
    code: str
    name: str
    city: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A part of a line on its way to one site. The fields stand in the order in which the database answers them."""

    day: date | None
    account: str
    site: str
    city: str
    site_name: str
    order_id: int
    order: str
    purchase_order: str | None
    order_lines: int
    line_id: int
    line: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    status: str
    kind: str
    location: str | None = None
    shipment: str | None = None
    shipment_state: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    supply_kind: str | None = None
    supply: str | None = None
    holds: Sequence[str] = ()

    @property
    def is_in_trouble(self) -> bool:
        """Whether the carrier reports a problem, or brings it back."""
        return self.shipment_state in TROUBLE


@dataclass(frozen=True, slots=True)
class Total:
    """How many lines stand in a part, and how many of each kind; one with parts of two kinds counts in both."""

    part: str
    lines: int
    kinds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DayTotal:
    """How much arrives on a day, on however many pages it stands."""

    day: date
    lines: int
    sites: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a list ends: the next begins behind it."""

    day: date
    account: str
    site: str
    order_id: int
    line_id: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrives of one order on one day at one site, as certain as each other; `line` is given when it is but one.

    `place` counts the deliveries of that day and site, `of` says how many there are.
    """

    day: date
    account: str
    site: str
    city: str
    site_name: str
    order: str
    purchase_order: str | None
    kind: str
    lines: int
    place: int
    of: int
    sku: str | None = None
    unit: str | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """How many lines arrive on one day at one site, and how many of each kind."""

    day: date
    account: str
    site: str
    city: str
    site_name: str
    lines: int
    kinds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list. Totals are those of all that was asked for; `days` those of the days that the page shows."""

    totals: Sequence[Total] = ()
    days: Sequence[DayTotal] = ()
    late: Sequence[Arrival] = ()
    coming: Sequence[Arrival] = ()
    undated: Sequence[Arrival] = ()


@dataclass(frozen=True, slots=True)
class Week:
    """Deliveries by site, day and certainty; totals of the days asked for, and of what is late or has no day."""

    totals: Sequence[Total] = ()
    found: Sequence[Delivery] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """Lines by day and site."""

    totals: Sequence[Total] = ()
    found: Sequence[Amount] = ()


def page_of(rows: Sequence[Arrival], limit: int) -> tuple[list[Arrival], Place | None]:
    """Of up to `limit` + 1 rows those that fill a page, and where it ends if more follow.

    What is left of a line on a day where the page would end stands on the next, so that it is not told in two pieces.
    """
    if len(rows) <= limit:
        return together(rows), None
    beyond = place_of(rows[limit])
    kept = [row for row in rows[:limit] if place_of(row) != beyond] or list(rows[:limit])
    return together(kept), place_of(kept[-1])


def place_of(row: Arrival) -> Place:
    """Behind everything that has a day stands what has none."""
    return Place(row.day or date.max, row.account, row.site, row.order_id, row.line_id)


def together(rows: Sequence[Arrival]) -> list[Arrival]:
    """What differs in nothing that a reader sees is one."""
    told: dict[Arrival, Decimal] = {}
    for row in rows:
        alike = replace(row, quantity=Decimal(0), holds=tuple(row.holds))
        told[alike] = told.get(alike, Decimal(0)) + row.quantity
    return [replace(row, quantity=quantity) for row, quantity in told.items()]
