"""Delegations through the API: who decides for whom, and until when."""

from typing import Any

from litestar import Request, Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from portal.db import delegations
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.refusals import Forbidden, NotFound
from portal.operations import delegating
from portal.operations.delegating import Delegating
from portal.routes.api import approval_bodies as sent
from portal.routes.api import bodies, shapes
from portal.routes.api.approvals import acting
from portal.routes.api.commands import Answer, command

ApiRequest = Request[Any, Any, Any]


@post("/accounts/{number:str}/delegations", status_code=201)
async def delegate(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostDelegation,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Somebody decides for somebody else between two days, both included: a supplier's token for anybody, an account's
    as its user."""
    cap = data.cap
    wanted = Delegating(
        number,
        data.sender,
        data.to,
        data.from_on,
        data.to_on,
        bodies.amount(cap.amount, "/cap/amount", cap.currency) if cap else None,
        cap.currency if cap else None,
        data.note,
    )

    async def do() -> Answer:
        giving = await _giving(work, viewer)
        delegation_id = await delegating.delegate(work, giving, wanted)
        found = await delegations.get(work.conn, None, delegation_id, work.now)
        assert found is not None
        return Answer(201, _delegation(found))

    return await command(request, work, viewer, do)


@get("/accounts/{number:str}/delegations")
async def list_delegations(
    number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> dict[str, Any]:
    """Who decides for whom, the newest first."""
    async with work:
        if not viewer.sees(number) or not await work.conn.fetchval(
            "select 1 from account where number = $1", number
        ):
            raise NotFound(f"There is no account {number!r}.")
        found = await delegations.of_account(work.conn, number, work.now)
    return {"items": [_delegation(one) for one in found], "next": None}


@delete("/accounts/{number:str}/delegations/{delegation_id:str}", status_code=204)
async def end_delegation(
    number: FromPath[str],
    delegation_id: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> None:
    """It ends now; what was decided stands."""
    async with work:
        giving = await _giving(work, viewer)
        await delegating.end(work, giving, number, delegation_id)


async def _giving(work: Work, viewer: Viewer) -> Viewer:
    if not viewer.is_supplier:
        return await acting(work, viewer, "approvals:write")
    if not (viewer.may("accounts:write") or viewer.may("approvals:write")):
        raise Forbidden("This needs the scope 'accounts:write'.")
    return viewer


def _delegation(found: delegations.Read) -> dict[str, Any]:
    cap = None
    if found.cap is not None and found.currency is not None:
        cap = {"amount": money.text(found.cap, found.currency), "currency": found.currency}
    return {
        "id": str(found.id),
        "account": found.account,
        "from": found.from_email,
        "to": found.to_email,
        "from_on": found.from_on.isoformat(),
        "to_on": found.to_on.isoformat(),
        "cap": cap,
        "note": found.note,
        "state": found.state,
        "ended_at": shapes.instant(found.ended_at),
    }


router = Router(path="", tags=["Approvals"], route_handlers=[delegate, list_delegations, end_delegation])
