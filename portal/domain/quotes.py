"""What an order would come to, before anybody buys: prices, promises, shipments with their freight, and what it needs.

A quote is a look at one instant. Nothing is kept for it: whoever places it is told when something has become later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from portal.domain.approvals import Chain
from portal.domain.credit import Verdict
from portal.domain.money import Totals
from portal.domain.orders import Place, Portion, ShipmentLine

# In the order in which they are offered.
PREFERENCES = ("as_available", "complete_only", "weekly")


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A line with its price, where that comes from, and until when it holds (None: until it is changed)."""

    line: int
    sku: str
    name: str
    unit: str
    mode: str
    quantity: Decimal
    unit_price: Decimal
    price_source: str
    price_until: date | None
    net: Decimal
    tax_category: str
    tax_rate: Decimal
    need_by: date | None = None
    weight_kg: Decimal | None = None
    list_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PlannedShipment:
    """Goods that would leave one location on one day in one mode.

    Without a day nobody can name one yet. Without a location nobody knows from where; `costed_at` is then the location
    whose tariff was taken. `weight_kg` is what is known of it, `is_weighed` whether that is all of it.
    """

    location: str | None
    mode: str
    ships_on: date | None
    arrives_on: date | None
    lines: Sequence[ShipmentLine]
    goods: Decimal
    weight_kg: Decimal
    is_weighed: bool
    freight: Decimal
    costed_at: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to deliver the whole order: every line's portions, the shipments they make, and what it comes to.

    `complete_on` is the day the last of it arrives, None when some of it has no date; `undated` are those lines.
    """

    preference: str
    portions: Mapping[int, Sequence[Portion]]
    shipments: Sequence[PlannedShipment]
    totals: Totals
    first_on: date | None
    complete_on: date | None
    undated: Sequence[int] = ()

    @property
    def freight(self) -> Decimal:
        return self.totals.freight

    def arrives_on(self, line: int) -> date | None:
        """The day the last of the line is there; None when nobody can name it."""
        return last(portion.arrives_on for portion in self.portions[line])


@dataclass(frozen=True, slots=True)
class Quote:
    """An order as it would be. `ways` holds every preference; `chosen` is the one that was asked for."""

    account: str
    currency: str
    ship_to: str
    city: str
    country: str
    asked_at: datetime
    lines: Sequence[QuotedLine]
    ways: Mapping[str, Way]
    preference: str
    # How the order would be judged now.
    credit: Verdict
    # None when nobody need be asked.
    chain: Chain | None = None
    locations: Mapping[str, Place] = field(default_factory=dict)

    @property
    def chosen(self) -> Way:
        return self.ways[self.preference]

    @property
    def state(self) -> str:
        """What placing it now would make of it."""
        if self.chain is not None:
            return "pending_approval"
        return "open" if self.credit.is_covered else "held"

    @property
    def unlikely(self) -> list[QuotedLine]:
        """Lines that will not all be there by the day they are needed, or of which nobody can say."""
        return [line for line in self.lines if is_late(line.need_by, self.chosen.arrives_on(line.line))]


@dataclass(frozen=True, slots=True)
class Slip:
    """A line of which the last part would come later, or on no day that anybody can name."""

    line: int
    sku: str
    name: str
    old_ships_on: date | None
    old_arrives_on: date | None
    new_ships_on: date | None
    new_arrives_on: date | None


@dataclass(frozen=True, slots=True)
class CostOfWaiting:
    """What moves when the order is approved after `keeps_until`, the last instant at which it costs nothing.

    `at_hand` is how many lines have stock on the shelf now: it is kept for nobody while the order waits. Without slips
    waiting costs nothing within the days that were looked at.
    """

    slips: Sequence[Slip]
    at_hand: int
    keeps_until: datetime | None = None
    # The last day on which everything stays as it is, at the place that ships first.
    last_day: date | None = None
    complete_on: date | None = None
    then_complete_on: date | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an order that waits to be placed would be given if that happened now, and what waiting costs."""

    way: Way
    cost: CostOfWaiting
    locations: Mapping[str, Place] = field(default_factory=dict)


def is_late(need_by: date | None, arrives_on: date | None) -> bool:
    """Whether a day that is needed will be missed, as far as anybody knows."""
    return need_by is not None and (arrives_on is None or arrives_on > need_by)


def last(days: Iterable[date | None]) -> date | None:
    """The last of these days; none when one of them cannot be named."""
    known = list(days)
    return max((day for day in known if day), default=None) if all(known) else None
