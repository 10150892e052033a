"""Ask anew, after what is asked for has changed: as little as possible, and never less than the rules say."""

from dataclasses import replace
from decimal import Decimal

from portal.db import requests
from portal.db.approvals import sits
from portal.db.requests import Said
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.approvals import Chain
from portal.domain.events import Event
from portal.domain.refusals import Forbidden
from portal.domain.requests import Request
from portal.operations import concluding, requesting
from portal.operations.crediting import Heard
from portal.operations.drafting import Supplier
from portal.operations.requesting import Grasp


async def ask_anew(
    work: Work, viewer: Viewer, held: Grasp, chain: Chain | None, total: Decimal, note: str | None,
    supplier: Supplier, heard: Heard | None,
) -> str:  # fmt: skip
    """Whoever must agree to what the request asks for now, at this total; answers the request's state.

    What was approved stands when the total has not grown, or when its condition covers the new one. Where no rule
    applies any more, it is done at once.
    """
    request = held.request
    _refuse_approver(held, viewer, chain)
    version = await requests.turn(work.conn, request.id, request.state, work.now, total)
    said = Said("change", viewer.person_id, "api" if "token" in viewer.roles else "page", note)
    await requesting.note(work, request.account, request.order_id, request.number, request.id, said, version)
    by = await requesting.name_of(work, viewer)
    if chain is None:
        now = replace(request, version=version, total=total)
        return await concluding.finish(work, held, now, by, note, supplier, heard)
    if total > request.total or _asks_more(chain, request):
        await _begin_anew(work, held, chain, total)
    fresh = await requesting.reread(work, request.number)
    if not await requesting.advance(work, fresh, held.timing):
        return fresh.state
    return await concluding.conclude(work, held, by, note, supplier, heard)


def _refuse_approver(held: Grasp, viewer: Viewer, chain: Chain | None) -> None:
    """Whoever is asked, or stands in for somebody who is, cannot change what they are asked to: they would approve
    their own order after all."""
    request = held.request
    if held.is_own_allowed or viewer.person_id is None or viewer.person_id == request.requester_id:
        return
    now = any(sits(seat, viewer.person_id) for seat in request.seats)
    if now or any(seat.person_id == viewer.person_id for seat in (chain.seats if chain else ())):
        raise Forbidden(
            f"You are asked to approve {request.number}: reject what is too much, or ask {request.requester} to change "
            "it."
        )


def _asks_more(chain: Chain, request: Request) -> bool:
    """Whether rules apply now that did not before."""
    before = {(reason["account"], reason["rule"]) for reason in request.reasons}
    return any((reason.account, reason.rule) not in before for reason in chain.reasons)


async def _begin_anew(work: Work, held: Grasp, chain: Chain, total: Decimal) -> None:
    request = held.request
    kept = [
        seat.person_id
        for seat in request.seats
        if seat.state == "approved"
        and (
            total <= request.total
            or (seat.condition is not None and concluding.holds(seat.condition, total, held))
        )
    ]
    await requests.begin_anew(work.conn, request.id, chain, kept)
    data = {
        "approval": request.number,
        "kind": request.kind,
        "again": "changed",
        "total": money.text(total, request.currency),
        "currency": request.currency,
        "approvers": [seat.name for seat in chain.seats if seat.person_id not in kept],
    }
    work.record(Event("order.approval_requested", *held.subject, data))
