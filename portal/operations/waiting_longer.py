"""What it costs to approve later: the same plan, made as if it were another day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.domain.delivering import Pieces, Terms, way
from portal.domain.promising import Inbound
from portal.domain.quotes import CostOfWaiting, QuotedLine, Slip, Way
from portal.operations import planning
from portal.operations.planning import Book

# So far ahead somebody looks who thinks about when to decide.
FARTHEST = 14


@dataclass(slots=True)
class Pending:
    """An order that waits to be placed, with all that its plan rests on. `numbers` are its lines by their ids."""

    book: Book
    order_id: int
    lines: Sequence[QuotedLine]
    numbers: Mapping[int, int]
    terms: Terms
    preference: str
    zones: Mapping[str, str]
    _ways: dict[int, Way] = field(default_factory=dict)

    def way(self, days: int) -> Way:
        """How it is delivered when it is approved so many days from now."""
        if days not in self._ways:
            pieces = self.pieces(days)
            inbound = [one for rows in self.book.inbound.values() for one in rows]
            self._ways[days] = way(self.preference, self.lines, pieces, inbound, self.terms)
        return self._ways[days]

    def pieces(self, days: int) -> Pieces:
        planned = planning.foresee_all(_on(self.book, self.order_id, days), self.order_id)
        return {self.numbers[line_id]: pieces for line_id, pieces in planned.items()}


def _on(book: Book, order_id: int, days: int) -> Book:
    """The book as it would stand then if everything comes as it was announced."""
    if not days:
        return book
    ahead = timedelta(days=days)
    places = {code: replace(place, today=place.today + ahead) for code, place in book.places.items()}
    waiting = {
        sku: [
            replace(row, portion=replace(row.portion, waiting_since=_later(row.portion.waiting_since, ahead)))
            if row.portion.order_id == order_id
            else row
            for row in rows
        ]
        for sku, rows in book.waiting.items()
    }
    inbound = {
        sku: [_announced(book, one, places[one.location].today) for one in rows]
        for sku, rows in book.inbound.items()
    }
    return replace(book, places=places, waiting=waiting, inbound=inbound)


def _announced(book: Book, inbound: Inbound, today: date) -> Inbound:
    """What is expected until then has come: it is not overdue because somebody thought about it for a week."""
    if book.places[inbound.location].today <= inbound.expected_on < today:
        return replace(inbound, expected_on=today)
    return inbound


def _later(day: date | None, ahead: timedelta) -> date | None:
    return day + ahead if day else None


def cost(pending: Pending, now: Way) -> CostOfWaiting:
    """Look for the last day on which approving still keeps every date."""
    at_hand = sum(any(p.stage == "allocated" for p in portions) for portions in now.portions.values())
    if not _slips(pending, now, FARTHEST):
        return CostOfWaiting((), at_hand, complete_on=now.complete_on, then_complete_on=now.complete_on)
    # Who is approved later is never earlier: so one can look in the middle.
    kept, moved = 0, FARTHEST
    while moved - kept > 1:
        middle = (kept + moved) // 2
        if _slips(pending, now, middle):
            moved = middle
        else:
            kept = middle
    then = pending.way(moved)
    until, day = _end_of_day(pending, now, kept)
    return CostOfWaiting(_slips(pending, now, moved), at_hand, until, day, now.complete_on, then.complete_on)


def _slips(pending: Pending, now: Way, days: int) -> list[Slip]:
    then = pending.way(days)
    early = _come_meanwhile(pending.book, days)
    return [
        Slip(
            line.line, line.sku, line.name,
            _ships_on(now, line.line), now.arrives_on(line.line),
            _ships_on(then, line.line), then.arrives_on(line.line),
        )
        for line in pending.lines
        if _is_later(now, then, line.line, early)
    ]  # fmt: skip


def _is_later(now: Way, then: Way, line: int, early: frozenset[tuple[str, str, int]]) -> bool:
    """Whether the last of it arrives later, or nobody can say any more when.

    What comes in meanwhile is on the shelf by then, which this plan cannot see: it is not counted as moved.
    """
    old, new = now.arrives_on(line), then.arrives_on(line)
    if old is None:
        return False
    if any(
        p.supply and (p.supply.kind, p.supply.reference, p.supply.line) in early for p in now.portions[line]
    ):
        return False
    return new is None or new > old


def _come_meanwhile(book: Book, days: int) -> frozenset[tuple[str, str, int]]:
    return frozenset(
        (one.kind, one.reference, one.line)
        for rows in book.inbound.values()
        for one in rows
        if one.expected_on < book.places[one.location].today + timedelta(days=days)
    )


def _ships_on(way: Way, line: int) -> date | None:
    known = [portion.ships_on for portion in way.portions[line] if portion.ships_on]
    return max(known, default=None)


def _end_of_day(pending: Pending, now: Way, kept: int) -> tuple[datetime, date]:
    """When that day is over where the first of the goods stand: the earliest such midnight."""
    ends = []
    for code in {shipment.costed_at for shipment in now.shipments if shipment.costed_at}:
        day = pending.book.places[code].today + timedelta(days=kept)
        midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(pending.zones[code]))
        ends.append((midnight, day))
    return min(ends)
