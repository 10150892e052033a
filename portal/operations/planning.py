"""Plan products anew: give stock and inbound to the queue, write only what changed, and say whose promise moved.

Whoever changes supply or demand calls `replan` in the same transaction, so that no answer ever shows an old plan.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal.db import places, portions, queue, stock
from portal.db.books import Move
from portal.db.queue import Waiting
from portal.db.work import Connection, Work
from portal.domain.calendars import Place
from portal.domain.dates import WEEKDAYS, Fact, promise
from portal.domain.events import Event
from portal.domain.portions import Portion, Rewriting, nothing
from portal.domain.promising import (
    Demand,
    KnownDates,
    Piece,
    Plan,
    Reserve,
    Shelf,
    Supply,
    align,
    in_front,
    plan,
)
from portal.domain.quantities import ZERO, text

Cause = dict[str, Any]
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


@dataclass(slots=True)
class Outcome:
    """What plans of several products come to, gathered so that it is written in bulk."""

    rewriting: Rewriting = field(default_factory=nothing)
    stock: dict[tuple[str, str], dict[str, Decimal]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Decimal))
    )
    agreements: list[tuple[str, Decimal, Decimal]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    orders: dict[int, str] = field(default_factory=dict)
    allocated: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    moved: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    # By order: what was planned for the first time, and got no stock.
    without_stock: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))


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
    await _write(work, outcome, cause, {waiting.portion.line_id for waiting in unwritten})
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
        _settle_stock(book, sku, planned, outcome)
    for line, rows in lines.items():
        _settle_line(rows, planned.pieces[line], book.products[sku].managed, outcome, cause, work)


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


def _settle_stock(book: Book, sku: str, planned: Plan, outcome: Outcome) -> None:
    drawn: dict[str, Decimal] = defaultdict(Decimal)
    for pieces in planned.pieces.values():
        for piece in pieces:
            if piece.stage == "allocated" and piece.location is not None:
                outcome.stock[sku, piece.location]["allocated"] += piece.quantity
                if piece.agreement is not None:
                    drawn[piece.agreement] += piece.quantity
    for agreement in book.agreements.get(sku, ()):
        reserved = planned.reserves.get(agreement.number, ZERO)
        outcome.stock[sku, agreement.location]["reserved"] += reserved - agreement.reserved
        if reserved != agreement.reserved or drawn[agreement.number]:
            outcome.agreements.append((agreement.number, reserved, drawn[agreement.number]))


def _settle_line(
    rows: Sequence[Waiting],
    pieces: Sequence[Piece],
    counted: bool,
    outcome: Outcome,
    cause: Cause,
    work: Work,
) -> None:
    first = rows[0]
    if len(rows) == len(pieces) == 1 and first.portion.quantity == pieces[0].quantity:
        _settle_whole(first, pieces[0], counted, outcome, cause, work)
        return
    # The line has waited since the first of it did: the plan goes by that, and so is told from one plan to the next.
    since = min((row.portion.waiting_since for row in rows if row.portion.waiting_since), default=None)
    old = [row.portion for row in rows]
    outcome.orders[first.portion.order_id] = first.order
    waits = sum((piece.quantity for piece in pieces if piece.stage == "waiting"), ZERO)
    wanted: list[Portion] = []
    for quantity, before, piece in align(old, pieces):
        become = _become(before or first.portion, quantity, piece, counted, since)
        _tell(first, before, become, waits, outcome, cause, work)
        if wanted and _alike(wanted[-1], become):
            become = replace(become, quantity=become.quantity + wanted.pop().quantity)
        wanted.append(become)
    if waits and any(_is_new(portion) for portion in old):
        _note_without_stock(first, waits, outcome)
    _match(old, wanted, outcome.rewriting)


def _settle_whole(
    first: Waiting, piece: Piece, counted: bool, outcome: Outcome, cause: Cause, work: Work
) -> None:
    """By far the most frequent case in a long queue: a line waits as one portion, and goes on as one."""
    before = first.portion
    if before.id is not None and _stays(before, piece, counted):
        return
    outcome.orders[before.order_id] = first.order
    become = _become(before, piece.quantity, piece, counted, before.waiting_since)
    waits = ZERO if become.stage == "allocated" else become.quantity
    _tell(first, before, become, waits, outcome, cause, work)
    if waits and _is_new(before):
        _note_without_stock(first, waits, outcome)
    if before.id is None:
        outcome.rewriting.added.append(become)
    else:
        outcome.rewriting.changed.append(replace(become, id=before.id))


def _stays(before: Portion, piece: Piece, counted: bool) -> bool:
    """Whether the piece says nothing new of the portion."""
    has_first = before.first_arrives_on is not None
    return (
        before.stage == piece.stage
        and before.status == piece.status
        and before.ships_on == piece.ships_on
        and before.arrives_on == piece.arrives_on
        and before.inbound_line_id == piece.inbound
        and before.location == piece.location
        and before.counted == counted
        and before.agreement is None
        and (has_first or (before.first_ships_on, None) == (piece.ships_on, piece.arrives_on))
        and list(before.because) == list(piece.because)
    )


def _become(
    before: Portion, quantity: Decimal, piece: Piece, counted: bool, waiting_since: date | None
) -> Portion:
    """The portion that this piece makes of what it was. A first promise, once given, stays."""
    first = (before.first_ships_on, before.first_arrives_on)
    if before.first_arrives_on is None:
        first = (piece.ships_on, piece.arrives_on)
    return replace(
        before,
        id=None,
        quantity=quantity,
        stage=piece.stage,
        status=piece.status,
        location=piece.location,
        counted=counted,
        agreement=piece.agreement if piece.stage == "allocated" else None,
        inbound_line_id=piece.inbound,
        ships_on=piece.ships_on,
        arrives_on=piece.arrives_on,
        first_ships_on=first[0],
        first_arrives_on=first[1],
        because=list(piece.because),
        waiting_since=waiting_since,
    )


def _alike(one: Portion, other: Portion) -> bool:
    return replace(one, quantity=ZERO) == replace(other, quantity=ZERO)


def _is_new(portion: Portion) -> bool:
    """Whether it was never planned before."""
    return portion.status == "waiting" and portion.first_arrives_on is None


def _note_without_stock(first: Waiting, waits: Decimal, outcome: Outcome) -> None:
    told = {"line": first.line, "sku": first.portion.sku, "quantity": text(waits)}
    outcome.without_stock[first.portion.order_id].append(told)


def _tell(
    first: Waiting,
    before: Portion | None,
    now: Portion,
    waits: Decimal,
    outcome: Outcome,
    cause: Cause,
    work: Work,
) -> None:
    """`waits` is how much of the line has no stock now."""
    order = now.order_id
    if now.stage == "allocated":
        outcome.allocated[order].append(
            {"line": first.line, "sku": now.sku, "quantity": text(now.quantity), "location": now.location}
            | {"ships_on": _iso(now.ships_on), "arrives_on": _iso(now.arrives_on), "waits": text(waits)}
        )
    # This is its first promise, not a moved one.
    if before is None or _is_new(before):
        return
    if (before.ships_on, before.arrives_on) == (now.ships_on, now.arrives_on):
        return
    # It ships when the whole order does: that one date is told when the books are closed.
    if first.delivery_preference == "complete_only":
        return
    outcome.moves.append(
        Move(
            order, now.line_id, now.account, now.quantity, before.ships_on, before.arrives_on,
            now.ships_on, now.arrives_on, cause, work.now,
        )
    )  # fmt: skip
    outcome.moved[order].append(
        {"line": first.line, "sku": now.sku, "quantity": text(now.quantity), "status": now.status}
        | {"old": {"ships_on": _iso(before.ships_on), "arrives_on": _iso(before.arrives_on)}}
        | {"new": {"ships_on": _iso(now.ships_on), "arrives_on": _iso(now.arrives_on)}}
    )


def _match(old: Sequence[Portion], wanted: Sequence[Portion], into: Rewriting) -> None:
    """Turn the old rows into the wanted ones with the fewest writes; rows that are right already stay untouched."""
    left = list(wanted)
    spare = []
    for row in [row for row in old if row.id is not None]:
        blank = replace(row, id=None)
        if blank in left:
            left.remove(blank)
        else:
            spare.append(row)
    for row, become in zip(spare, left, strict=False):
        into.changed.append(replace(become, id=row.id))
    into.added.extend(left[len(spare) :])
    into.dropped.extend(row.id for row in spare[len(left) :] if row.id is not None)


async def _write(work: Work, outcome: Outcome, cause: Cause, new_lines: Collection[int]) -> None:
    await portions.rewrite(work.conn, outcome.rewriting)
    await stock.change(work.conn, outcome.stock)
    await stock.write_agreements(work.conn, outcome.agreements)
    work.moves.extend(outcome.moves)
    for order_id, line_id in outcome.rewriting.lines:
        work.touch(order_id, () if line_id in new_lines else [line_id])
    accounts = {p.order_id: p.account for p in (*outcome.rewriting.changed, *outcome.rewriting.added)}
    for order_id, lines in outcome.allocated.items():
        data = {"lines": lines, "cause": cause}
        work.record(Event("portion.allocated", accounts[order_id], order_id, outcome.orders[order_id], data))
    for order_id, lines in outcome.moved.items():
        data = {"lines": lines, "cause": cause}
        work.record(Event("promise.changed", accounts[order_id], order_id, outcome.orders[order_id], data))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
