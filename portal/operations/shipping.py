"""Ship from one location, and take a shipment back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypedDict

from portal.db import accounts, holds, orders, places, portions, shipments, stock
from portal.db.accounts import Account
from portal.db.books import Move
from portal.db.shipments import NewShipment, Package
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.calendars import Place
from portal.domain.credit import Heard
from portal.domain.dates import WEEKDAYS, Dates, arrival, promise
from portal.domain.events import Event
from portal.domain.portions import LEFT, OPEN, Portion, nothing, take, total
from portal.domain.quantities import ZERO, text
from portal.domain.refusals import Conflict, NotFound, Problem, Unacceptable, unknown
from portal.operations import billing, crediting, following, holding, returning
from portal.operations.moving import Grip, Part, grip, refuse_more, revalue


@dataclass(frozen=True, slots=True)
class Leaving:
    """A shipment as it was asked for."""

    location: str
    lines: Sequence[Part]
    mode: str | None = None
    carrier: str | None = None
    service: str | None = None
    packages: Sequence[Package] = ()
    freight: Decimal | None = None
    shipped_at: datetime | None = None
    origin: str | None = None
    external_id: str | None = None
    fingerprint: bytes | None = None


async def ship(work: Work, viewer: Viewer, number: str, leaving: Leaving) -> tuple[str, bool]:
    """Answers the shipment's number, and whether it is new. Packed goods go first, then picked, then allocated."""
    held = await grip(work, viewer, number, leaving.lines)
    if leaving.origin is not None and leaving.external_id is not None:
        first = await shipments.by_external_id(work.conn, leaving.origin, leaving.external_id)
        if first is not None:
            return _repeated(first, number, leaving), False
    place = (await places.load(work.conn, work.now)).get(leaving.location)
    if place is None:
        raise unknown("location", leaving.location, "/location")
    _refuse_early(held)
    _refuse_future(work, leaving.shipped_at)
    _refuse_freight(leaving.freight, held.order.currency)
    await holding.refuse_held(work, held.order, held.wanted)
    order = ("packed", "picking", "allocated")
    refuse_more(
        held,
        lambda line: total(held.of(line, stages=order, location=leaving.location)),
        f"{{there}} of line {{line}} are ready at {leaving.location}",
    )
    return await _leave(work, held, leaving, place), True


def _repeated(first: tuple[str, str, bytes | None], order: str, leaving: Leaving) -> str:
    number, of_order, fingerprint = first
    if of_order != order or fingerprint != leaving.fingerprint:
        raise Conflict(
            f"{leaving.origin} {leaving.external_id} is shipment {number} of order {of_order} already, with other "
            "content.",
            [Problem("/external_id", f"is shipment {number} already")],
        )
    return number


def _refuse_early(held: Grip) -> None:
    """An order that was to come complete leaves when all that is still open stands ready."""
    if held.order.delivery_preference != "complete_only":
        return
    waiting = total(portion for portion in held.portions if portion.stage == "waiting")
    if waiting:
        raise Unacceptable(
            f"Order {held.order.number} ships complete only: {text(waiting)} of it are not ready yet.",
            [Problem("/lines", f"{text(waiting)} of the order still wait")],
        )


def _refuse_future(work: Work, shipped_at: datetime | None) -> None:
    if shipped_at is not None and shipped_at > work.now + timedelta(days=1):
        raise Unacceptable(
            f"It cannot have shipped at {shipped_at.isoformat()}: that is yet to come.",
            [Problem("/shipped_at", "lies in the future")],
        )


def _refuse_freight(freight: Decimal | None, currency: str) -> None:
    if freight is not None and freight != money.rounded(freight, currency):
        said = f"{currency} has {money.digits(currency)} decimals"
        raise Unacceptable(f"{said}; {freight} has more.", [Problem("/freight", said)])


async def _leave(work: Work, held: Grip, leaving: Leaving, place: Place) -> str:
    order = held.order
    mode = leaving.mode or _mode(held)
    shipped_at = leaving.shipped_at or work.now
    ships_on = await _day_there(work, leaving.location, shipped_at) if leaving.shipped_at else place.today
    city, country = await _destination(work, order)
    dates = arrival(place, ships_on, places.destination(city, country), mode)
    shipment_id, number = await shipments.insert(
        work.conn,
        NewShipment(
            order.id, order.account, leaving.location, mode, leaving.carrier, leaving.service, shipped_at,
            dates.arrives_on, leaving.freight, leaving.origin, leaving.external_id, leaving.fingerprint,
        ),
        work.now.year,
    )  # fmt: skip
    await shipments.insert_lines(
        work.conn, shipment_id, [(held.line(line).id, quantity) for line, quantity in held.wanted.items()]
    )
    await shipments.add_packages(work.conn, shipment_id, leaving.packages)
    await _move_out(work, held, leaving.location, shipment_id, number, dates)
    data = _told(held, number, "shipped", mode, leaving.carrier, leaving.location, dates)
    data |= _of_the_order(held, shipped_at)
    data["packages"] = [
        {"tracking_number": package.tracking_number, "tracking_url": package.tracking_url}
        for package in leaving.packages
    ]
    work.record(Event("shipment.shipped", order.account, order.id, order.number, data))
    await following.apply_parked(work, number, leaving.packages, leaving.external_id)
    billing.follow_later(work, order.id)
    return number


async def _day_there(work: Work, location: str, at: datetime) -> date:
    zone = await work.conn.fetchval("select time_zone from location where code = $1", location)
    return places.today_at(zone, at)


def _mode(held: Grip) -> str:
    return "freight" if any(held.line(line).mode == "freight" for line in held.wanted) else "parcel"


async def _destination(work: Work, order: orders.Locked) -> tuple[str, str]:
    row = await work.conn.fetchrow(
        "select city, country from ship_to where account = $1 and code = $2", order.account, order.ship_to
    )
    assert row is not None
    return row["city"], row["country"]


class _Wishes(TypedDict):
    requested_on: date | None
    weekly_day: int | None


async def _wishes(work: Work, order: orders.Locked) -> _Wishes:
    """When the buyer wants it, as the plan heeds it too."""
    row = await work.conn.fetchrow(
        """select o.requested_on, a.weekly_day from orders o join account a on a.number = o.account
           where o.id = $1""",
        order.id,
    )
    assert row is not None
    is_weekly = order.delivery_preference == "weekly"
    return _Wishes(
        requested_on=row["requested_on"], weekly_day=WEEKDAYS.index(row["weekly_day"]) if is_weekly else None
    )


async def _move_out(
    work: Work, held: Grip, location: str, shipment_id: int, number: str, dates: Dates
) -> None:
    rewriting = nothing()
    changes: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def left(portion: Portion) -> Portion:
        _record_move(work, portion, dates, {"what": "shipped", "shipment": number})
        return portion.to(
            "shipped",
            shipment_id=shipment_id,
            ships_on=dates.ships_on,
            arrives_on=dates.arrives_on,
            first_ships_on=portion.first_ships_on if portion.first_arrives_on else dates.ships_on,
            first_arrives_on=portion.first_arrives_on or dates.arrives_on,
            because=list(dates.because),
        )

    for line, quantity in held.wanted.items():
        source = held.of(line, stages=("packed", "picking", "allocated"), location=location)
        for portion in take(source, quantity, left, rewriting):
            if portion.counted:
                changes[portion.sku, location]["on_hand"] -= portion.quantity
                changes[portion.sku, location]["allocated"] -= portion.quantity
    await portions.rewrite(work.conn, rewriting)
    await stock.change(work.conn, changes)
    work.touch(held.order.id, [held.line(line).id for line in held.wanted])


def _record_move(work: Work, portion: Portion, dates: Dates, cause: dict[str, str]) -> None:
    """A promise that now reads otherwise is kept on record, also when goods leave earlier than they were promised."""
    if portion.first_arrives_on is None or portion.arrives_on == dates.arrives_on:
        return
    work.moves.append(
        Move(
            portion.order_id, portion.line_id, portion.account, portion.quantity, portion.ships_on,
            portion.arrives_on, dates.ships_on, dates.arrives_on, cause, work.now,
        )
    )  # fmt: skip


def _told(
    held: Grip,
    number: str,
    state: str,
    mode: str,
    carrier: str | None,
    location: str,
    dates: Dates,
) -> dict[str, object]:
    return {
        "shipment": number,
        "state": state,
        "mode": mode,
        "carrier": carrier,
        "location": location,
        "expected_on": dates.arrives_on.isoformat() if dates.arrives_on else None,
        "lines": held.told(),
    }


def _of_the_order(held: Grip, shipped_at: datetime) -> dict[str, object]:
    """Where the order stands with this shipment: whether nothing had left before, and what it leaves to come."""
    still_open = total(portion for portion in held.portions if portion.stage in OPEN)
    return {
        "placed_at": held.order.placed_at.isoformat(),
        "shipped_at": shipped_at.isoformat(),
        "is_first": not any(portion.stage in LEFT for portion in held.portions),
        "leaves": text(still_open - sum(held.wanted.values(), ZERO)),
    }


async def cancel(
    work: Work, viewer: Viewer, number: str, reason: str | None, heard: Heard | None = None
) -> str:
    """The goods stand in the warehouse again, ours as before. Answers the order's number.

    What the account owes stays the same, but what had left would leave once more: where there is no credit for it by
    now, it waits. `heard` is what the ERP answered before this began.
    """
    found = await shipments.find(work.conn, viewer, number)
    if found is None:
        raise NotFound(f"There is no shipment {number!r}.")
    # Credit is judged at the end: the account's row comes first, as everywhere.
    account = await accounts.lock(work.conn, found.account)
    assert account is not None
    found = await following.locked(work, viewer, number)
    held = await following.grip_shipment(work, viewer, found)
    mine = [portion for portion in held.portions if portion.shipment_id == found.id]
    if found.state == "cancelled":
        raise Conflict(f"Shipment {number} was cancelled already.")
    if any(portion.stage != "shipped" for portion in mine):
        raise Conflict(f"Shipment {number} was delivered, at least in part: what came back is a return.")

    changes: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    rewriting = nothing()
    city, country = await _destination(work, held.order)
    place = (await places.load(work.conn, work.now))[found.location]
    wishes = await _wishes(work, held.order)
    for portion in mine:
        line = next(line for line in held.lines if line.id == portion.line_id)
        dates = promise(place, place.today, places.destination(city, country), line.mode, **wishes)
        fact = {"fact": "on_shelf", "location": found.location, "quantity": text(portion.quantity)}
        _record_move(work, portion, dates, {"what": "shipment_cancelled", "shipment": number})
        back = portion.to("allocated", shipment_id=None, ships_on=dates.ships_on, arrives_on=dates.arrives_on)
        rewriting.changed.append(replace(back, location=found.location, because=[fact, *dates.because]))
        if portion.counted:
            changes[portion.sku, found.location]["on_hand"] += portion.quantity
            changes[portion.sku, found.location]["allocated"] += portion.quantity
    await portions.rewrite(work.conn, rewriting)
    await stock.change(work.conn, changes)
    await shipments.set_state(work.conn, found.id, "cancelled", cancelled_at=work.now)
    data = {
        "shipment": number,
        "state": "cancelled",
        "reason": reason,
        "location": found.location,
        "lines": [{"line": held.line_of(p)[0], "sku": p.sku, "quantity": text(p.quantity)} for p in mine],
    }
    work.record(Event("shipment.cancelled", found.account, held.order.id, held.order.number, data))
    await returning.end_with(work, viewer, found.id)
    work.touch(held.order.id, [portion.line_id for portion in mine])
    await revalue(work, held)
    lines = sorted({held.line_of(portion)[0] for portion in mine})
    await _stop_beyond_credit(work, account, held.order, lines, heard)
    billing.follow_later(work, held.order.id)
    return found.order


async def _stop_beyond_credit(
    work: Work, account: Account, order: orders.Locked, lines: Sequence[int], heard: Heard | None
) -> None:
    verdict = await crediting.reopen(work, account, order.id, heard)
    if verdict.is_covered:
        return
    for standing in await holds.standing(work.conn, order.id):
        if standing.reason == "credit" and (standing.lines is None or set(lines) <= set(standing.lines)):
            return
    await holding.write(work, order.id, order.number, order.account, "credit", verdict.note, lines)
