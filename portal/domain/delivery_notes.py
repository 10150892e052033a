"""What the paper says that goes with a shipment: of each line on it, what came before, what comes now, what is left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.orders import LEFT, Line, Order, Shipment
from portal.domain.quantities import total


@dataclass(frozen=True, slots=True)
class NotedLine:
    """A line of the order as far as it is on the shipment.

    `quantity` is what the shipment left with. `line.quantity = before + here + to_come + line.never`, where `here` is
    the same as `quantity` until the goods stand in the warehouse again.
    """

    line: Line
    before: Decimal
    quantity: Decimal
    here: Decimal

    @property
    def to_come(self) -> Decimal:
        """After this delivery. What was cancelled since will not come, and is not told as if it would."""
        return self.line.quantity - self.line.never - self.before - self.here


@dataclass(frozen=True, slots=True)
class DeliveryNote:
    """`nth` counts the deliveries of the order up to this one; None when the shipment was cancelled."""

    order: Order
    shipment: Shipment
    lines: Sequence[NotedLine]
    nth: int | None

    @property
    def is_cancelled(self) -> bool:
        return self.shipment.state == "cancelled"

    @property
    def others_to_come(self) -> int:
        """Lines of the order that are not on it and were, after it, still to come in whole or in part."""
        here = {noted.line.line for noted in self.lines}
        return sum(self._to_come(line) > 0 for line in self.order.lines if line.line not in here)

    @property
    def is_last(self) -> bool:
        """After it, nothing of the whole order was left to come."""
        return not any(self._to_come(line) for line in self.order.lines)

    @property
    def up_to_here(self) -> frozenset[str]:
        """Numbers of this shipment and of those that left before it."""
        return frozenset({self.shipment.number, *(one.number for one in _earlier(self.order, self.shipment))})

    def _to_come(self, line: Line) -> Decimal:
        return line.quantity - line.never - _left(line, self.up_to_here)


def delivery_note(order: Order, number: str) -> DeliveryNote | None:
    """The note of one of the order's shipments; None when it is none of them."""
    shipment = next((one for one in order.shipments if one.number == number), None)
    if shipment is None:
        return None
    earlier = [one for one in _earlier(order, shipment) if one.state != "cancelled"]
    before = {one.number for one in earlier}
    lines = {line.line: line for line in order.lines}
    noted = [
        NotedLine(
            line=lines[part.line],
            before=_left(lines[part.line], before),
            quantity=part.quantity,
            here=_left(lines[part.line], {number}),
        )
        for part in shipment.lines
    ]
    return DeliveryNote(order, shipment, noted, None if shipment.state == "cancelled" else len(earlier) + 1)


def _earlier(order: Order, shipment: Shipment) -> list[Shipment]:
    """Those that left before it; of two that left at once, the one that was reported first."""
    moment = (shipment.shipped_at, shipment.number)
    return [one for one in order.shipments if (one.shipped_at, one.number) < moment]


def _left(line: Line, shipments: Collection[str]) -> Decimal:
    """How much of the line left with these shipments and is not back. Those that were cancelled have nothing."""
    return total(p.quantity for p in line.portions if p.shipment in shipments and p.stage in LEFT)
