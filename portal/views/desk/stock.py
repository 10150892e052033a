"""Stock that adds up: the bar of a shelf, and what a count took from whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from portal.domain.quantities import text
from portal.domain.stockroom import Agreed, Firm, Shelf

# The parts of what is on hand, in the order in which they are added up.
PARTS = ("free", "allocated", "reserved", "quarantined")
SHOWS = ("on_hand", *PARTS)
CLASSES = {"free": "f-free", "allocated": "f-ready", "reserved": "f-reserved", "quarantined": "f-quarantined"}


def total(shelves: Sequence[Shelf]) -> Shelf:
    """All locations as one."""
    return Shelf(
        "",
        "",
        sum((shelf.on_hand for shelf in shelves), Decimal(0)),
        sum((shelf.allocated for shelf in shelves), Decimal(0)),
        sum((shelf.reserved for shelf in shelves), Decimal(0)),
        sum((shelf.quarantined for shelf in shelves), Decimal(0)),
    )


def bar(shelf: Shelf) -> Markup:
    """What is on hand as one bar: its parts together are always all of it."""
    if not shelf.on_hand:
        return Markup("")
    x, rects = Decimal(0), []
    for name in PARTS:
        width = getattr(shelf, name) * 100 / shelf.on_hand
        if width > 0:
            rects.append(f'<rect x="{x:.2f}%" width="{width:.2f}%" class="{CLASSES[name]}"/>')
            x += width
    return Markup(f'<svg class="bar" aria-hidden="true">{"".join(rects)}</svg>')  # noqa: S704 - figures and our own names


@dataclass(frozen=True, slots=True)
class Loss:
    """What a line or an agreement has less of than before."""

    order: str
    line: int
    account: str
    account_name: str
    quantity: Decimal
    agreement: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """A count that was booked, and what it took from whom."""

    location: str
    on_hand: Decimal
    before: Decimal
    lines: Sequence[Loss]
    agreements: Sequence[Loss]


def count(outcome: Mapping[str, Any]) -> Count:
    """A count as it was kept."""
    return Count(
        outcome["location"],
        Decimal(outcome["on_hand"]),
        Decimal(outcome["before"]),
        [
            Loss(one["order"], one["line"], one["account"], one["account_name"], Decimal(one["quantity"]))
            for one in outcome["taken"]
        ],
        [
            Loss("", 0, one["account"], one["account_name"], Decimal(one["quantity"]), one["number"])
            for one in outcome["kept_less"]
        ],
    )


Held = Mapping[tuple[str, int, str, str], Decimal]


def held(firm: Sequence[Firm]) -> Held:
    """How much stock each line has, by (order, line, account, its name)."""
    found: dict[tuple[str, int, str, str], Decimal] = {}
    for one in firm:
        key = (one.order, one.line, one.account, one.account_name)
        found[key] = found.get(key, Decimal(0)) + one.quantity
    return found


def taken(before: Sequence[Firm], after: Sequence[Firm]) -> list[dict[str, Any]]:
    """Who has less stock than before, and by how much; as it is kept for the page that follows."""
    left = held(after)
    return [
        {"order": key[0], "line": key[1], "account": key[2], "account_name": key[3], "quantity": text(less)}
        for key, quantity in held(before).items()
        if (less := quantity - left.get(key, Decimal(0))) > 0
    ]


def kept_less(before: Sequence[Agreed], after: Sequence[Agreed]) -> list[dict[str, Any]]:
    """Which agreements have less kept on the shelf than before."""
    now = {(one.number, one.location): one.reserved for one in after}
    return [
        {
            "number": one.number,
            "account": one.account,
            "account_name": one.account_name,
            "quantity": text(less),
        }
        for one in before
        if (less := one.reserved - now.get((one.number, one.location), Decimal(0))) > 0
    ]
