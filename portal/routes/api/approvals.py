"""Approvals through the API: reading requests, and deciding on them as the token's user."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from portal.db import approvals, people
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.refusals import Forbidden, NotFound
from portal.domain.requests import InboxRow, SeatRead
from portal.domain.requests import Request as Asked
from portal.operations import deciding
from portal.operations.deciding import Condition, Decision
from portal.operations.drafting import Supplier
from portal.routes.api import approval_bodies as sent
from portal.routes.api import bodies, shapes
from portal.routes.api.commands import Answer, command
from portal.routes.api.orders import Cursor, Limit, read_cursor, write_cursor
from portal.routes.heard import hear

ApiRequest = Request[Any, Any, Any]
State = Literal["pending", "asked", "approved", "rejected", "expired", "withdrawn"]
RequestState = Annotated[State | None, QueryParameter(name="state")]


async def acting(work: Work, viewer: Viewer, scope: str | None = None) -> Viewer:
    """The person whose decisions the token may make, with the rights they have now, within the token's accounts.

    Deciding needs no scope: a token is given its user for just that. What goes further names one.
    """
    if scope is not None and not viewer.may("orders:write"):
        viewer.need(scope)
    found = await people.viewer(work.conn, viewer.person_id) if viewer.person_id is not None else None
    if found is None:
        raise Forbidden("This token acts for nobody: issue one with the `user` whose decisions it may make.")
    person = found[0]
    accounts = person.accounts
    if viewer.accounts is not None:
        within = set(viewer.accounts)
        accounts = viewer.accounts if accounts is None else tuple(a for a in accounts if a in within)
    return replace(person, accounts=accounts, roles=(*person.roles, "token"))


@get("/approvals", opt={"query": ("state", "approver", "account", "limit", "cursor")})
async def list_approvals(
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    request_state: RequestState = None,
    approver: FromQuery[str | None] = None,
    account: FromQuery[str | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Requests within the token's scope, newest first. With `approver` (an e-mail): those that wait for that person
    now, and the settled ones in which they were asked."""
    async with work:
        person = await people.by_email(work.conn, approver) if approver is not None else None
        if approver is not None and person is None:
            return {"items": [], "next": None}
        found = await approvals.inbox(
            work.conn,
            viewer,
            person.id if person else viewer.person_id,
            view="approver" if person else "all",
            state=request_state,
            account=account,
            before=read_cursor(cursor),
            limit=limit,
            now=work.now,
        )
    return {"items": [_row(row) for row in found.rows], "next": write_cursor(found.following)}


@get("/approvals/{number:str}")
async def read(
    number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> dict[str, Any]:
    """A request: who is asked, why, and what they said."""
    async with work:
        found = await approvals.request(work.conn, viewer, number, now=work.now)
    if found is None:
        raise NotFound(f"There is no approval {number!r}.")
    return document(found)


@post("/approvals/{number:str}/decisions", status_code=200)
async def decide(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostDecision,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    supplier: NamedDependency[Supplier],
) -> Response[bytes]:
    """Approve, reject (all of it, or single lines), or ask, as the token's user. `version` is the one that was read:
    when something has happened since, nothing is done, and the answer (409) says what."""
    heard = None
    if data.decision == "approve":
        heard = await hear(request.app.state, await _account_of(work, viewer, number))

    async def do() -> Answer:
        person = await acting(work, viewer)
        found = await approvals.request(work.conn, person, number, now=work.now)
        currency = found.currency if found else "GBP"
        condition = None
        if data.condition is not None:
            total = data.condition.total
            condition = Condition(
                bodies.amount(total, "/condition/total", currency) if total is not None else None,
                data.condition.until,
            )
        decision = Decision(data.decision, data.comment, data.lines, condition, data.version, "api")
        await deciding.decide(work, person, number, decision, supplier, heard)
        return await _answer(work, person, number)

    return await command(request, work, viewer, do)


@post("/approvals/{number:str}/answers", status_code=200)
async def answer(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostAnswer,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """The requester says what they were asked."""

    async def do() -> Answer:
        person = await acting(work, viewer)
        await deciding.answer(work, person, number, data.comment, data.version, "api")
        return await _answer(work, person, number)

    return await command(request, work, viewer, do)


@post("/approvals/{number:str}/withdrawal", status_code=200)
async def withdraw(
    request: ApiRequest,
    number: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    data: sent.PostWithdrawal | None = None,
) -> Response[bytes]:
    """The requester takes it back; the order is cancelled."""
    said = data or sent.PostWithdrawal()

    async def do() -> Answer:
        person = await acting(work, viewer)
        await deciding.withdraw(work, person, number, said.comment, said.version, "api")
        return await _answer(work, person, number)

    return await command(request, work, viewer, do)


async def _account_of(work: Work, viewer: Viewer, number: str) -> str | None:
    async with work:
        found = await approvals.request(work.conn, viewer, number, now=work.now)
    return found.account if found else None


async def _answer(work: Work, person: Viewer, number: str) -> Answer:
    await work.close_books()
    found = await approvals.request(work.conn, person, number, now=work.now)
    assert found is not None
    return Answer(200, document(found))


def document(found: Asked) -> dict[str, Any]:
    """A request as JSON."""
    return {
        "id": found.number,
        "order": found.order,
        "account": found.account,
        "kind": found.kind,
        "state": found.state,
        "version": found.version,
        "requester": {"name": found.requester, "email": found.requester_email},
        "total": money.text(found.total, found.currency),
        "currency": found.currency,
        "reasons": found.reasons,
        "note": found.note,
        "wanted": found.wanted,
        "asked_at": shapes.instant(found.asked_at),
        "expires_at": shapes.instant(found.expires_at),
        "settled_at": shapes.instant(found.settled_at),
        "step": found.step,
        "steps": [
            {
                "position": step.position,
                "need": step.need,
                "rules": step.rules,
                "state": step.state,
                "approvers": [_seat(seat) for seat in step.seats],
            }
            for step in found.steps
        ],
        "decisions": [
            {
                "what": said.what,
                "by": said.email,
                "name": said.name,
                "on_behalf_of": said.for_name,
                "comment": said.comment,
                "lines": said.lines,
                "condition": said.condition,
                "through": said.through,
                "version": said.version,
                "at": shapes.instant(said.at),
            }
            for said in found.decisions
        ],
    }


def _seat(seat: SeatRead) -> dict[str, Any]:
    return {
        "email": seat.email,
        "name": seat.name,
        "account": seat.account,
        "why": seat.why,
        "state": seat.state,
        "decided_by": seat.decided_by_email,
        "decided_at": shapes.instant(seat.decided_at),
        "comment": seat.comment,
        "condition": seat.condition,
        "deputies": [deputy.email for deputy in seat.deputies],
    }


def _row(row: InboxRow) -> dict[str, Any]:
    return {
        "id": row.number,
        "order": row.order,
        "account": row.account,
        "kind": row.kind,
        "state": row.state,
        "version": row.version,
        "requester": {"name": row.requester, "email": row.requester_email},
        "total": money.text(row.total, row.currency),
        "currency": row.currency,
        "reasons": row.reasons,
        "asked_at": shapes.instant(row.asked_at),
        "expires_at": shapes.instant(row.expires_at),
        "settled_at": shapes.instant(row.settled_at),
        "step": row.step,
        "waiting_for": row.waiting_for,
    }


router = Router(path="", tags=["Approvals"], route_handlers=[list_approvals, read, decide, answer, withdraw])
