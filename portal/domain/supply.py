"""What the promise engine takes and gives: the supply of one SKU, the demand for it, and a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from portal.domain.calendars import Destination
from portal.domain.dates import Fact


@dataclass(frozen=True, slots=True)
class Demand:
    """All that one order line still waits for.

    `rank` is (-account priority, arrival, line number): the smaller takes first. `agreements` are those its
    account may draw on, in order. `locations` is set when one location was chosen for the whole order.
    """

    line: int
    quantity: Decimal
    rank: tuple[int, int, int]
    agreements: tuple[str, ...]
    destination: Destination
    mode: str
    locations: tuple[str, ...] = ()
    own_country_first: bool = False
    requested_on: date | None = None
    weekly_day: int | None = None
    waiting_since: date | None = None
    # Staff decided: it is served from this location and no other.
    only: str | None = None
    # Staff moved it in the queue, and why: a fact for the reader.
    moved: Fact | None = None

    def may_come_from(self, location: str) -> bool:
        return self.only is None or self.only == location


@dataclass(frozen=True, slots=True)
class Shelf:
    """Stock at a location that is nobody's: on hand - quarantined - allocated - reserved."""

    location: str
    free: Decimal


@dataclass(frozen=True, slots=True)
class Reserve:
    """What an allocation agreement ring-fences now, and how much more it may still fill (`open`)."""

    agreement: str
    location: str
    quantity: Decimal
    open: Decimal


@dataclass(frozen=True, slots=True)
class Inbound:
    """An inbound line: how much of it is still to come, and the order line it was bought for."""

    id: int
    kind: str
    reference: str
    line: int
    supplier: str | None
    confirmed: bool
    location: str
    quantity: Decimal
    expected_on: date
    for_line: int | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """Everything there is and will be of one SKU.

    `reserves` come in the order in which they fill, one for each agreement. `earmarks` is stock on the shelf,
    by (line, location), that was just received for that order line.
    """

    shelves: Sequence[Shelf] = ()
    reserves: Sequence[Reserve] = ()
    inbound: Sequence[Inbound] = ()
    lead_time_days: int | None = None
    earmarks: Mapping[tuple[int, str], Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a demand that shares one fate. `agreement` is the one it draws on."""

    quantity: Decimal
    stage: str
    status: str
    location: str | None = None
    agreement: str | None = None
    inbound: int | None = None
    ships_on: date | None = None
    arrives_on: date | None = None
    because: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The pieces of every demand by line, and what each agreement ring-fences once it is carried out."""

    pieces: dict[int, tuple[Piece, ...]]
    reserves: dict[str, Decimal]
