"""Plan products anew: give stock and inbound to the queue, write only what changed, and say whose promise moved.

Whoever changes supply or demand calls `replan` in the same transaction, so that no answer ever shows an old plan.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from portal.db import places, queue, stock
from portal.db.queue import Waiting
from portal.db.work import Connection, Work
from portal.domain.calendars import Place
from portal.domain.dates import WEEKDAYS, Fact, promise
from portal.domain.promising import (
    Demand,
    KnownDates,
    Piece,
    Plan,
    Reserve,
    Shelf,
    Supply,
    in_front,
    plan,
)
from portal.domain.quantities import ZERO
from portal.operations import settling
from portal.operations.settling import Cause, Outcome

__all__ = [
    "Book",
    "Cause",
    "Earmarks",
    "by_preference",
    "foresee",
    "foresee_all",
    "one_location",
    "preferring",
    "read",
    "replan",
    "usable",
]

Earmarks = Mapping[str, Mapping[tuple[int, str], Decimal]]


@dataclass(slots=True)
class Book:
    """All that a plan of these products rests on, read under their locks."""

    places: dict[str, Place]
    products: Mapping[str, stock.Product]
    levels: dict[str, list[stock.Level]]
    agreements: dict[str, list[stock.Agreement]]
    inbound: dict[str, list[Any]]
    waiting: dict[str, list[Waiting]] = field(default_factory=lambda: defaultdict(list))
    # Where only those at the end of the queue are planned: how much all before them wait for.
    before: dict[str, Decimal] = field(default_factory=dict)
    # Promises that were counted already: lines of many products are in the same situation.
    known_dates: KnownDates = field(default_factory=dict)


async def replan(
    work: Work,
    skus: Iterable[str],
    cause: Cause,
    *,
    earmarks: Earmarks | None = None,
    fresh: int | None = None,
    unwritten: Sequence[Waiting] = (),
    products: Mapping[str, stock.Product] | None = None,
) -> Mapping[int, list[dict[str, Any]]]:
    """Plan these products. Answers, by order, the lines that were planned for the first time and got no stock, as an
    event tells them.

    `fresh` is an order that has just taken its place: it prefers to come from one location. Its portions may be
    `unwritten` yet; they are written as planned. `earmarks`, by SKU, is stock just received for certain lines.
    `products` are given by who has locked them already.
    """
    wanted = sorted(set(skus))
    if not wanted:
        return {}
    products = products or await stock.lock(work.conn, wanted)
    book = await read(work, products, unwritten)
    outcome = Outcome()
    chosen = {fresh: one_location(book, fresh)} if fresh is not None else {}
    for sku in wanted:
        _plan_one(book, sku, outcome, cause, work, (earmarks or {}).get(sku, {}), chosen)
    await settling.write(work, outcome, cause, {waiting.portion.line_id for waiting in unwritten})
    return outcome.without_stock


async def read(work: Work, products: Mapping[str, stock.Product], unwritten: Sequence[Waiting] = ()) -> Book:
    """Read what the plan rests on; the products are locked."""
    conn: Connection = work.conn
    levels, has = await stock.at_hand(conn, products)
    book = Book(
        places=await places.load(conn, work.now),
        products=products,
        levels=levels,
        agreements=await stock.agreements(conn, products) if has.agreements else {},
        inbound=await stock.inbound(conn, products) if has.inbound else {},
    )
    if has.waiting:
        crowded = await _before(conn, book, unwritten) if unwritten else products
        book.waiting = await queue.waiting(conn, crowded) if crowded else book.waiting
    for waiting in unwritten:
        book.waiting[waiting.portion.sku].append(waiting)
    return book


async def _before(conn: Connection, book: Book, last: Sequence[Waiting]) -> list[str]:
    """Note how much others wait for where an order is the last in the queue; answers the products where that is not
    enough, and everybody has to be planned.

    Whoever comes last takes what nobody before them wants: all that matters of those is how much they want together.
    It is not so simple where stock lies free or is set apart for somebody, or supply was bought for a certain line.
    """
    found = await queue.ahead(conn, book.products, last[0].priority, last[0].arrival)
    lines = {waiting.portion.line_id for waiting in last}
    for sku, others in found.items():
        if (
            others.are_before
            and book.products[sku].managed
            and not book.agreements.get(sku)
            and all(level.free <= 0 for level in book.levels.get(sku, ()))
            and not any(inbound.for_line in lines for inbound in book.inbound.get(sku, ()))
        ):
            book.before[sku] = others.quantity
    return [sku for sku in found if sku not in book.before]


def one_location(book: Book, order_id: int) -> tuple[str, ...]:
    """The first location that can serve the whole order at once, if there is one; ties go by code."""
    needs: dict[str, Decimal] = defaultdict(Decimal)
    lines = [w for rows in book.waiting.values() for w in rows if w.portion.order_id == order_id]
    for waiting in lines:
        if book.products[waiting.portion.sku].managed:
            needs[waiting.portion.sku] += waiting.portion.quantity
    if not needs:
        return ()
    for code in by_preference(book.places, lines[0].country if lines[0].own_country_first else None):
        if all(usable(book, sku, code, lines[0].path) >= quantity for sku, quantity in needs.items()):
            return (code,)
    return ()


def by_preference(known: Mapping[str, Place], country: str | None) -> list[str]:
    """Locations by code; those of the country first when one is given."""
    return sorted(known, key=lambda code: (country is not None and known[code].country != country, code))


def usable(book: Book, sku: str, location: str, path: Collection[str]) -> Decimal:
    """What an account may take at a location: the free stock, and what its own agreements hold there."""
    free = sum((level.free for level in book.levels.get(sku, ()) if level.location == location), ZERO)
    own = (a.reserved for a in book.agreements.get(sku, ()) if a.location == location and a.account in path)
    return free + sum(own, ZERO)


def _plan_one(
    book: Book,
    sku: str,
    outcome: Outcome,
    cause: Cause,
    work: Work,
    earmarks: Mapping[tuple[int, str], Decimal],
    chosen: Mapping[int, tuple[str, ...]],
) -> None:
    lines = _by_line(book, sku)
    planned = _planned(book, sku, lines, earmarks, chosen)
    if book.products[sku].managed:
        settling.settle_stock(sku, book.agreements.get(sku, ()), planned, outcome)
    for line, rows in lines.items():
        settling.settle_line(rows, planned.pieces[line], book.products[sku].managed, outcome, cause, work)


def foresee_all(book: Book, order_id: int) -> dict[int, Sequence[Piece]]:
    """What every line of an order would be given, by line id, if it took its place in the queue now: a dry run."""
    chosen = {order_id: one_location(book, order_id)}
    pieces: dict[int, Sequence[Piece]] = {}
    for sku in book.products:
        lines = _by_line(book, sku)
        planned = _planned(book, sku, lines, {}, chosen)
        mine = (line for line, rows in lines.items() if rows[0].portion.order_id == order_id)
        pieces |= {line: planned.pieces[line] for line in mine}
    return pieces


def preferring(book: Book, order_id: int, preference: str) -> Book:
    """The same book if that order were delivered this way."""
    rows = (row for every in book.waiting.values() for row in every if row.portion.order_id == order_id)
    if all(row.delivery_preference == preference for row in rows):
        return book
    waiting = {
        sku: [
            replace(row, delivery_preference=preference) if row.portion.order_id == order_id else row
            for row in rows
        ]
        for sku, rows in book.waiting.items()
    }
    return replace(book, waiting=waiting)


def foresee(book: Book, sku: str, line_id: int) -> Sequence[Piece]:
    """What one line would be given if the product were planned now: a dry run, nothing is written."""
    return _planned(book, sku, _by_line(book, sku), {}, {}).pieces[line_id]


def _by_line(book: Book, sku: str) -> Mapping[int, list[Waiting]]:
    lines: dict[int, list[Waiting]] = defaultdict(list)
    for waiting in book.waiting.get(sku, ()):
        lines[waiting.portion.line_id].append(waiting)
    return lines


def _planned(
    book: Book,
    sku: str,
    lines: Mapping[int, Sequence[Waiting]],
    earmarks: Mapping[tuple[int, str], Decimal],
    chosen: Mapping[int, tuple[str, ...]],
) -> Plan:
    if not book.products[sku].managed:
        return Plan({line: _uncounted(book, sku, rows) for line, rows in lines.items()}, {})
    supply = _supply(book, sku, earmarks)
    demand = [_demand(book, sku, rows, chosen) for rows in lines.values()]
    if sku in book.before:
        demand.append(in_front(demand[0], book.before[sku]))
    return plan(supply, demand, book.places, book.known_dates)


def _supply(book: Book, sku: str, earmarks: Mapping[tuple[int, str], Decimal]) -> Supply:
    released: dict[str, Decimal] = defaultdict(Decimal)
    reserves = []
    for agreement in book.agreements.get(sku, ()):
        remaining = agreement.remaining(book.places[agreement.location].today)
        kept = min(agreement.reserved, remaining)
        released[agreement.location] += agreement.reserved - kept
        reserves.append(Reserve(agreement.number, agreement.location, kept, remaining - kept))
    shelves = [
        Shelf(level.location, level.free + released[level.location]) for level in book.levels.get(sku, ())
    ]
    return Supply(shelves, reserves, book.inbound.get(sku, ()), book.products[sku].lead_time_days, earmarks)


def _demand(book: Book, sku: str, rows: Sequence[Waiting], chosen: Mapping[int, tuple[str, ...]]) -> Demand:
    first = rows[0]
    quantity, since = first.portion.quantity, first.portion.waiting_since
    if len(rows) > 1:
        quantity = sum((row.portion.quantity for row in rows), ZERO)
        since = min((row.portion.waiting_since for row in rows if row.portion.waiting_since), default=None)
    own = [a for a in book.agreements.get(sku, ()) if a.account in first.path]
    own.sort(key=lambda a: (-first.path.index(a.account), a.valid_from, a.number))
    return Demand(
        line=first.portion.line_id,
        quantity=quantity,
        rank=(-first.priority, first.arrival, first.line),
        agreements=tuple(a.number for a in own),
        destination=places.destination(first.city, first.country),
        mode=first.mode,
        locations=chosen.get(first.portion.order_id, ()),
        own_country_first=first.own_country_first,
        requested_on=first.requested_on,
        weekly_day=WEEKDAYS.index(first.weekly_day) if first.delivery_preference == "weekly" else None,
        waiting_since=since,
        only=first.only,
        moved=_moved(first),
    )


def _moved(waiting: Waiting) -> Fact | None:
    """Why the line stands elsewhere in the queue than its account and its arrival would have it."""
    if waiting.moved is None or waiting.reason is None:
        return None
    return {"fact": "moved_in_queue", "to": waiting.moved, "reason": waiting.reason}


def _uncounted(book: Book, sku: str, rows: Sequence[Waiting]) -> tuple[Piece, ...]:
    """What is not counted is always there, after its lead time, at the first location that serves the account."""
    first = rows[0]
    quantity = sum((row.portion.quantity for row in rows), ZERO)
    order = (
        [first.only]
        if first.only
        else by_preference(book.places, first.country if first.own_country_first else None)
    )
    if not order:
        return (Piece(quantity, "waiting", "backordered"),)
    place = book.places[order[0]]
    dates = promise(
        place,
        max(first.portion.waiting_since or place.today, place.today),
        places.destination(first.city, first.country),
        first.mode,
        lead_time=book.products[sku].lead_time_days,
        requested_on=first.requested_on,
        weekly_day=WEEKDAYS.index(first.weekly_day) if first.delivery_preference == "weekly" else None,
    )
    return (
        Piece(
            quantity, "allocated", "allocated", place.code,
            ships_on=dates.ships_on, arrives_on=dates.arrives_on, because=dates.because,
        ),
    )  # fmt: skip
