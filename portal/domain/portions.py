"""A line is partitioned: taking a part of it, and telling equal parts as one, happens here and nowhere else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal.domain.quantities import ZERO

OURS = ("allocated", "picking", "packed")
OPEN = ("waiting", *OURS)
LEFT = ("shipped", "delivered", "returned")
# With the buyer, or on the way there.
AWAY = ("shipped", "delivered")


@dataclass(frozen=True, slots=True)
class Portion:
    """A part of a line's quantity that shares one fate, as it is kept. `id` is None until it is written."""

    line_id: int
    order_id: int
    account: str
    sku: str
    quantity: Decimal
    stage: str
    status: str
    location: str | None = None
    counted: bool = True
    agreement: str | None = None
    inbound_line_id: int | None = None
    shipment_id: int | None = None
    ships_on: date | None = None
    arrives_on: date | None = None
    first_ships_on: date | None = None
    first_arrives_on: date | None = None
    because: Sequence[Mapping[str, Any]] = ()
    waiting_since: date | None = None
    id: int | None = None

    def to(self, stage: str, **changes: Any) -> "Portion":
        """The same goods in another stage; the status a buyer reads follows."""
        return replace(self, stage=stage, status=stage, **changes)

    def back_in_the_queue(self, since: date) -> "Portion":
        """Its stock is gone: it waits, keeps what was promised until a new plan says otherwise."""
        return self.to(
            "waiting",
            location=None,
            counted=True,
            agreement=None,
            inbound_line_id=None,
            because=(),
            waiting_since=since,
        )


@dataclass(slots=True)
class Rewriting:
    """What becomes of portions: rows to change, rows to add, rows to drop."""

    changed: list[Portion]
    added: list[Portion]
    dropped: list[int]

    @property
    def lines(self) -> set[tuple[int, int]]:
        """(order id, line id) of everything that is rewritten."""
        return {(portion.order_id, portion.line_id) for portion in (*self.changed, *self.added)}


def nothing() -> Rewriting:
    """A rewriting that changes nothing yet."""
    return Rewriting([], [], [])


def take(
    portions: Iterable[Portion], quantity: Decimal, change: Callable[[Portion], Portion], into: Rewriting
) -> list[Portion]:
    """Take `quantity` from the portions in the order given, splitting the last; what is taken undergoes `change`.

    The caller has made sure that there is enough. Returns what was taken, as it was before the change.
    """
    taken = []
    for portion in portions:
        if not quantity:
            break
        part = min(quantity, portion.quantity)
        quantity -= part
        taken.append(replace(portion, quantity=part))
        if part == portion.quantity:
            into.changed.append(change(portion))
        else:
            into.changed.append(replace(portion, quantity=portion.quantity - part))
            into.added.append(replace(change(replace(portion, quantity=part)), id=None))
    if quantity:
        raise ValueError(f"{quantity} more was to be taken than there is")
    return taken


def total(portions: Iterable[Portion]) -> Decimal:
    """How much they are together."""
    return sum((portion.quantity for portion in portions), ZERO)


def by(portions: Iterable[Portion], key: Callable[[Portion], Any]) -> dict[Any, Decimal]:
    """Quantities added up by a key."""
    sums: dict[Any, Decimal] = {}
    for portion in portions:
        sums[key(portion)] = sums.get(key(portion), ZERO) + portion.quantity
    return sums
