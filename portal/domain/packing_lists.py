"""What lies in the packages of one shipment, and what becomes of the rest of each line."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.delivery_notes import DeliveryNote, NotedLine, delivery_note
from portal.domain.orders import LEFT, Line, Order, Shipment
from portal.domain.quantities import ZERO


@dataclass(frozen=True, slots=True)
class Following:
    """A part of a line that is not on the shipment: it left on a later one, arrives on a day, or has none yet."""

    quantity: Decimal
    shipment: str | None
    arrives_on: date | None


@dataclass(frozen=True, slots=True)
class PackedLine:
    """A line of the shipment. The parts that follow add up to what is still to come after it."""

    noted: NotedLine
    follows: Sequence[Following]


@dataclass(frozen=True, slots=True)
class PackingList:
    note: DeliveryNote
    lines: Sequence[PackedLine]

    @property
    def order(self) -> Order:
        return self.note.order

    @property
    def shipment(self) -> Shipment:
        return self.note.shipment


def packing_list(order: Order, number: str) -> PackingList | None:
    """The list of one of the order's shipments; None when it is none of them."""
    note = delivery_note(order, number)
    if note is None:
        return None
    gone = note.up_to_here
    return PackingList(note, [PackedLine(noted, _following(noted.line, gone)) for noted in note.lines])


def _following(line: Line, gone: Collection[str]) -> list[Following]:
    """What is on none of these shipments: what left on later ones first, then by day, what has none last."""
    parts: dict[tuple[str | None, date | None], Decimal] = {}
    for portion in line.portions:
        has_left = portion.stage in LEFT
        if portion.stage == "cancelled" or (has_left and portion.shipment in gone):
            continue
        key = (portion.shipment, None) if has_left else (None, portion.arrives_on)
        parts[key] = parts.get(key, ZERO) + portion.quantity
    told = [Following(quantity, *key) for key, quantity in parts.items()]
    return sorted(
        told, key=lambda part: (not part.shipment, part.shipment or "", part.arrives_on or date.max)
    )
