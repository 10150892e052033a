"""Set and lift holds. A held portion keeps its stock and its place in the queue, but does not move."""

from collections.abc import Iterable, Sequence
from typing import Any

from portal.db import accounts, holds, orders, stock
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.credit import Heard
from portal.domain.events import Event
from portal.domain.quantities import ZERO
from portal.domain.refusals import Conflict, NotFound, Problem, Unacceptable, refuse_any
from portal.operations import billing, crediting, planning


async def hold(
    work: Work, viewer: Viewer, number: str, reason: str, note: str | None, lines: Sequence[int] | None
) -> int:
    """Stop the order, or these lines of it; answers the hold's id."""
    order = await orders.lock(work.conn, viewer, number)
    # What has left may still wait for finance to decide that it is billed.
    waits = reason == "finance" and order.state == "closed" and await billing.waits(work.conn, order.id)
    if order.state in ("closed", "cancelled", "rejected") and not waits:
        raise Conflict(f"Order {number} is {order.state}: there is nothing left to hold.")
    known = {line.line: line for line in await orders.lines(work.conn, order.id)}
    if lines is not None:
        if not lines:
            raise Unacceptable(
                "Name at least one line, or leave `lines` out to hold the whole order.",
                [Problem("/lines", "empty")],
            )
        problems = [
            Problem(f"/lines/{index}", f"order {number} has no line {line}")
            for index, line in enumerate(lines)
            if line not in known
        ]
        refuse_any(problems)
    hold_id = await write(work, order.id, order.number, order.account, reason, note, lines)
    work.touch(order.id, [known[line].id for line in (lines if lines is not None else known)])
    return hold_id


async def write(
    work: Work,
    order_id: int,
    number: str,
    account: str,
    reason: str,
    note: str | None,
    lines: Sequence[int] | None,
) -> int:
    """Write a hold and say so."""
    wanted = sorted(set(lines)) if lines is not None else None
    hold_id = await holds.insert(work.conn, order_id, account, reason, note, wanted, work.now, work.actor)
    data = {"id": str(hold_id), "reason": reason, "note": note, "lines": wanted}
    work.record(Event("hold.set", account, order_id, number, data))
    return hold_id


async def release(
    work: Work, viewer: Viewer, number: str, hold_id: str, note: str | None, heard: Heard | None = None
) -> None:
    """Lift one hold. Lifting a credit hold checks the credit again, under the account's lock.

    `heard` is what the ERP answered before this began, for an account whose credit it knows.
    """
    found = await orders.find(work.conn, viewer, number)
    standing = await holds.get(work.conn, found[0], hold_id) if found else None
    if standing is None:
        raise NotFound(f"Order {number} has no hold {hold_id}.")
    # The account is locked before the order, here as everywhere.
    account = await accounts.lock(work.conn, standing.account)
    order = await orders.lock(work.conn, viewer, number)
    standing = await holds.get(work.conn, order.id, hold_id)
    assert account is not None
    assert standing is not None
    if standing.released_at is not None:
        raise Conflict(f"Hold {hold_id} was lifted already, on {standing.released_at:%d %b %Y at %H:%M} UTC.")

    if standing.reason == "credit":
        await _refuse_uncovered(work, account, order, heard)
    await lift(work, order, standing, note)


async def lift(work: Work, order: orders.Locked, standing: holds.Standing, note: str | None) -> None:
    """The hold no longer stands, and what it kept from being billed is billed. The account and the order are locked;
    where it was for credit, there is room now."""
    await holds.release(work.conn, standing.id, note, work.now, work.actor)
    data: dict[str, Any] = {
        "id": str(standing.id),
        "reason": standing.reason,
        "note": note,
        "lines": standing.lines,
    }
    work.record(Event("hold.released", order.account, order.id, order.number, data))
    if standing.reason == "credit":
        worth = money.text(order.open_value, order.currency)
        work.audit(
            order.account,
            "credit.released",
            order.number,
            data | {"total": worth, "currency": order.currency},
        )
    lines = await orders.lines(work.conn, order.id)
    work.touch(order.id, [line.id for line in lines if standing.lines is None or line.line in standing.lines])
    if order.state == "held" and standing.reason == "credit":
        # Its first plan: what placing could not say yet.
        data["waiting"] = await _take_place(work, order)
    await billing.follow(work, order.id)


async def _refuse_uncovered(
    work: Work, account: accounts.Account, order: orders.Locked, heard: Heard | None
) -> None:
    # What is held as a whole does not count yet; what was stopped on its way does.
    more = order.open_value if order.state == "held" else ZERO
    verdict = await crediting.judge(work, account, more, heard)
    if not verdict.is_covered:
        raise Unacceptable(f"{verdict.note} The order stays held.")
    await crediting.keep(work, account, order.id, verdict)


async def _take_place(work: Work, order: orders.Locked) -> Sequence[dict[str, Any]]:
    """Answers the lines that get no stock, as an event tells them."""
    skus = {line.sku for line in await orders.lines(work.conn, order.id)}
    await stock.lock(work.conn, skus)
    await orders.open_up(work.conn, order.id)
    short = await planning.replan(work, skus, {"what": "hold_released"}, fresh=order.id)
    return short.get(order.id, [])


async def refuse_held(work: Work, order: orders.Locked, lines: Iterable[int]) -> None:
    """Refuse when a hold stands on any of these lines."""
    wanted = set(lines)
    for standing in await holds.standing(work.conn, order.id):
        stopped = [line for line in wanted if standing.lines is None or line in standing.lines]
        if stopped:
            listed = ", ".join(map(str, sorted(stopped)))
            noun = "line" if len(stopped) == 1 else "lines"
            raise Conflict(
                f"A {standing.reason} hold stops {noun} {listed} of order {order.number}; it must be lifted first."
            )
