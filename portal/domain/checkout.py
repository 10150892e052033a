"""What the buyer was shown when they pressed the button, and what came between: nothing else is ordered than that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.domain.refusals import Conflict, Stale, Unacceptable


@dataclass(frozen=True, slots=True)
class ShownLine:
    """The price of a line, and the day on which the last of it was to arrive: none when nobody could name it."""

    unit_price: Decimal
    arrives_on: date | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A review as it stood on the page. `lines` are by their position in the cart."""

    cart_id: int
    version: int
    ship_to: str
    preference: str
    requested_on: date | None
    cost_centre: str | None
    freight: Decimal
    lines: Mapping[int, ShownLine]
    at: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """An order that carries the same purchase order number."""

    number: str
    placed_at: datetime
    state: str
    total: Decimal


class CartChanged(Stale):
    """The cart is not the one that was reviewed: it was changed in another window, or by a file that came in."""


class OrderedAlready(Conflict):
    """This very cart became an order before; `number` is that order's."""

    def __init__(self, number: str) -> None:
        super().__init__(f"This cart was ordered already: it is order {number}.")
        self.number = number


class Repeated(Unacceptable):
    """Other orders carry this purchase order number, and nobody has said why there shall be one more."""

    def __init__(self, purchase_order_number: str, earlier: Sequence[Earlier]) -> None:
        listed = ", ".join(order.number for order in earlier)
        super().__init__(f"Purchase order {purchase_order_number} was used before, for {listed}.")
        self.earlier = earlier


class Later(Conflict):
    """Others were quicker: some lines would arrive later than was shown. `days` are the new ones by position."""

    def __init__(self, days: Mapping[int, date | None]) -> None:
        super().__init__(f"{len(days)} lines would arrive later than was shown; nothing was ordered.")
        self.days = days


class PriceMoved(Unacceptable):
    """A line costs something else by now than was agreed to: nobody is billed another price."""
