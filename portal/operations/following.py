"""What carriers say of a shipment, applied once, whatever the order and however often it comes."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.db import orders, parked, places, portions, shipments, stock
from portal.db.shipments import Found, Package
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.carriers import state_after
from portal.domain.events import Event
from portal.domain.portions import Portion, nothing, take, total
from portal.domain.quantities import ZERO, parse, text
from portal.domain.refusals import Conflict, NotFound, Problem, Unacceptable, refuse_any
from portal.operations import billing
from portal.operations.moving import Grip, Part

# Parked messages were let in by a supplier's token when they came.
EVERYBODY = Viewer("portal", "portal", None, frozenset({"*"}))


@dataclass(frozen=True, slots=True)
class Message:
    """What a carrier says of a shipment. With `lines`, only these quantities were delivered."""

    state: str
    at: datetime
    note: str | None = None
    tracking_number: str | None = None
    lines: Sequence[Part] | None = None


async def resolve(work: Work, viewer: Viewer, name: str) -> Found | None:
    """The shipment by our number, by another system's id, or by the tracking number of a package."""
    found = await shipments.find(work.conn, viewer, name)
    if found is not None:
        return found
    number = await work.conn.fetchval(
        """select s.number from shipment s where s.external_id = $1
           union all
           select s.number from package k join shipment s on s.id = k.shipment_id where k.tracking_number = $1
           limit 1""",
        name,
    )
    return await shipments.find(work.conn, viewer, number) if number else None


async def hear(work: Work, viewer: Viewer, name: str, message: Message) -> str | None:
    """Apply a carrier's message, or keep it until what it speaks of is known. Answers the order's number, if so."""
    found = await resolve(work, viewer, name)
    if found is None:
        await parked.claim(work.conn, "shipment", [name])
        found = await resolve(work, viewer, name)
    if found is None:
        await parked.park(work, "shipment", name, as_parked(message))
        return None
    await follow(work, viewer, found.number, message)
    return found.order


def as_parked(message: Message) -> dict[str, object]:
    """A carrier's message as it is kept until its shipment becomes known."""
    return {
        "state": message.state,
        "at": message.at.isoformat(),
        "note": message.note,
        "tracking_number": message.tracking_number,
        "lines": [{"line": part.line, "quantity": text(part.quantity)} for part in message.lines]
        if message.lines is not None
        else None,
    }


def of_parked(body: Mapping[str, Any]) -> Message:
    """The same, as it was kept."""
    lines = [Part(int(part["line"]), parse(part["quantity"])) for part in body.get("lines") or ()]
    return Message(
        state=str(body["state"]),
        at=datetime.fromisoformat(body["at"]),
        note=body.get("note"),
        tracking_number=body.get("tracking_number"),
        lines=lines or None,
    )


async def follow(work: Work, viewer: Viewer, number: str, message: Message) -> None:
    """Apply what a carrier says. The same message twice has one effect; a late one never takes anything back."""
    found = await locked(work, viewer, number)
    held = await grip_shipment(work, viewer, found)
    if found.state == "cancelled":
        raise Conflict(
            f"Shipment {number} was cancelled; the carrier's message is about goods that did not leave."
        )
    moving = [portion for portion in held.portions if portion.shipment_id == found.id]
    if message.lines is not None and message.state != "delivered":
        raise Unacceptable(
            "Only a delivery can concern single lines.", [Problem("/lines", "only with delivered")]
        )
    if not await _keep(work, found, message):
        return
    if message.tracking_number:
        await shipments.add_packages(work.conn, found.id, [Package(message.tracking_number)])

    day = await _day_there(work, found, message.at) if message.state == "delivered" else None
    delivered = await _deliver(work, held, moving, message, day) if day else []
    rest = total(p for p in moving if p.stage == "shipped") - sum((part.quantity for part in delivered), ZERO)
    state = state_after(await shipments.told(work.conn, found.id), all_delivered=not rest)
    await shipments.set_state(
        work.conn, found.id, state, delivered_at=message.at if state == "delivered" and delivered else None
    )
    lines = {portion.line_id: held.line_of(portion) for portion in moving}
    data: dict[str, Any] = {
        "shipment": number,
        "state": state,
        "carrier_state": message.state,
        "at": message.at.isoformat(),
        "note": message.note,
        "carrier": found.carrier,
        "mode": found.mode,
        "location": found.location,
        "expected_on": found.expected_on.isoformat() if found.expected_on else None,
        "lines": [
            {"line": lines[part.line_id][0], "sku": part.sku, "quantity": text(part.quantity)}
            for part in (delivered or moving)
        ],
    }
    if day and delivered:
        data |= {"delivered_on": day.isoformat(), "lines": await _with_promises(work, held, delivered)}
    kind = "shipment.delivered" if delivered else "shipment.updated"
    work.record(Event(kind, found.account, held.order.id, held.order.number, data))
    work.touch(held.order.id, [portion.line_id for portion in moving])
    if delivered:
        billing.follow_later(work, held.order.id)


async def locked(work: Work, viewer: Viewer, number: str) -> Found:
    """The shipment, read once its order is locked: all changes of a shipment go through its order's row."""
    found = await shipments.find(work.conn, viewer, number)
    if found is None:
        raise NotFound(f"There is no shipment {number!r}.")
    await orders.lock(work.conn, viewer, found.order)
    found = await shipments.find(work.conn, viewer, number)
    assert found is not None
    return found


@dataclass(slots=True)
class ShipmentGrip(Grip):
    """A grip on the order of a shipment."""

    def line_of(self, portion: Portion) -> tuple[int, str]:
        """(line number, SKU) of a portion."""
        line = next(line for line in self.lines if line.id == portion.line_id)
        return line.line, line.sku

    def by_line(self, portions: Iterable[Portion]) -> Mapping[int, list[Portion]]:
        """Portions by the number of their line, those of a line in their order."""
        lines = {line.id: line.line for line in self.lines}
        found: dict[int, list[Portion]] = defaultdict(list)
        for portion in portions:
            found[lines[portion.line_id]].append(portion)
        return found


async def grip_shipment(work: Work, viewer: Viewer, found: Found) -> ShipmentGrip:
    order = await orders.lock(work.conn, viewer, found.order)
    lines = await orders.lines(work.conn, order.id)
    mine = {
        portion.line_id
        for portion in await portions.of_order(work.conn, order.id)
        if portion.shipment_id == found.id
    }
    await stock.lock(work.conn, {line.sku for line in lines if line.id in mine})
    return ShipmentGrip(order, lines, {}, await portions.of_order(work.conn, order.id))


async def _keep(work: Work, found: Found, message: Message) -> bool:
    parts = [{"line": part.line, "quantity": text(part.quantity)} for part in message.lines or ()]
    said = "|".join(
        [
            message.state,
            message.at.isoformat(),
            message.tracking_number or "",
            *sorted(f"{part['line']}:{part['quantity']}" for part in parts),
        ]
    )
    return await shipments.add_event(
        work.conn,
        found.id,
        message.state,
        message.at,
        message.note,
        message.tracking_number,
        parts or None,
        hashlib.sha256(said.encode()).hexdigest(),
    )


async def _day_there(work: Work, found: Found, at: datetime) -> date:
    """The day of an instant at the place that the shipment left."""
    zone = await work.conn.fetchval(
        """select coalesce(l.time_zone, 'UTC') from location l where l.code = $1""", found.location
    )
    return places.today_at(zone, at)


async def _with_promises(
    work: Work, held: ShipmentGrip, delivered: Sequence[Portion]
) -> list[dict[str, Any]]:
    """What was delivered as an event tells it: also the day that was promised first. An order that ships complete has
    one promise for all of it; the day that was promised last is the one for which the shipment was expected."""
    whole: date | None = None
    if held.order.delivery_preference == "complete_only":
        whole = await work.conn.fetchval(
            "select first_complete_arrives_on from order_status where order_id = $1", held.order.id
        )
    lines = {portion.line_id: held.line_of(portion)[0] for portion in delivered}
    return [
        {"line": lines[portion.line_id], "sku": portion.sku, "quantity": text(portion.quantity)}
        | {"first_promise": first.isoformat() if (first := whole or portion.first_arrives_on) else None}
        for portion in delivered
    ]


async def _deliver(
    work: Work, held: ShipmentGrip, moving: Sequence[Portion], message: Message, day: date
) -> list[Portion]:
    """Shipped becomes delivered: all of it, or the lines that the message names."""

    def arrived(portion: Portion) -> Portion:
        return portion.to("delivered", arrives_on=day, because=())

    on_the_way = [portion for portion in moving if portion.stage == "shipped"]
    rewriting = nothing()
    taken: list[Portion] = []
    if message.lines is None:
        for portion in on_the_way:
            taken += take([portion], portion.quantity, arrived, rewriting)
    else:
        problems: list[Problem] = []
        seen: set[int] = set()
        by_line = held.by_line(on_the_way)
        for index, part in enumerate(message.lines):
            if part.line in seen:
                problems.append(Problem(f"/lines/{index}/line", f"line {part.line} stands here twice"))
                continue
            seen.add(part.line)
            source = by_line.get(part.line, [])
            if part.quantity > total(source) or part.quantity <= 0:
                problems.append(
                    Problem(
                        f"/lines/{index}/quantity",
                        f"{text(part.quantity)} delivered, "
                        f"but {text(total(source))} of line {part.line} are on the way",
                    )
                )
                continue
            taken += take(source, part.quantity, arrived, rewriting)
        refuse_any(problems)
    await portions.rewrite(work.conn, rewriting)
    return taken


async def apply_parked(
    work: Work, number: str, packages: Sequence[Package], external_id: str | None = None
) -> None:
    """Messages that came before the shipment was known, by whatever name `resolve` knows it, are applied now."""
    keys = [number, *(package.tracking_number for package in packages if package.tracking_number)]
    if external_id is not None:
        keys.append(external_id)
    for message in await parked.waiting_for(work.conn, "shipment", keys):
        known = of_parked(message.body)

        async def apply(known: Message = known) -> None:
            await follow(work, EVERYBODY, number, known)

        await parked.attempt(work, message, apply)
