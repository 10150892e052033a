"""Returns on the order's page: each as a card, and whether more of a shipment may come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.orders import GoodsReturn, Line, Order, Shipment
from portal.views.order.scene import Scene
from portal.views.order.statuses import Look
from portal.views.returns.words import LOOKS, reason_word, state_word

# More lines than these are counted, not listed.
LISTED = 4


@dataclass(frozen=True, slots=True)
class Returned:
    """A return. `goods` are its lines in words."""

    number: str
    href: str
    look: Look
    state: str
    when: str
    shipment: str
    goods: Sequence[str]
    more: str
    credit_notes: Sequence[str]


def returns(scene: Scene) -> list[Returned]:
    """The newest first."""
    lines = {line.line: line for line in scene.order.lines}
    return [_returned(scene, one, lines) for one in reversed(scene.order.returns)]


def _returned(scene: Scene, one: GoodsReturn, lines: dict[int, Line]) -> Returned:
    tongue = scene.tongue
    _ = tongue.gettext
    goods = []
    for part in one.lines[:LISTED]:
        line = lines[part.line]
        announced = tongue.quantity(part.quantity, line.unit)
        quantity = (
            _("{some} of {all}").format(some=tongue.number(part.received), all=announced)
            if part.received or part.closed
            else announced
        )
        goods.append(f"{quantity} {line.sku}, {reason_word(part.reason, tongue)}")
    others = len(one.lines) - len(goods)
    more = tongue.ngettext("and {n} other line", "and {n} other lines", others).format(n=others)
    return Returned(
        number=one.number,
        href=f"/returns/{one.number}",
        look=LOOKS[one.state],
        state=state_word(one.state, tongue),
        when=tongue.stamp(one.asked_at, scene.today),
        shipment=one.shipment,
        goods=goods,
        more=more if others else "",
        credit_notes=one.credit_notes,
    )


def return_href(scene: Scene, shipment: Shipment) -> str:
    """Where goods of a shipment are announced to come back; empty where nothing can, or the reader may not."""
    if not scene.may_return or shipment.state == "cancelled" or not _left(scene.order, shipment.number):
        return ""
    return f"/shipments/{shipment.number}/return"


def _left(order: Order, shipment: str) -> Decimal:
    """How much of a shipment is out and not announced yet, over all of its lines."""
    out = sum(
        (
            portion.quantity
            for line in order.lines
            for portion in line.portions
            if portion.shipment == shipment and portion.stage in ("shipped", "delivered")
        ),
        Decimal(0),
    )
    announced = sum(
        (
            part.outstanding
            for one in order.returns
            if one.shipment == shipment and one.is_standing
            for part in one.lines
        ),
        Decimal(0),
    )
    return out - announced
