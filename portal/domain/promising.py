"""The promise engine: who gets which supply, when it ships and arrives, and why.

One SKU at a time, from plain values to plain values: no I/O, no clock, the same plan for the same input.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import accumulate

from portal.domain.aligning import Promised, align
from portal.domain.calendars import Destination, Place
from portal.domain.dates import NO_DATES, Dates, Fact, arrival, promise
from portal.domain.quantities import ZERO, text
from portal.domain.shelves import Shelves
from portal.domain.supply import Demand, Inbound, Piece, Plan, Reserve, Shelf, Supply

# The whole language of promising is found here, whichever file it is kept in.
__all__ = [
    "AWAITING",
    "Dates",
    "Demand",
    "Destination",
    "Fact",
    "Inbound",
    "KnownDates",
    "Piece",
    "Place",
    "Plan",
    "Promised",
    "Reserve",
    "Shelf",
    "Supply",
    "align",
    "arrival",
    "in_front",
    "plan",
    "promise",
    "shelf_fact",
]

# Lines are numbered from 1.
NOBODYS_LINE = 0
# Promises by all that they follow from.
KnownDates = dict[tuple[object, ...], Dates]
AWAITING = {
    "purchase_order": "awaiting_supplier",
    "transfer": "awaiting_transfer",
    "production": "awaiting_production",
    "inspection": "awaiting_inspection",
}


def plan(
    supply: Supply,
    demand: Sequence[Demand],
    places: Mapping[str, Place],
    known_dates: KnownDates | None = None,
) -> Plan:
    """Give supply to demand: stock first, then what is inbound, in the order of the queue.

    Whatever order the rows come in, the plan is the same; only the order of the reserves means something.
    Plans of several products at the same places may share their `known_dates`.
    """
    book = _Book(supply, demand, places, {} if known_dates is None else known_dates)
    book.honour_earmarks(supply.earmarks)
    book.shelves.fill_agreements()
    book.take_stock()

    book.start_queue()
    for inbound in sorted(supply.inbound, key=book.turn):
        book.peg(inbound)

    book.name_reserved_stock()
    book.backorder(supply.lead_time_days)
    return book.plan()


def in_front(first: Demand, quantity: Decimal) -> Demand:
    """Everybody who stands before `first`, as one: what is planned for those behind them is the same.

    It is so while nothing is free on a shelf or open for an agreement, and no supply is for a line behind them: the
    queue then takes from each inbound line what it has or what is still wanted, whoever it is that takes it.
    """
    return replace(first, line=NOBODYS_LINE, quantity=quantity, rank=(first.rank[0], -1, 0))


def shelf_fact(location: str, quantity: Decimal) -> Fact:
    """Why stock that is ours is ready: so much of it stands there for this portion."""
    return {"fact": "on_shelf", "location": location, "quantity": text(quantity)}


class _Book:
    """One plan while it is made. A demand is known by its number in the order of the queue."""

    def __init__(
        self, supply: Supply, demand: Sequence[Demand], places: Mapping[str, Place], known_dates: KnownDates
    ) -> None:
        self.places = places
        self.known_dates = known_dates
        self.shelves = Shelves(supply, places)
        self.demands = sorted(demand, key=lambda one: (one.rank, one.line))
        self.index = {one.line: i for i, one in enumerate(self.demands)}
        # Some are served from one location only: the head of the queue may have to let others pass.
        self.is_picky = any(one.only is not None for one in self.demands)
        if len(self.index) != len(self.demands):
            raise ValueError("An order line stands in the queue twice.")

        self.left = [one.quantity for one in self.demands]
        self.pieces: list[list[Piece]] = [[] for _ in self.demands]
        self.earmarked: dict[int, dict[tuple[str, str | None], Decimal]] = {}

        self.queue: list[int] = []
        self.head = 0
        self.ahead: list[Decimal] = []
        self.entitled: dict[str, list[int]] = {}
        self.known_turns: dict[tuple[str, date], date] = {}
        self.first_choices: dict[str | None, Place | None] = {}

    def honour_earmarks(self, earmarks: Mapping[tuple[int, str], Decimal]) -> None:
        """Stock that was just received for a line goes to that line, before anybody else."""
        for (line, location), quantity in sorted(earmarks.items()):
            i = self.index.get(line)
            if i is not None:
                taken = self.shelves.take_free(location, min(quantity, self.left[i]))
                if taken > 0:
                    self.earmarked.setdefault(i, {})[location, None] = taken
                    self.left[i] -= taken

    def take_stock(self) -> None:
        """In the order of the queue everybody takes what they can use of what is on the shelf."""
        for i, one in enumerate(self.demands):
            taken = self.earmarked.get(i, {})
            if self.left[i] > 0 and (self.shelves.free or one.agreements):
                for key, quantity in self.shelves.take(one, self.left[i]).items():
                    taken[key] = taken.get(key, ZERO) + quantity
                    self.left[i] -= quantity
            for (location, agreement), quantity in taken.items():
                self.pieces[i].append(self._on_shelf(one, location, agreement, quantity))

    def start_queue(self) -> None:
        """Whoever still waits stands in the queue, behind all that those ahead wait for."""
        self.ahead = list(accumulate(self.left, initial=ZERO))
        self.queue = [i for i, left in enumerate(self.left) if left > 0]
        if self.shelves.open:
            # The first in the queue is the last in these lists, where taking it off is cheap.
            for i in reversed(self.queue):
                for agreement in dict.fromkeys(self.demands[i].agreements):
                    self.entitled.setdefault(agreement, []).append(i)

    def turn(self, inbound: Inbound) -> tuple[date, date, str, str, int, int]:
        """Inbound lines take their turn by the day from which they can be used."""
        key = (inbound.location, inbound.expected_on)
        usable_on = self.known_turns.get(key)
        if usable_on is None:
            place = self.places[inbound.location]
            usable_on = self.known_turns[key] = place.count_open(inbound.expected_on, place.receiving_days)
        return usable_on, inbound.expected_on, inbound.kind, inbound.reference, inbound.line, inbound.id

    def peg(self, inbound: Inbound) -> None:
        """Of an inbound line, whom it was bought for takes first, then agreements there, then the queue."""
        pegs: dict[int, Decimal] = {}
        rest = inbound.quantity
        bought_for = self.index.get(inbound.for_line) if inbound.for_line is not None else None
        if bought_for is not None and self.demands[bought_for].may_come_from(inbound.location):
            rest -= self._claim(pegs, bought_for, rest)
        if self.shelves.open:
            rest = self._peg_agreements(pegs, inbound.location, rest)

        self._peg_queue(pegs, inbound.location, rest)
        if pegs:
            self._write_pegs(inbound, pegs)

    def name_reserved_stock(self) -> None:
        """Tell those who are left, in the order of the queue, of the stock that agreements hold.

        These are always other people's agreements: who still waits has drawn all that its own held.
        """
        waiting = iter(self.queue[self.head :])
        i = next(waiting, None)
        for location, held in sorted(self.shelves.held().items(), key=lambda pair: (-pair[1], pair[0])):
            because: Fact = {"fact": "stock_reserved", "location": location, "quantity": text(held)}
            rest = held
            while i is not None and rest > 0:
                named = min(rest, self.left[i])
                if named:
                    self.pieces[i].append(
                        Piece(named, "waiting", "reserved_elsewhere", location, because=(because,))
                    )
                    self.left[i] -= named
                    rest -= named
                if not self.left[i]:
                    i = next(waiting, None)

    def backorder(self, lead_time: int | None) -> None:
        """Nothing covers the rest; the lead time of the product may still give it a date."""
        for i in self.queue[self.head :]:
            if self.left[i]:
                self.pieces[i].append(self._backordered(i, self.demands[i], lead_time))

    def plan(self) -> Plan:
        pieces = {one.line: tuple(mine) for one, mine in zip(self.demands, self.pieces, strict=True)}
        return Plan(pieces, self.shelves.fenced)

    def _on_shelf(self, one: Demand, location: str, agreement: str | None, quantity: Decimal) -> Piece:
        dates = self._dates(one, self.places[location], self.places[location].today)
        because = (shelf_fact(location, quantity), *dates.because)
        return Piece(
            quantity,
            "allocated",
            "allocated",
            location,
            agreement,
            None,
            dates.ships_on,
            dates.arrives_on,
            because,
        )

    def _peg_queue(self, pegs: dict[int, Decimal], location: str, rest: Decimal) -> None:
        """In the order of the queue; who is served from elsewhere only is passed by and keeps the place."""
        if self.is_picky:
            for i in self.queue:
                if self.demands[i].may_come_from(location):
                    rest -= self._claim(pegs, i, rest)
            return
        while rest > 0 and self.head < len(self.queue):
            i = self.queue[self.head]
            rest -= self._claim(pegs, i, rest)
            if not self.left[i]:
                self.head += 1

    def _peg_agreements(self, pegs: dict[int, Decimal], location: str, rest: Decimal) -> Decimal:
        """Fill the agreements at a location: of each share only those claim who may draw on it."""
        shelves = self.shelves
        for agreement in [code for code in shelves.open if shelves.location[code] == location]:
            share = min(rest, shelves.open[agreement])
            if share <= 0:
                break
            shelves.close(agreement, share)
            rest -= share

            waiting = self.entitled.get(agreement, [])
            if self.is_picky:
                for i in reversed(waiting):
                    if self.demands[i].may_come_from(location):
                        share -= self._claim(pegs, i, share)
                continue
            while share > 0 and waiting:
                share -= self._claim(pegs, waiting[-1], share)
                if not self.left[waiting[-1]]:
                    waiting.pop()
        return rest

    def _claim(self, pegs: dict[int, Decimal], i: int, offered: Decimal) -> Decimal:
        quantity = min(offered, self.left[i])
        if quantity > 0:
            pegs[i] = pegs.get(i, ZERO) + quantity
            self.left[i] -= quantity
        return quantity

    def _write_pegs(self, inbound: Inbound, pegs: Mapping[int, Decimal]) -> None:
        place = self.places[inbound.location]
        status = AWAITING[inbound.kind]
        overdue = inbound.expected_on < place.today
        source = _inbound_facts(inbound, overdue)
        for i, quantity in pegs.items():
            one = self.demands[i]
            dates = NO_DATES if overdue else self._dates(one, place, inbound.expected_on, receiving=True)
            because = (*self._in_the_queue(i), *source, *dates.because)
            self.pieces[i].append(
                Piece(
                    quantity,
                    "waiting",
                    status,
                    place.code,
                    None,
                    inbound.id,
                    dates.ships_on,
                    dates.arrives_on,
                    because,
                )
            )

    def _backordered(self, i: int, one: Demand, lead_time: int | None) -> Piece:
        quantity, ahead = self.left[i], self._in_the_queue(i)
        place = self._first_choice(one)
        if lead_time is None or place is None:
            return Piece(quantity, "waiting", "backordered", because=ahead)

        since = one.waiting_since or place.today
        dates = self._dates(one, place, since, lead_time=lead_time)
        if dates.ships_on is not None and dates.ships_on < place.today:
            # The usual time has passed. The fact stays, to be told; a date in the past is no promise.
            dates = Dates(None, None, dates.because[:1])
        because = (*ahead, *dates.because)
        return Piece(
            quantity,
            "waiting",
            "backordered",
            place.code,
            None,
            None,
            dates.ships_on,
            dates.arrives_on,
            because,
        )

    def _first_choice(self, one: Demand) -> Place | None:
        if one.only is not None:
            return self.places.get(one.only)
        country = one.destination.country if one.own_country_first else None
        if country not in self.first_choices:
            code = min(self.places, key=lambda code: (self.shelves.is_abroad(one, code), code), default=None)
            self.first_choices[country] = None if code is None else self.places[code]
        return self.first_choices[country]

    def _in_the_queue(self, i: int) -> tuple[Fact, ...]:
        ahead, moved = self.ahead[i], self.demands[i].moved
        told: tuple[Fact, ...] = ({"fact": "queue_ahead", "quantity": text(ahead)},) if ahead else ()
        return (*told, moved) if moved is not None else told

    def _dates(
        self, one: Demand, place: Place, start: date, *, receiving: bool = False, lead_time: int | None = None
    ) -> Dates:
        """A promise, counted once for all who are in the same situation."""
        key = (
            place.code,
            start,
            one.destination,
            one.mode,
            receiving,
            lead_time,
            one.requested_on,
            one.weekly_day,
        )
        dates = self.known_dates.get(key)
        if dates is None:
            dates = self.known_dates[key] = promise(
                place,
                start,
                one.destination,
                one.mode,
                receiving=receiving,
                lead_time=lead_time,
                requested_on=one.requested_on,
                weekly_day=one.weekly_day,
            )
        return dates


def _inbound_facts(inbound: Inbound, overdue: bool) -> tuple[Fact, ...]:
    expected_on = inbound.expected_on.isoformat()
    fact: Fact = {
        "fact": "inbound",
        "kind": inbound.kind,
        "reference": inbound.reference,
        "line": inbound.line,
    }
    if inbound.supplier is not None:
        fact["supplier"] = inbound.supplier
    fact |= {"quantity": text(inbound.quantity), "expected_on": expected_on, "confirmed": inbound.confirmed}
    if not overdue:
        return (fact,)
    return fact, {"fact": "overdue", "reference": inbound.reference, "expected_on": expected_on}
