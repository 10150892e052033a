"""Situations for the promise engine: plain ones to write down, and random ones for its laws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from portal.domain.calendars import Destination, Place
from portal.domain.promising import Demand, Inbound, Piece, Plan, Reserve, Shelf, Supply, plan

# A Wednesday.
TODAY = date(2026, 11, 18)
LEEDS = Destination("Leeds", "GB")
MAIN = Place("MAIN", "Main", "GB", TODAY, receiving_days=1, handling_days=1, transit_days={"parcel": 3})
NORTH = replace(MAIN, code="NORTH", name="North")
BREMEN = replace(MAIN, code="BREMEN", name="Bremen", country="DE")


def november(day: int) -> date:
    return date(2026, 11, day)


def wants(line: int, quantity: str | int, *, agreements: tuple[str, ...] = (), **more: Any) -> Demand:
    """A demand whose place in the queue is its line id."""
    fields: dict[str, Any] = {"destination": LEEDS, "mode": "parcel", "rank": (0, line, 1)} | more
    return Demand(line=line, quantity=Decimal(quantity), agreements=agreements, **fields)


def brings(reference: str, quantity: str | int, expected_on: date, **more: Any) -> Inbound:
    """A confirmed supplier order of Acme to Main, known by its reference."""
    fields: dict[str, Any] = {"id": int(reference), "line": 1, "kind": "purchase_order", "supplier": "Acme"}
    fields |= {"confirmed": True, "location": "MAIN"} | more
    return Inbound(reference=reference, quantity=Decimal(quantity), expected_on=expected_on, **fields)


def on_shelf(quantity: str | int, location: str = "MAIN") -> Shelf:
    return Shelf(location, Decimal(quantity))


def guarantees(agreement: str, quantity: str | int, still: str | int = 0, location: str = "MAIN") -> Reserve:
    return Reserve(agreement, location, Decimal(quantity), Decimal(still))


@dataclass(frozen=True)
class Situation:
    supply: Supply = field(default_factory=Supply)
    demand: Sequence[Demand] = ()
    places: Mapping[str, Place] = field(default_factory=lambda: {"MAIN": MAIN})

    @property
    def plan(self) -> Plan:
        return plan(self.supply, self.demand, self.places)

    @property
    def queue(self) -> list[Demand]:
        return sorted(self.demand, key=lambda one: (one.rank, one.line))

    def turns(self) -> dict[int, int]:
        """In which order inbound lines are given away, by id: 1, 2, 3, ..."""

        def turn(inbound: Inbound) -> tuple[object, ...]:
            place = self.places[inbound.location]
            usable_on = place.count_open(inbound.expected_on, place.receiving_days)
            return usable_on, inbound.expected_on, inbound.kind, inbound.reference, inbound.line

        return {inbound.id: i for i, inbound in enumerate(sorted(self.supply.inbound, key=turn), start=1)}


def told(pieces: Sequence[Piece]) -> list[tuple[str, str, date | None, date | None]]:
    """Pieces as one writes them down: quantity, status, ships on, arrives on."""
    return [(str(piece.quantity), piece.status, piece.ships_on, piece.arrives_on) for piece in pieces]


def facts(piece: Piece) -> list[str]:
    return [str(fact["fact"]) for fact in piece.because]


CODES = ("A", "B", "C")
AGREEMENTS = ("P", "Q", "R")
quantities = st.integers(1, 60).map(lambda quarters: Decimal(quarters) / 4)
amounts = st.integers(0, 60).map(lambda quarters: Decimal(quarters) / 4)
days = st.integers(0, 25).map(lambda count: TODAY + timedelta(days=count))
holidays = st.frozensets(st.integers(-5, 40).map(lambda count: TODAY + timedelta(days=count)), max_size=8)
destinations = st.builds(Destination, st.sampled_from(["Leeds", "Hull"]), st.sampled_from(["GB", "DE"]))


@st.composite
def locations(draw: st.DrawFn, code: str) -> Place:
    return Place(
        code,
        code.lower(),
        draw(st.sampled_from(["GB", "DE"])),
        TODAY,
        working_days=draw(st.frozensets(st.integers(0, 6), min_size=1)),
        holidays=draw(holidays),
        receiving_days=draw(st.integers(0, 3)),
        handling_days=draw(st.integers(0, 3)),
        transit_days={"parcel": draw(st.integers(0, 4)), "freight": draw(st.integers(0, 9))},
    )


@st.composite
def demands(draw: st.DrawFn, most_agreements: int, picky: bool) -> list[Demand]:
    lines = draw(st.lists(st.integers(1, 40), unique=True, max_size=8))
    return [
        Demand(
            line,
            draw(quantities),
            (-draw(st.integers(0, 1)), draw(st.integers(1, 5)), 1),
            tuple(draw(st.lists(st.sampled_from(AGREEMENTS), unique=True, max_size=most_agreements))),
            draw(destinations),
            draw(st.sampled_from(["parcel", "freight"])),
            locations=tuple(draw(st.lists(st.sampled_from(CODES), unique=True, max_size=2))),
            own_country_first=draw(st.booleans()),
            requested_on=draw(st.none() | days),
            weekly_day=draw(st.none() | st.integers(0, 6)),
            waiting_since=draw(
                st.none() | st.integers(0, 40).map(lambda count: TODAY - timedelta(days=count))
            ),
            only=draw(st.none() | st.sampled_from(CODES)) if picky else None,
        )
        for line in lines
    ]


@st.composite
def inbounds(draw: st.DrawFn, *, earliest: int, lines: Sequence[int], bought: bool) -> list[Inbound]:
    return [
        Inbound(
            i,
            draw(st.sampled_from(["purchase_order", "transfer", "production", "inspection"])),
            f"{draw(st.integers(1, 3))}",
            i,
            draw(st.none() | st.just("Acme")),
            draw(st.booleans()),
            draw(st.sampled_from(CODES)),
            draw(quantities),
            TODAY + timedelta(days=draw(st.integers(earliest, 25))),
            for_line=draw(st.none() | st.sampled_from(lines)) if bought and lines else None,
        )
        for i in range(draw(st.integers(0, 6)))
    ]


@st.composite
def situations(
    draw: st.DrawFn,
    *,
    most_agreements: int = 3,
    bought: bool = True,
    overdue: bool = True,
    lead_time: bool = True,
    one_calendar: bool = False,
    picky: bool = False,
) -> Situation:
    """A handful of demands for stock in three locations, guaranteed stock and goods on their way."""
    demand = draw(demands(most_agreements, picky))
    lines = [one.line for one in demand]
    places = {code: draw(locations(code)) for code in CODES}
    if one_calendar:
        places = {code: replace(places["A"], code=code) for code in CODES}
    supply = Supply(
        shelves=[Shelf(code, draw(amounts)) for code in draw(st.lists(st.sampled_from(CODES), unique=True))],
        reserves=[
            Reserve(agreement, draw(st.sampled_from(CODES)), draw(amounts), draw(amounts))
            for agreement in draw(st.lists(st.sampled_from(AGREEMENTS), unique=True))
            if most_agreements
        ],
        inbound=draw(inbounds(earliest=-4 if overdue else 0, lines=lines, bought=bought)),
        lead_time_days=draw(st.none() | st.integers(0, 30)) if lead_time else None,
        earmarks={
            (line, draw(st.sampled_from(CODES))): draw(quantities)
            for line in (
                draw(st.lists(st.sampled_from(lines), unique=True, max_size=2)) if bought and lines else []
            )
        },
    )
    return Situation(supply, demand, places)
