"""How a request ends: everybody has agreed and the order is placed, or it will never be."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from portal.db import orders, portions, requests, revisions, stock
from portal.db.requests import Said
from portal.db.work import Work
from portal.domain import mails, money
from portal.domain.events import Event
from portal.domain.portions import OPEN, Portion, nothing
from portal.domain.quantities import ZERO
from portal.domain.refusals import Unacceptable
from portal.domain.requests import Request, SeatRead
from portal.operations import amending, billing, crediting, drafting, holding, planning, requesting
from portal.operations.crediting import Heard
from portal.operations.crowds import crowd_for
from portal.operations.drafting import Supplier
from portal.operations.moving import Grip, value_after
from portal.operations.requesting import Grasp


async def conclude(
    work: Work, held: Grasp, by: str, comment: str | None, supplier: Supplier, heard: Heard | None
) -> str:
    """All steps have passed: look once more at what was agreed on condition, then do what was agreed.

    Answers the request's state: approved, or pending when somebody has to be asked again.
    """
    request = await requesting.reread(work, held.request.number)
    lapsed = [seat for seat in request.seats if has_lapsed(seat, request, held)]
    if lapsed:
        await _ask_again(work, held, request, lapsed)
        return "pending"
    if await _lacks_authority(work, held, request):
        return "pending"
    return await finish(work, held, request, by, comment, supplier, heard)


async def finish(
    work: Work,
    held: Grasp,
    request: Request,
    by: str,
    comment: str | None,
    supplier: Supplier,
    heard: Heard | None,
) -> str:
    """Nobody has to agree any more: do what was asked for."""
    version = await requests.turn(work.conn, request.id, "approved", work.now)
    data: dict[str, Any] = {
        "approval": request.number,
        "kind": request.kind,
        "by": by,
        "comment": comment,
        "total": money.text(request.total, request.currency),
    }
    work.record(Event("order.approved", *held.subject, data))
    if request.kind == "amendment":
        state, why = await amending.apply(work, held, request, supplier, heard), None
    else:
        state, why = await _place(work, held, heard)
    data["state"] = state
    settled = replace(request, version=version)
    await requesting.tell(
        work, settled, request.requester_id, mails.APPROVED, {"by": by, "state": state, "note": why}
    )
    return "approved"


def has_lapsed(seat: SeatRead, request: Request, held: Grasp) -> bool:
    """Whether somebody agreed on a condition that does not hold any more."""
    if seat.state != "approved" or seat.condition is None:
        return False
    return not holds(seat.condition, request.total, held)


def holds(condition: Mapping[str, Any], total: Decimal, held: Grasp) -> bool:
    """Whether what somebody agreed to covers an order of this total, today."""
    most, until = condition.get("total"), condition.get("until")
    return (most is None or total <= Decimal(most)) and (until is None or held.today.isoformat() <= until)


async def _ask_again(work: Work, held: Grasp, request: Request, lapsed: Sequence[SeatRead]) -> None:
    """Their seats are open once more, and the chain goes on from the first of them."""
    await requests.void(work.conn, [seat.id for seat in lapsed])
    version = await requests.turn(work.conn, request.id, "pending", work.now)
    for seat in lapsed:
        said = Said("lapse", None, "clock", for_person_id=seat.person_id, condition=seat.condition)
        await requesting.note(
            work, request.account, request.order_id, request.number, request.id, said, version
        )
    await requests.reopen(work.conn, request.id, min(seat.position for seat in lapsed))
    await requesting.advance(work, await requesting.reread(work, request.number), held.timing)
    names = [seat.name for seat in lapsed]
    data = {"approval": request.number, "kind": request.kind, "again": "lapsed", "approvers": names}
    work.record(Event("order.approval_requested", *held.subject, data))


async def _lacks_authority(work: Work, held: Grasp, request: Request) -> bool:
    """Where nobody of those who agreed has the authority for the amount (any more), somebody who has it is asked."""
    crowd = await crowd_for(work, held.account.path, request)
    known = {(member.person_id, member.account): member for member in crowd.members}
    agreed = [seat for seat in request.seats if seat.state == "approved"]
    for seat in agreed:
        member = known.get((seat.person_id, seat.account))
        # What somebody agreed to who has left since, they agreed to with the authority that they had.
        if member is None or member.seat(seat.why).covers(request.total, request.currency):
            return False
    more = crowd.covering(request.total, request.currency, [seat.person_id for seat in agreed])
    if not more:
        shown = f"{money.text(request.total, request.currency)} {request.currency}"
        raise Unacceptable(
            f"Nobody who agreed, and nobody above them, has the authority to approve {shown} now: an account admin of "
            f"{' or '.join(crowd.accounts)} has to raise somebody's limit first."
        )
    position = await requests.add_step(work.conn, request.id, "authority")
    for member in more:
        await requests.add_seat(
            work.conn, request.id, position, member.person_id, member.account, "authority"
        )
    await requesting.advance(work, await requesting.reread(work, request.number), held.timing)
    return True


async def _place(work: Work, held: Grasp, heard: Heard | None) -> tuple[str, str | None]:
    """The order takes its place in the queue now, or waits for credit; answers which, and why it waits."""
    order = held.order
    lines = await orders.lines(work.conn, order.id)
    skus = {line.sku for line in lines}
    products = await stock.lock(work.conn, skus)
    rows = [row for row in await portions.of_order(work.conn, order.id) if row.stage in OPEN]
    grip = Grip(order, lines, {}, await portions.of_order(work.conn, order.id))
    worth = value_after(work, grip, nothing())
    placed: dict[str, Any] = {
        **await revisions.told(work.conn, order.id),
        "total": money.text(worth, order.currency),
        "currency": order.currency,
        "lines": len({row.line_id for row in rows}),
        "placed_at": order.placed_at.isoformat(),
        "approval": held.request.number,
    }
    work.record(Event("order.placed", *held.subject, placed))
    work.touch(order.id, [line.id for line in lines])
    verdict = await crediting.judge(work, held.account, worth, heard)
    await crediting.keep(work, held.account, order.id, verdict)
    if not verdict.is_covered:
        await revisions.set_state(work.conn, order.id, "held")
        await holding.write(work, order.id, order.number, order.account, "credit", verdict.note, None)
        return "held", verdict.note
    await _refuse_missing(work, held, rows, products)
    await orders.open_up(work.conn, order.id)
    short = await planning.replan(
        work, {row.sku for row in rows}, {"what": "order_placed"}, fresh=order.id, products=products
    )
    placed["waiting"] = short.get(order.id, [])
    billing.follow_later(work, order.id)
    return "open", None


async def _refuse_missing(
    work: Work, held: Grasp, rows: Sequence[Portion], products: Mapping[str, stock.Product]
) -> None:
    """What takes no backorders must be there now; it was not set aside while people decided."""
    scarce: dict[str, Decimal] = {}
    for row in rows:
        if products[row.sku].managed and products[row.sku].backorders == "deny":
            scarce[row.sku] = scarce.get(row.sku, ZERO) + row.quantity
    said = await drafting.missing(work, held.account, scarce)
    if said:
        raise Unacceptable(f"{'; '.join(said.values())}. Reject these lines, or approve when it is there.")


async def end_order(work: Work, held: Grasp, state: str, data: Mapping[str, Any]) -> None:
    """Nothing of the order will ever come. `state` is what becomes of it: rejected or cancelled."""
    order = held.order
    lines = await orders.lines(work.conn, order.id)
    await stock.lock(work.conn, {line.sku for line in lines})
    rewriting = nothing()
    for portion in await portions.of_order(work.conn, order.id):
        if portion.stage in OPEN:
            rewriting.changed.append(portion.to("cancelled", because=(), ships_on=None, arrives_on=None))
    await portions.rewrite(work.conn, rewriting)
    if state == "rejected":
        await revisions.set_state(work.conn, order.id, "rejected")
    work.value(order.id, still_open=ZERO, shipped=ZERO)
    work.touch(order.id, [line.id for line in lines])
    work.record(Event("order.rejected", *held.subject, {"approval": held.request.number, **data}))


async def end(work: Work, held: Grasp, state: str, said: Said, data: Mapping[str, Any]) -> Request:
    """The request ends without its order being placed: rejected, expired or withdrawn; answers it as it is then."""
    request = held.request
    version = await requests.turn(work.conn, request.id, state, work.now)
    await requesting.note(work, request.account, request.order_id, request.number, request.id, said, version)
    if request.kind == "amendment":
        told = {"approval": request.number, **data}
        work.record(Event("order.change_rejected", *held.subject, told))
    else:
        await end_order(work, held, "cancelled" if state == "withdrawn" else "rejected", data)
    return replace(request, version=version)
