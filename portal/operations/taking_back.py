"""What comes back is booked: onto the shelf, apart, or away; what it was billed for is credited in the same breath."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.db import places, portions, returns, shipments, stock
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.events import Event
from portal.domain.portions import Portion, Rewriting, nothing, take, total
from portal.domain.quantities import ZERO, NotAQuantity, check_unit, text
from portal.domain.refusals import Conflict, Problem, refuse_any
from portal.domain.returns import QUARANTINE, SCRAP, Return, ReturnLine
from portal.operations import billing, following, planning, returning
from portal.operations.following import ShipmentGrip
from portal.operations.returning import told


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a line, and where it goes. `closed`: nothing more of it will come."""

    line: int
    quantity: Decimal
    went_to: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Booked:
    """What a receipt brought about."""

    credit_notes: Sequence[str]
    is_done: bool


async def receive(work: Work, viewer: Viewer, number: str, came: Sequence[Came]) -> Booked:
    """Book what came of an authorised return. A line may be named more than once, for different places."""
    found = await returning.locked(work, viewer, number)
    if found.state != "authorised":
        raise Conflict(f"Return {number} is {found.state}: only what is authorised is received.")
    shipment = await shipments.find(work.conn, viewer, found.shipment)
    assert shipment is not None
    held = await following.grip_shipment(work, viewer, shipment)
    out = held.by_line(
        p for p in held.portions if p.shipment_id == shipment.id and p.stage in ("delivered", "shipped")
    )
    _refuse(found, out, came)
    fact = {"fact": "returned", "return": number, "on": await _today(work, shipment.location)}
    rewriting = nothing()
    changes: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in {part.line: None for part in came}:
        parts = [part for part in came if part.line == line]
        taken = _take(out.get(line, []), parts, fact, rewriting)
        _put_away(taken, parts, shipment.location, changes)
    await portions.rewrite(work.conn, rewriting)
    await stock.change(work.conn, changes)
    is_done = await _write(work, viewer, found, held, came)
    _tell(work, held, found, came, is_done=is_done)
    if changes:
        await planning.replan(work, {sku for sku, _ in changes}, {"what": "goods_returned"})
    issued = await billing.follow(work, held.order.id)
    return Booked(await returns.credited(work.conn, found.id, issued), is_done)


async def _today(work: Work, location: str) -> str:
    """The day at the place where the goods came in."""
    zone = await work.conn.fetchval("select time_zone from location where code = $1", location)
    return places.today_at(zone, work.now).isoformat()


def _refuse(found: Return, out: Mapping[int, Sequence[Portion]], came: Sequence[Came]) -> None:
    """All that is wrong at once: more than was announced, more than is out, nothing at all, a place twice."""
    problems = []
    wanted: dict[int, Decimal] = defaultdict(Decimal)
    seen: set[tuple[int, str]] = set()
    for index, part in enumerate(came):
        at = f"/lines/{index}"
        line = found.line(part.line)
        if line is None:
            problems.append(Problem(f"{at}/line", f"return {found.number} has no line {part.line}"))
            continue
        if (part.line, part.went_to) in seen:
            problems.append(Problem(f"{at}/line", f"line {part.line} stands here twice"))
        seen.add((part.line, part.went_to))
        wanted[part.line] += part.quantity
        said = _wrong(part, line, wanted[part.line], total(out.get(part.line, ())))
        problems += [Problem(f"{at}/received", said)] if said else []
    if not came:
        problems.append(Problem("/lines", "name at least one line"))
    refuse_any(problems)


def _wrong(part: Came, line: ReturnLine, wanted: Decimal, out: Decimal) -> str:
    if not part.quantity and not part.closed:
        return f"nothing came of line {line.line}"
    if line.closed:
        return f"line {line.line} is closed: nothing more of it was to come"
    try:
        check_unit(part.quantity, line.unit)
    except NotAQuantity as wrong:
        return str(wrong)
    if wanted > line.outstanding:
        numbers = f"{text(line.quantity)} were announced, {text(line.received)} came before"
        return f"{text(wanted)} of line {line.line} came, {text(line.outstanding)} are outstanding: {numbers}"
    if wanted > out:
        return f"{text(wanted)} of line {line.line} came, but {text(out)} of it are still out"
    return ""


def _take(
    mine: list[Portion], parts: Sequence[Came], fact: dict[str, str], rewriting: Rewriting
) -> list[Portion]:
    """Move a line's portions to `returned`: what was delivered before what is still on its way."""

    def back(portion: Portion) -> Portion:
        return portion.to("returned", arrives_on=None, because=[fact])

    mine.sort(key=lambda portion: (portion.stage != "delivered", portion.id or 0))
    return take(mine, sum((part.quantity for part in parts), ZERO), back, rewriting)


def _put_away(
    taken: Sequence[Portion],
    parts: Sequence[Came],
    location: str,
    changes: dict[tuple[str, str], dict[str, Decimal]],
) -> None:
    """Where goods that are counted stand now; what is thrown away stands nowhere."""
    counted = sum((portion.quantity for portion in taken if portion.counted), ZERO)
    for part in parts:
        quantity = min(part.quantity, counted)
        counted -= quantity
        if not quantity or part.went_to == SCRAP:
            continue
        level = changes[taken[0].sku, location]
        level["on_hand"] += quantity
        if part.went_to == QUARANTINE:
            level["quarantined"] += quantity


async def _write(work: Work, viewer: Viewer, found: Return, held: ShipmentGrip, came: Sequence[Came]) -> bool:
    """The receipts, and the lines as they stand then; answers whether nothing more is to come of the return."""
    ids = {line.line: line.id for line in held.lines}
    arrived = [(ids[part.line], part.quantity, part.went_to) for part in came if part.quantity]
    await returns.insert_receipts(work.conn, found.id, arrived, viewer.actor, work.now)
    sums: dict[int, tuple[Decimal, bool]] = {}
    for part in came:
        before, closed = sums.get(part.line, (ZERO, False))
        sums[part.line] = (before + part.quantity, closed or part.closed)
    rows = [(ids[line], quantity, closed) for line, (quantity, closed) in sums.items()]
    work.touch(held.order.id, [line_id for line_id, _, _ in rows])
    return await returns.receive(work.conn, found.id, rows, work.now)


def _tell(work: Work, held: ShipmentGrip, found: Return, came: Sequence[Came], *, is_done: bool) -> None:
    order, skus = held.order, {line.line: line.sku for line in held.lines}
    head: dict[str, Any] = {"return": found.number, "shipment": found.shipment}
    arrived = [
        {"line": part.line, "sku": skus[part.line], "quantity": text(part.quantity), "to": part.went_to}
        for part in came
        if part.quantity
    ]
    if arrived:
        data = head | {"lines": arrived, "closed": is_done}
        work.record(Event("return.received", order.account, order.id, order.number, data))
    if is_done:
        lines = [
            line | {"received": text(_received(found, came, line["line"]))} for line in told(found.lines)
        ]
        data = head | {"lines": lines}
        work.record(Event("return.closed", order.account, order.id, order.number, data))


def _received(found: Return, came: Sequence[Came], number: int) -> Decimal:
    """All that has come of a line with this receipt."""
    line = found.line(number)
    assert line is not None
    return line.received + sum((part.quantity for part in came if part.line == number), ZERO)
