"""Every operation as a move: drawn from what is in sight, mostly possible, sometimes just not."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
from hypothesis import strategies as st

from portal.db import stock
from portal.db.shipments import Package
from portal.db.work import Pool, Work
from portal.domain.orders import Order
from portal.domain.portions import OPEN
from portal.operations import (
    agreeing,
    cancelling,
    cataloguing,
    counting,
    holding,
    keeping_up,
    picking,
    placing,
    queueing,
    shipping,
)
from portal.operations.moving import Part
from portal.operations.placing import Wanted, WantedLine
from tests.operations import supplier
from tests.operations.supplier import ACCOUNTS, EVERYBODY, LOCATIONS, SKUS, SUPPLIER, Sight, share, steps

Draw = Callable[[st.SearchStrategy[Any]], Any]
Corrections = dict[tuple[str, str], Decimal]

# The same as where requests are carried out: the loser of a collision does it again.
AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError)
TRIES = 4
ZERO = Decimal(0)


@dataclass(slots=True)
class Move:
    """Something that somebody does. `corrections` is what a count found to be otherwise than the books said."""

    words: str
    do: Callable[[Work], Awaitable[object]]
    corrections: Corrections = field(default_factory=dict)

    async def make(self, pool: Pool) -> None:
        """In a transaction of its own, as the web processes make it."""
        for left in reversed(range(TRIES)):
            self.corrections.clear()
            work = Work(pool, actor="test")
            try:
                async with work:
                    await self.do(work)
                return
            except AGAIN:
                if not left:
                    raise


class TimePasses(Move):
    """The worker looks whether a day is over: several transactions."""

    async def make(self, pool: Pool) -> None:
        for left in reversed(range(TRIES)):
            try:
                await keeping_up.keep_up(pool)
                return
            except AGAIN:
                if not left:
                    raise


def one_of(draw: Draw, options: Sequence[Any]) -> Any:
    """One of these, or None when there is none. What is drawn is its number, so that a report stays short."""
    return options[draw(st.integers(0, len(options) - 1))] if options else None


def part_of(draw: Draw, sku: str, there: Decimal) -> Decimal:
    """Some of it, often all of it, sometimes one too many."""
    most = steps(sku, there)
    return share(sku, draw(st.one_of(st.just(max(most, 1)), st.integers(1, most + 1))))


def place(sight: Sight, draw: Draw) -> Move:
    account = draw(st.sampled_from(ACCOUNTS))
    skus = draw(st.lists(st.sampled_from(SKUS), min_size=1, max_size=4))
    lines = [WantedLine(line, sku, share(sku, draw(st.integers(1, 20)))) for line, sku in enumerate(skus, 1)]
    known = draw(st.none() | st.integers(1, 3))
    wanted = Wanted(
        account=account,
        lines=lines,
        ship_to=draw(st.sampled_from(("LEEDS", "BREMEN"))) if account == "RIVAL" else None,
        requested_on=draw(st.none() | st.integers(-2, 30).map(lambda days: sight.today + timedelta(days))),
        delivery_preference=draw(st.sampled_from((None, None, "as_available", "complete_only", "weekly"))),
        discount=draw(st.sampled_from((ZERO, ZERO, Decimal("1.01")))),
        freight=draw(st.sampled_from((ZERO, Decimal("7.50")))),
        origin="shop" if known else None,
        external_id=str(known) if known else None,
        fingerprint=b"the same" if known else None,
    )

    async def do(work: Work) -> None:
        number, is_new = await placing.place(work, EVERYBODY, SUPPLIER, wanted)
        if is_new:
            await _nothing_denied_waits(work, number)

    return Move(f"place {wanted}", do)


async def _nothing_denied_waits(work: Work, number: str) -> None:
    waiting = await work.conn.fetch(
        """select p.sku, p.quantity from portion p join product i on i.sku = p.sku
           join orders o on o.id = p.order_id join order_status s on s.order_id = o.id
           where o.number = $1 and p.stage = 'waiting' and i.managed and i.backorders = 'deny' and s.state = 'open'""",
        number,
    )
    assert not waiting, f"{number} was accepted without backorders, but these wait: {waiting}"


def hold(sight: Sight, draw: Draw) -> Move | None:
    order = one_of(draw, sight.orders)
    if order is None:
        return None
    reason = draw(st.sampled_from(("finance", "credit", "quality", "address", "manual")))
    lines = draw(st.none() | st.lists(st.sampled_from([line.line for line in order.lines]), max_size=3))
    return Move(
        f"hold {order.number} {reason} {lines}",
        lambda work: holding.hold(work, EVERYBODY, order.number, reason, None, lines),
    )


def release(sight: Sight, draw: Draw) -> Move | None:
    found = one_of(draw, [(order.number, held.id) for order in sight.orders for held in order.holds])
    if found is None:
        return None
    return Move(
        f"release {found}", lambda work: holding.release(work, EVERYBODY, found[0], found[1], "all is well")
    )


def cancel(sight: Sight, draw: Draw) -> Move | None:
    order = one_of(draw, sight.orders)
    if order is None:
        return None
    parts = _parts(draw, order, lambda portion: portion.stage in OPEN)
    return Move(
        f"cancel {order.number} {parts}",
        lambda work: cancelling.cancel(work, EVERYBODY, order.number, parts, "changed our mind"),
    )


def pick(sight: Sight, draw: Draw) -> Move | None:
    found = _at_a_location(sight, draw, ("allocated",))
    if found is None:
        return None
    order, location, parts = found
    return Move(
        f"pick {order} {location} {parts}",
        lambda work: picking.pick(work, EVERYBODY, order, location, parts),
    )


def pack(sight: Sight, draw: Draw) -> Move | None:
    found = _at_a_location(sight, draw, ("picking",))
    if found is None:
        return None
    order, location, parts = found
    return Move(
        f"pack {order} {location} {parts}",
        lambda work: picking.pack(work, EVERYBODY, order, location, parts),
    )


def short_pick(sight: Sight, draw: Draw) -> Move | None:
    found = _at_a_location(sight, draw, ("picking", "allocated"))
    if found is None:
        return None
    order, location, parts = found
    return Move(
        f"short pick {order} {location} {parts}",
        lambda work: picking.short_pick(work, EVERYBODY, order, location, parts, None),
    )


def ship(sight: Sight, draw: Draw) -> Move | None:
    found = _at_a_location(sight, draw, ("packed", "picking", "allocated"))
    if found is None:
        return None
    order, location, parts = found
    known = draw(st.none() | st.integers(1, 3))
    tracking = draw(st.none() | st.sampled_from(("T1", "T2", "T3")))
    leaving = shipping.Leaving(
        location,
        parts,
        packages=[Package(tracking)] if tracking else [],
        shipped_at=draw(
            st.none() | st.integers(-72, 20).map(lambda hours: sight.now + timedelta(hours=hours))
        ),
        freight=Decimal(9) if tracking else None,
        origin="wms" if known else None,
        external_id=str(known) if known else None,
        fingerprint=b"the same" if known else None,
    )
    return Move(f"ship {order} {leaving}", lambda work: shipping.ship(work, EVERYBODY, order, leaving))


def take_back(sight: Sight, draw: Draw) -> Move | None:
    number = one_of(draw, [shipment.number for order in sight.orders for shipment in order.shipments])
    if number is None:
        return None
    return Move(f"cancel {number}", lambda work: shipping.cancel(work, EVERYBODY, number, None))


def prioritise(sight: Sight, draw: Draw) -> Move | None:
    found = one_of(draw, _lines_in(sight, "waiting"))
    if found is None:
        return None
    priority = draw(st.none() | st.integers(-7, 7))
    return Move(
        f"prioritise {found[:2]} {priority}",
        lambda work: queueing.reprioritise(work, EVERYBODY, *found[:2], priority, "safety", None),
    )


def reassign(sight: Sight, draw: Draw) -> Move | None:
    has, wants = _lines_in(sight, "allocated"), _lines_in(sight, "waiting")
    pairs = [(one, other) for one in has for other in wants if one[2] == other[2]]
    # What waits for people or for credit can be given nothing: seldom tried, so that others are.
    placed = {order.number for order in sight.orders if order.state == "open"}
    if draw(st.integers(0, 3)):
        pairs = [pair for pair in pairs if pair[1][0] in placed] or pairs
    found = one_of(draw, pairs)
    if found is None:
        return None
    (giver, given, sku, there), (taker, wanted, _, missing) = found
    quantity = part_of(draw, sku, min(there, missing))
    location = draw(st.sampled_from(sorted(_places_of(sight, giver, given))))
    return Move(
        f"reassign {quantity} of {giver} {given} at {location} to {taker} {wanted}",
        lambda work: queueing.reassign(
            work, EVERYBODY, taker, wanted, giver, given, quantity, location, "our_error"
        ),
    )


def relocate(sight: Sight, draw: Draw) -> Move | None:
    stage = draw(st.sampled_from(("waiting", "allocated")))
    found = one_of(draw, _lines_in(sight, stage))
    if found is None:
        return None
    number, line, sku, there = found
    quantity = None if stage == "waiting" else part_of(draw, sku, there)
    source = None if stage == "waiting" else draw(st.sampled_from(LOCATIONS))
    goes = draw(st.none() | st.sampled_from(LOCATIONS))
    on = draw(st.none() | st.just(sight.today + timedelta(2))) if source else None
    return Move(
        f"relocate {number} {line} {quantity} from {source} to {goes} on {on}",
        lambda work: queueing.relocate(work, EVERYBODY, number, line, quantity, source, goes, "agreed", on),
    )


def _places_of(sight: Sight, number: str, line: int) -> set[str]:
    """Where stock is set aside for a line."""
    [order] = [order for order in sight.orders if order.number == number]
    [found] = [found for found in order.lines if found.line == line]
    return {p.location for p in found.portions if p.stage == "allocated" and p.location}


def _lines_in(sight: Sight, stage: str) -> list[tuple[str, int, str, Decimal]]:
    """(order, line, SKU, how much) of every line that has something in this stage."""
    return [
        (order.number, line.line, line.sku, line.of(stage))
        for order in sight.orders
        for line in order.lines
        if line.of(stage)
    ]


def stock_up(sight: Sight, draw: Draw, sku: str) -> Move:
    """A first count, so that there is something to begin with."""
    return _counted(draw(st.sampled_from(LOCATIONS)), sku, share(sku, draw(st.integers(5, 30))), None)


def count(sight: Sight, draw: Draw) -> Move:
    location, sku = draw(st.sampled_from(LOCATIONS)), draw(st.sampled_from(SKUS))
    level = sight.levels.get((location, sku))
    firm = steps(sku, level.allocated + level.quarantined) if level else 0
    on_hand = draw(st.integers(0, 30) | st.integers(max(0, firm - 3), firm + 3))
    apart = draw(st.none() | st.integers(0, on_hand))
    return _counted(location, sku, share(sku, on_hand), None if apart is None else share(sku, apart))


def _counted(location: str, sku: str, counted: Decimal, quarantined: Decimal | None) -> Move:
    move = Move(f"count {location} {sku} {counted} {quarantined}", lambda work: do(work))

    async def do(work: Work) -> None:
        # The product is locked first, so that what the books say is what they say when it is counted.
        await stock.lock(work.conn, [sku])
        before = await stock.level(work.conn, location, sku)
        await counting.count(work, location, sku, counted, quarantined)
        move.corrections[location, sku] = counted - (before.on_hand if before else ZERO)

    return move


def agree(sight: Sight, draw: Draw) -> Move:
    number, account, location, sku = draw(
        st.sampled_from(
            (
                ("A1", "GROUP", "MAIN", "BOLT"),
                ("A2", "RIVAL", "MAIN", "BOLT"),
                ("A3", "NORTH", "EAST", "CABLE"),
                ("A4", "SMALL", "WEST", "RARE"),
                ("A5", "RIVAL", "EAST", "BOLT"),
                ("A1", "RIVAL", "MAIN", "BOLT"),
            )
        )
    )
    begins = sight.today + timedelta(draw(st.sampled_from((-9, 0, 0, 0, 3))))
    ends = draw(st.none() | st.integers(0, 6).map(lambda days: max(begins, sight.today) + timedelta(days)))
    quantity = share(sku, draw(st.integers(1, 30)))
    terms = agreeing.Terms(number, account, location, sku, quantity, begins, ends)
    return Move(f"agree {terms}", lambda work: agreeing.put(work, terms))


def change_account(sight: Sight, draw: Draw) -> Move:
    number = draw(st.sampled_from(ACCOUNTS))
    changes: dict[str, Any] = {
        "priority": draw(st.integers(-6, 6)),
        "parent": draw(st.sampled_from((None, *ACCOUNTS))),
        "weekly_day": draw(st.sampled_from(("mon", "fri"))),
        "own_country_first": draw(st.booleans()),
        "credit_hold": draw(st.sampled_from((False, False, False, True))),
        "credit_limit": draw(st.sampled_from((None, Decimal(0), Decimal(120), Decimal(1000)))),
    }
    some = draw(st.lists(st.sampled_from(sorted(changes)), min_size=1, max_size=2, unique=True))
    terms = supplier.account(number, **{name: changes[name] for name in some})
    return Move(f"change account {terms}", lambda work: cataloguing.put_account(work, terms))


def change_product(sight: Sight, draw: Draw) -> Move:
    sku = draw(st.sampled_from(SKUS))
    facts = supplier.product(
        sku,
        managed=draw(st.sampled_from((True, True, False))),
        lead_time_days=draw(st.none() | st.integers(0, 9)),
        backorders=draw(st.sampled_from(("allow", "deny"))),
    )
    return Move(f"change product {facts}", lambda work: cataloguing.put_product(work, facts))


def change_location(sight: Sight, draw: Draw) -> Move:
    facts = supplier.location(
        draw(st.sampled_from(LOCATIONS)),
        receiving_days=draw(st.integers(0, 2)),
        handling_days=draw(st.integers(0, 2)),
        working_days=draw(st.sampled_from((["mon", "tue", "wed", "thu", "fri"], ["tue", "sat"]))),
    )
    return Move(f"change location {facts}", lambda work: cataloguing.put_location(work, facts))


def keep_up(sight: Sight, draw: Draw) -> Move:
    async def nothing(work: Work) -> None:
        return None

    return TimePasses("keep up", nothing)


def _parts(draw: Draw, order: Order, counts: Callable[[Any], bool]) -> list[Part]:
    """Quantities of some of the order's lines: those of which there is any, at least one."""
    there = [
        (line.line, line.sku, sum((p.quantity for p in line.portions if counts(p)), ZERO))
        for line in order.lines
    ]
    able = [found for found in there if found[2]] or there
    chosen = draw(st.lists(st.integers(0, len(able) - 1), min_size=1, max_size=3, unique=True))
    return [Part(able[i][0], part_of(draw, *able[i][1:])) for i in chosen]


def _at_a_location(sight: Sight, draw: Draw, stages: Sequence[str]) -> tuple[str, str, list[Part]] | None:
    able = sorted(
        {
            (order.number, portion.location)
            for order in sight.orders
            for line in order.lines
            for portion in line.portions
            if portion.stage in stages and portion.location
        }
    )
    found = one_of(draw, able)
    if found is None:
        return None
    number, location = found
    order = next(order for order in sight.orders if order.number == number)
    return number, location, _parts(draw, order, lambda p: p.stage in stages and p.location == location)


def some_day(sight: Sight, draw: Draw) -> date:
    """A day from a little in the past to a month ahead."""
    day: date = sight.today + timedelta(draw(st.integers(-3, 25)))
    return day
