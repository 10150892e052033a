"""What those who are asked decide, what the requester answers, and what becomes of the order."""

from collections.abc import Sequence
from dataclasses import replace

from portal.db import requests
from portal.db.approvals import sits
from portal.db.requests import Said
from portal.db.work import Work
from portal.domain import mails, money
from portal.domain.access import Viewer
from portal.domain.events import Event
from portal.domain.refusals import Conflict, Forbidden, Problem, Unacceptable
from portal.domain.requests import Request, SeatRead
from portal.operations import colliding_requests as colliding
from portal.operations import concluding, requesting, striking
from portal.operations.crediting import Heard
from portal.operations.decisions import LONGEST_COMMENT, Condition, Decision, refuse_input
from portal.operations.drafting import Supplier
from portal.operations.requesting import Grasp

__all__ = ["Condition", "Decision", "answer", "decide", "withdraw"]


async def decide(
    work: Work,
    viewer: Viewer,
    number: str,
    decision: Decision,
    supplier: Supplier,
    heard: Heard | None = None,
) -> str:
    """Answers the request's new state: pending, asked, approved or rejected.

    `heard` is what the ERP answered before this began, for an account whose credit it knows.
    """
    viewer.need("approvals:decide")
    refuse_input(decision)
    held = await requesting.grasp(work, viewer, number)
    viewer.need("approvals:decide", held.request.account)
    colliding.refuse_settled(held.request, work.now)
    colliding.refuse_overtaken(held.request, decision.version, decision.through)
    seats = _seats(held, viewer, decision.what)
    by = await requesting.name_of(work, viewer)
    match decision.what:
        case "approve":
            return await _approve(work, viewer, held, decision, seats, by, supplier, heard)
        case "ask":
            return await _ask(work, viewer, held, decision, seats, by)
        case _ if decision.lines is not None:
            return await _reject_lines(work, viewer, held, decision, seats, by)
        case _:
            return await _reject(work, viewer, held, decision, seats, by)


def _seats(held: Grasp, viewer: Viewer, what: str) -> list[SeatRead]:
    """The seats that whoever decides sits on now. Whoever has agreed already may still ask, or reject."""
    request, step = held.request, held.request.current
    person = viewer.person_id
    if what == "approve" and not held.is_own_allowed:
        colliding.refuse_changer(request, person)
    there = [seat for seat in step.seats if person is not None and sits(seat, person)] if step else []
    open_seats = [seat for seat in there if seat.state == "open"]
    if open_seats or (there and what != "approve"):
        return open_seats or there
    raise colliding.not_asked(request, person, there)


async def _approve(
    work: Work, viewer: Viewer, held: Grasp, decision: Decision, seats: Sequence[SeatRead], by: str,
    supplier: Supplier, heard: Heard | None,
) -> str:  # fmt: skip
    request = held.request
    condition = decision.condition.told(request.currency) if decision.condition else None
    if condition is not None and not concluding.holds(condition, request.total, held):
        shown = f"{money.text(request.total, request.currency)} {request.currency}"
        raise Unacceptable(
            f"The condition does not hold as things are: the order comes to {shown}, and today is {held.today}.",
            [Problem("/condition", "does not hold today")],
        )
    version = await requests.turn(work.conn, request.id, _state_after(request, viewer), work.now)
    for seat in seats:
        behalf = seat.person_id if seat.person_id != viewer.person_id else None
        await requests.approve(
            work.conn, seat.id, viewer.person_id if behalf else None, decision.comment, condition, work.now
        )
        said = Said(
            "approve", viewer.person_id, decision.through, decision.comment, behalf, condition=condition
        )
        await _note(work, held, said, version)
    fresh = await requesting.reread(work, request.number)
    if await requesting.advance(work, fresh, held.timing):
        state = await concluding.conclude(work, held, by, decision.comment, supplier, heard)
        if state != "pending":
            return state
    after = await requesting.reread(work, request.number)
    data = {
        "approval": request.number,
        "by": by,
        "for": [seat.name for seat in seats if seat.person_id != viewer.person_id],
        "comment": decision.comment,
        "condition": condition,
        "step": request.step,
        "waiting_for": list(requesting.waiting_for(after.current)),
    }
    work.record(Event("order.approval_given", *held.subject, data))
    return after.state


async def _ask(
    work: Work, viewer: Viewer, held: Grasp, decision: Decision, seats: Sequence[SeatRead], by: str
) -> str:
    request = held.request
    version = await requests.turn(work.conn, request.id, "asked", work.now)
    await _note(work, held, _said("ask", viewer, decision, seats), version)
    data = {"by": by, "comment": decision.comment}
    work.record(Event("order.approval_asked", *held.subject, {"approval": request.number, **data}))
    now = replace(request, version=version)
    await requesting.tell(work, now, request.requester_id, mails.QUESTION, data)
    return "asked"


async def _reject(
    work: Work, viewer: Viewer, held: Grasp, decision: Decision, seats: Sequence[SeatRead], by: str
) -> str:
    data = {"by": by, "comment": decision.comment}
    said = _said("reject", viewer, decision, seats)
    ended = await concluding.end(work, held, "rejected", said, {"why": "rejected", **data})
    await requesting.tell(work, ended, ended.requester_id, mails.REJECTED, data)
    return "rejected"


async def _reject_lines(
    work: Work, viewer: Viewer, held: Grasp, decision: Decision, seats: Sequence[SeatRead], by: str
) -> str:
    """Those lines are cancelled, the rest goes on to be decided; where nothing would be left, all of it is rejected."""
    request = held.request
    if request.kind == "amendment":
        raise Unacceptable(
            "A change of an order that is placed is approved or rejected as a whole.",
            [Problem("/lines", "not of a change")],
        )
    assert decision.lines is not None
    total = await striking.strike_lines(work, held, decision.lines, by, decision.comment)
    if total is None:
        return await _reject(work, viewer, held, decision, seats, by)
    state = _state_after(request, viewer)
    version = await requests.turn(work.conn, request.id, state, work.now, total)
    said = replace(_said("reject_lines", viewer, decision, seats), lines=sorted(set(decision.lines)))
    await _note(work, held, said, version)
    data = {"by": by, "comment": decision.comment, "lines": sorted(set(decision.lines))}
    now = replace(request, version=version)
    await requesting.tell(work, now, request.requester_id, mails.LINES_REJECTED, data)
    return state


def _state_after(request: Request, viewer: Viewer) -> str:
    """A question stands until it is answered, or until whoever asked it decides."""
    question = request.question
    return "asked" if question is not None and question.person_id != viewer.person_id else "pending"


def _said(what: str, viewer: Viewer, decision: Decision, seats: Sequence[SeatRead]) -> Said:
    own = any(seat.person_id == viewer.person_id for seat in seats)
    return Said(
        what,
        viewer.person_id,
        decision.through,
        decision.comment,
        None if own else seats[0].person_id,
    )


async def _note(work: Work, held: Grasp, said: Said, version: int) -> None:
    request = held.request
    await requesting.note(work, request.account, request.order_id, request.number, request.id, said, version)


async def answer(
    work: Work, viewer: Viewer, number: str, comment: str, version: int | None = None, through: str = "page"
) -> str:
    """The requester says what they were asked; it is pending again."""
    held = await requesting.grasp(work, viewer, number)
    request = held.request
    _refuse_stranger(request, viewer, "answer")
    if not comment.strip() or len(comment) > LONGEST_COMMENT:
        words = f"1 to {LONGEST_COMMENT} characters"
        raise Unacceptable("Say what the answer is.", [Problem("/comment", words)])
    colliding.refuse_settled(request, work.now)
    colliding.refuse_overtaken(request, version, through)
    question = request.question
    if question is None:
        raise Conflict(f"Nobody has asked anything about {number} that is not answered yet.")
    by = await requesting.name_of(work, viewer)
    next_version = await requests.turn(work.conn, request.id, "pending", work.now)
    await _note(work, held, Said("answer", viewer.person_id, through, comment), next_version)
    data = {"approval": number, "by": by, "comment": comment}
    work.record(Event("order.approval_answered", *held.subject, data))
    now = replace(request, version=next_version)
    told = {"question": question.comment, "answer": comment}
    await requesting.ask_seats(
        work, now, request.current.seats if request.current else (), mails.ANSWERED, told
    )
    return "pending"


async def withdraw(
    work: Work, viewer: Viewer, number: str, comment: str | None = None, version: int | None = None,
    through: str = "page",
) -> str:  # fmt: skip
    """The requester, or an admin of the account, takes it back; the order is cancelled."""
    held = await requesting.grasp(work, viewer, number)
    request = held.request
    _refuse_stranger(request, viewer, "withdraw")
    colliding.refuse_settled(request, work.now)
    colliding.refuse_overtaken(request, version, through)
    by = await requesting.name_of(work, viewer)
    said = Said("withdraw", viewer.person_id, through, comment)
    data = {"by": by, "comment": comment}
    ended = await concluding.end(work, held, "withdrawn", said, {"why": "withdrawn", **data})
    asked = request.current.seats if request.current else ()
    await requesting.ask_seats(work, ended, asked, mails.WITHDRAWN, {"by": by})
    return "withdrawn"


def _refuse_stranger(request: Request, viewer: Viewer, what: str) -> None:
    """It is the requester's; an admin of the account may act for them, and where a system asked, whoever orders."""
    if viewer.person_id is not None and viewer.person_id == request.requester_id:
        return
    account = request.account
    if viewer.may("policy:write", account) or (
        request.requester_id is None and viewer.may("orders:place", account)
    ):
        return
    raise Forbidden(f"{request.requester} asked for {request.number}: it is theirs to {what}.")
