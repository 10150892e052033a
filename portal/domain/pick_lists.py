"""What a person takes from the shelves of one location for one order, and what of it must stay there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.orders import Hold, Line, Order, Portion
from portal.domain.quantities import total

TO_PICK = frozenset({"allocated", "picking"})


@dataclass(frozen=True, slots=True)
class PickedLine:
    """A line as far as its goods stand on these shelves.

    `quantity` is all that stands ready, of which `begun` is being picked already. With a hold on it none may be taken.
    """

    line: Line
    quantity: Decimal
    begun: Decimal
    holds: Sequence[Hold]


@dataclass(frozen=True, slots=True)
class PickList:
    """`packed` counts lines with goods that stand packed at the location; `waiting` those still without goods."""

    order: Order
    location: str
    lines: Sequence[PickedLine]
    packed: int
    waiting: int
    ships_on: date | None

    @property
    def held(self) -> Sequence[PickedLine]:
        return [picked for picked in self.lines if picked.holds]

    @property
    def free(self) -> Sequence[PickedLine]:
        return [picked for picked in self.lines if not picked.holds]


def places_to_pick(order: Order) -> list[str]:
    """Codes of the locations where something of the order is to be picked."""
    return sorted({p.location for p in _portions(order) if p.location and p.stage in TO_PICK})


def pick_list(order: Order, location: str) -> PickList:
    """All that stands ready or is being picked there; no lines when there is nothing."""
    here = [portion for portion in _portions(order) if portion.location == location]
    return PickList(
        order,
        location,
        lines=[picked for line in order.lines if (picked := _picked(order, line, location)).quantity],
        packed=sum(any(_is_packed(p, location) for p in line.portions) for line in order.lines),
        waiting=sum(any(p.stage == "waiting" for p in line.portions) for line in order.lines),
        ships_on=min((p.ships_on for p in here if p.ships_on and p.stage in TO_PICK), default=None),
    )


def _portions(order: Order) -> list[Portion]:
    return [portion for line in order.lines for portion in line.portions]


def _picked(order: Order, line: Line, location: str) -> PickedLine:
    there = [p for p in line.portions if p.location == location and p.stage in TO_PICK]
    stopped = {hold for portion in there for hold in portion.holds}
    return PickedLine(
        line,
        quantity=total(p.quantity for p in there),
        begun=total(p.quantity for p in there if p.stage == "picking"),
        holds=[hold for hold in order.holds if hold.id in stopped],
    )


def _is_packed(portion: Portion, location: str) -> bool:
    return portion.stage == "packed" and portion.location == location
