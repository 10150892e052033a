"""The queue as staff want it: put a line ahead, give it somebody's stock, serve it from another location.

Each change has a reason that all buyers it concerns read on their pages; what else there is to say of a priority stays
in a note among staff.
"""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from portal.db import orders, overrides, portions, stock
from portal.db.inbound import Announced
from portal.db.orders import OrderedLine
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.events import Event
from portal.domain.portions import Portion, nothing, take, total
from portal.domain.quantities import text
from portal.domain.reasons import REASONS
from portal.domain.refusals import Conflict, NotFound, Problem, Unacceptable
from portal.operations import planning, receiving
from portal.operations.moving import Grip, Part, grip
from portal.operations.picking import give_back, refuse_unknown

FURTHEST = 1000
# Beyond this it is a slip of the pen.
FURTHEST_DAYS = 3660


async def reprioritise(
    work: Work, viewer: Viewer, number: str, line: int, priority: int | None, reason: str, note: str | None
) -> None:
    """Give what waits of a line another place in the queue; None: the one that its account has."""
    _refuse_reason(reason)
    if priority is not None and abs(priority) > FURTHEST:
        raise Unacceptable(
            f"A priority lies between -{FURTHEST} and {FURTHEST}.", [Problem("/priority", "out of range")]
        )
    held, wanted = await _line(work, viewer, number, line)
    _refuse_settled(held, wanted)
    before = await overrides.get(work.conn, wanted.id)
    if before.priority == priority:
        raise Conflict(f"Line {line} of order {number} has that place in the queue already.")
    after = replace(before, priority=priority, reason=reason, note=note)
    order = held.order
    await overrides.write(work, wanted.id, order.id, order.account, wanted.sku, after)
    _say(work, held, wanted, {"priority": priority, "reason": reason})
    await planning.replan(work, [wanted.sku], {"what": "queue_changed", "reason": reason})


async def reassign(
    work: Work,
    viewer: Viewer,
    number: str,
    line: int,
    from_number: str,
    from_line: int,
    quantity: Decimal,
    location: str,
    reason: str,
) -> None:
    """Take stock that nobody picks yet from one order's line, and give it to another line that waits for it."""
    _refuse_reason(reason)
    await _lock_both(work, viewer, number, from_number)
    await refuse_unknown(work, location)
    giver, given = await _line(work, viewer, from_number, from_line, quantity)
    taker, wanted = await _line(work, viewer, number, line, quantity)
    _refuse_other(given, wanted)
    if taker.order.state != "open":
        raise Conflict(f"Order {number} is {taker.order.state}: it takes no stock before it is placed.")
    source = [p for p in giver.of(from_line, stages=("allocated",), location=location) if p.counted]
    free = [portion for portion in source if portion.agreement is None]
    _refuse_more(
        quantity, total(free), f"of line {from_line} of {from_number} stand at {location} and could be given"
    )
    _refuse_more(quantity, total(taker.of(line, stages=("waiting",))), f"of line {line} of {number} wait")

    cause: planning.Cause = {"what": "reassigned", "reason": reason}
    await _release(work, giver, given, free, quantity, location, cause)
    earmarks = {wanted.sku: {(wanted.id, location): quantity}}
    await planning.replan(work, [wanted.sku], cause, earmarks=earmarks)


async def relocate(
    work: Work,
    viewer: Viewer,
    number: str,
    line: int,
    quantity: Decimal | None,
    from_location: str | None,
    to_location: str | None,
    reason: str,
    by_transfer_on: date | None = None,
) -> None:
    """Serve a line from another location.

    With `from_location`, so much of what is set aside there: it is given stock that is free at `to_location`, or, with
    `by_transfer_on`, the goods themselves go there and are expected that day. Without it, all that waits of the line:
    it is served from `to_location` only; None serves it from anywhere again.
    """
    _refuse_reason(reason)
    for code in (from_location, to_location):
        if code is not None:
            await refuse_unknown(work, code)
    held, wanted = await _line(work, viewer, number, line, quantity)
    if from_location is None:
        await _serve_from(work, held, wanted, quantity, to_location, reason)
        return
    if quantity is None or to_location is None or from_location == to_location:
        raise Unacceptable(
            "What is set aside moves from one location to another: say how much, and where to.",
            [
                Problem("/to_location", "needed, and another than from_location"),
                Problem("/quantity", "needed"),
            ],
        )
    source = [p for p in held.of(line, stages=("allocated",), location=from_location) if p.counted]
    _refuse_more(
        quantity, total(source), f"of line {line} stand ready at {from_location} and are not being picked"
    )
    if by_transfer_on is None:
        await _change_stock(work, held, wanted, source, quantity, from_location, to_location, reason)
    else:
        await _transfer(
            work, held, wanted, source, quantity, from_location, to_location, reason, by_transfer_on
        )


async def _serve_from(
    work: Work,
    held: Grip,
    wanted: OrderedLine,
    quantity: Decimal | None,
    location: str | None,
    reason: str,
) -> None:
    _refuse_settled(held, wanted)
    waits = total(held.of(wanted.line, stages=("waiting",)))
    if quantity is not None and quantity != waits:
        raise Unacceptable(
            f"All that waits of line {wanted.line} moves together: {text(waits)}, not {text(quantity)}.",
            [Problem("/quantity", f"{text(waits)} wait")],
        )
    before = await overrides.get(work.conn, wanted.id)
    if before.location == location:
        raise Conflict(f"Line {wanted.line} of order {held.order.number} is served from there already.")
    await _bind(work, held, wanted, before, location, reason)
    _say(work, held, wanted, {"location": location, "reason": reason})
    await planning.replan(work, [wanted.sku], {"what": "relocated", "reason": reason})


async def _bind(
    work: Work, held: Grip, wanted: OrderedLine, before: overrides.Override, location: str | None, reason: str
) -> None:
    """Serve the line from that location only. A place of its own in the queue keeps its reason."""
    after = replace(before, location=location)
    if before.priority is None:
        after = replace(after, reason=reason, note=None)
    order = held.order
    await overrides.write(work, wanted.id, order.id, order.account, wanted.sku, after)


async def _change_stock(
    work: Work,
    held: Grip,
    wanted: OrderedLine,
    source: Sequence[Portion],
    quantity: Decimal,
    from_location: str,
    to_location: str,
    reason: str,
) -> None:
    """The goods stay where they are, for others; the line gets what is free at the other place."""
    level = await stock.level(work.conn, to_location, wanted.sku)
    _refuse_more(
        quantity,
        max(level.free, Decimal(0)) if level else Decimal(0),
        f"of {wanted.sku} are free at {to_location}",
    )
    cause: planning.Cause = {"what": "relocated", "reason": reason}
    await _release(work, held, wanted, source, quantity, from_location, cause)
    earmarks = {wanted.sku: {(wanted.id, to_location): quantity}}
    await planning.replan(work, [wanted.sku], cause, earmarks=earmarks)


async def _transfer(
    work: Work,
    held: Grip,
    wanted: OrderedLine,
    source: Sequence[Portion],
    quantity: Decimal,
    from_location: str,
    to_location: str,
    reason: str,
    expected_on: date,
) -> None:
    """The goods themselves go: off the shelf here, on their way, and this line's when they come in."""
    if expected_on < work.now.date():
        raise Unacceptable(
            f"A transfer cannot arrive on {expected_on}: that day is over.",
            [Problem("/transfer_expected_on", "is over")],
        )
    if (expected_on - work.now.date()).days > FURTHEST_DAYS:
        raise Unacceptable(
            f"A transfer cannot take until {expected_on}: that lies more than ten years away.",
            [Problem("/transfer_expected_on", "lies more than ten years away")],
        )
    await _release(
        work, held, wanted, source, quantity, from_location, {"what": "relocated", "reason": reason}
    )
    # What else is free here is for others: without this the line would take it, and the goods would travel for nobody.
    before = await overrides.get(work.conn, wanted.id)
    await _bind(work, held, wanted, before, to_location, reason)
    order = held.order
    line = Announced(1, wanted.sku, quantity, expected_on, order.number, wanted.line)
    await receiving.announce(
        work,
        receiving.Announcement(
            "transfer", _reference(), to_location, [line], from_location=from_location, confirmed=True
        ),
    )


def _reference() -> str:
    """Drawn, not made of the order's number: should the goods become somebody else's, that buyer reads it."""
    return f"TR-{secrets.token_hex(5).upper()}"


async def _release(
    work: Work,
    held: Grip,
    line: OrderedLine,
    source: Sequence[Portion],
    quantity: Decimal,
    location: str,
    cause: planning.Cause,
) -> None:
    """The line waits again for so much; the stock is nobody's until the plan that follows."""
    rewriting = nothing()
    today = work.now.date()
    taken = take(source, quantity, lambda portion: portion.back_in_the_queue(today), rewriting)
    await portions.rewrite(work.conn, rewriting)
    await give_back(work, taken)
    changes: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    changes[line.sku, location] = {"allocated": -quantity}
    await stock.change(work.conn, changes)
    order = held.order
    told = {"line": line.line, "sku": line.sku, "quantity": text(quantity), "location": location}
    work.record(
        Event("portion.released", order.account, order.id, order.number, {"lines": [told], "cause": cause})
    )
    work.touch(order.id, [line.id])


def _say(work: Work, held: Grip, line: OrderedLine, decided: dict[str, object]) -> None:
    order = held.order
    data = {"lines": [{"line": line.line, "sku": line.sku}], **decided}
    work.record(Event("queue.changed", order.account, order.id, order.number, data))
    work.touch(order.id, [line.id])


async def _lock_both(work: Work, viewer: Viewer, *numbers: str) -> None:
    """Two orders, the elder first: two people who exchange the same goods do not wait for each other."""
    found = []
    for number in numbers:
        order = await orders.find(work.conn, viewer, number)
        if order is None:
            raise NotFound(f"There is no order {number!r}.")
        found.append((order[0], number))
    for _, number in sorted(found):
        await orders.lock(work.conn, viewer, number)


async def _line(
    work: Work, viewer: Viewer, number: str, line: int, quantity: Decimal | None = None
) -> tuple[Grip, OrderedLine]:
    """The order held for a change, and one line of it; a quantity is checked against the line's unit."""
    held = await grip(work, viewer, number, [Part(line, Decimal(1) if quantity is None else quantity)])
    return held, held.line(line)


def _refuse_settled(held: Grip, line: OrderedLine) -> None:
    if not held.of(line.line, stages=("waiting",)):
        raise Conflict(f"Nothing of line {line.line} of order {held.order.number} waits in the queue.")


def _refuse_other(given: OrderedLine, wanted: OrderedLine) -> None:
    if given.sku != wanted.sku:
        raise Unacceptable(
            f"Line {given.line} is {given.sku}, line {wanted.line} is {wanted.sku}: only the same can be given.",
            [Problem("/from_line", f"is {given.sku}")],
        )
    if given.id == wanted.id:
        raise Unacceptable(
            "A line cannot be given its own stock.", [Problem("/from_line", "is the same line")]
        )


def _refuse_more(wanted: Decimal, there: Decimal, what: str) -> None:
    if wanted > there:
        raise Unacceptable(
            f"{text(wanted)} wanted, but {text(there)} {what}.",
            [Problem("/quantity", f"{text(there)} {what}")],
        )


def _refuse_reason(reason: str) -> None:
    if reason not in REASONS:
        raise Unacceptable(
            f"A reason is one of {', '.join(REASONS)}.",
            [Problem("/reason", f"not one of {', '.join(REASONS)}")],
        )
