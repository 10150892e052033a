"""What a buyer finds new over all orders: promises that moved, goods that left, and what waits for an answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.domain.arrivals import Total

# Holds that the buyer's own people can see to: who approves, where it shall go, what is still to be paid.
CLEARED_BY_BUYER = ("approval", "address", "credit")


@dataclass(frozen=True, slots=True)
class Offer:
    """Another product that is offered in place of what a line waits for. `of`: how many offers in all."""

    id: int
    order: str
    account: str
    purchase_order: str | None
    order_lines: int
    line: int
    sku: str
    quantity: Decimal
    unit: str
    substitute: str
    substitute_name: str
    substitute_unit: str
    substitute_quantity: Decimal
    offered_at: datetime
    of: int


@dataclass(frozen=True, slots=True)
class StandingHold:
    """A hold; no lines means the whole order. `of`: how many holds in all."""

    order: str
    purchase_order: str | None
    reason: str
    note: str | None
    lines: Sequence[int] | None
    set_at: datetime
    of: int


@dataclass(frozen=True, slots=True)
class Unlikely:
    """Lines of an order that will probably miss the day they are needed by: the first such day, and when the last of
    them arrives, if anybody can say. `of`: how many such orders in all."""

    order: str
    purchase_order: str | None
    lines: int
    need_by: date
    arrives_on: date | None
    of: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """An order of which there is no news, and what was said of that (`domain.silence`). `of`: how many such in all."""

    order: str
    purchase_order: str | None
    at: datetime
    data: Mapping[str, Any]
    of: int


@dataclass(frozen=True, slots=True)
class Due:
    """What is due of one order on one day: on one shipment, or on none yet. `of`: how many such there are in all."""

    day: date
    account: str
    site: str
    city: str
    site_name: str
    order: str
    purchase_order: str | None
    kind: str
    lines: int
    of: int
    shipment: str | None = None
    shipment_state: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One time that the arrival of a quantity of a line was said anew."""

    line: int
    quantity: Decimal
    old: date | None
    new: date | None
    version: int
    at: datetime
    cause: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Moved:
    """An order of which dates moved, with every change in the order in which they came. `of`: how many such orders."""

    order: str
    purchase_order: str | None
    order_lines: int
    city: str
    site_name: str
    of: int
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Shipped:
    """Goods that left. `of`: how many shipments in all."""

    shipment: str
    order: str
    purchase_order: str | None
    city: str
    site_name: str
    location: str
    at: datetime
    state: str
    lines: int
    of: int
    expected_on: date | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None


@dataclass(frozen=True, slots=True)
class Undated:
    """What of an order has no day: lines that are held, and lines that wait for one. `of`: how many such orders."""

    order: str
    purchase_order: str | None
    held: int
    undated: int
    of: int
    holds: Sequence[str]
    statuses: Sequence[str]
    state: str = "open"


@dataclass(frozen=True, slots=True)
class SiteDay:
    """How many lines of how many orders arrive at a site on a day."""

    day: date
    account: str
    site: str
    city: str
    site_name: str
    lines: int
    orders: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What arrives from today to the last day asked for, what should have, and what has no day."""

    totals: Sequence[Total] = ()
    sites: Sequence[SiteDay] = ()
    late: Sequence[Due] = ()
    today: Sequence[Due] = ()
    undated: Sequence[Undated] = ()


@dataclass(frozen=True, slots=True)
class News:
    """What is new since an instant, the newest first; what waits for the buyer, the longest waiting first."""

    moved: Sequence[Moved] = ()
    shipped: Sequence[Shipped] = ()
    offers: Sequence[Offer] = ()
    holds: Sequence[StandingHold] = ()
    unlikely: Sequence[Unlikely] = ()
    quiet: Sequence[Quiet] = ()


def net(changes: Iterable[Change]) -> list[Change]:
    """What it comes to, whoever has read none of it: a quantity that moved twice moved once, and back is not at all.

    What moves at one version moves side by side; only what came later goes on from it.
    """
    told: list[Change] = []
    for change in changes:
        left = change.quantity
        for place, before in enumerate(told):
            if (
                left
                and before.version < change.version
                and before.line == change.line
                and before.new == change.old
            ):
                part = min(left, before.quantity)
                left -= part
                told[place] = replace(before, quantity=before.quantity - part)
                told.append(replace(change, quantity=part, old=before.old))
        if left:
            told.append(replace(change, quantity=left))
    return [change for change in told if change.quantity and change.old != change.new]
