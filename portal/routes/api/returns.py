"""Returns through the API: announced, decided on, received."""

from typing import Annotated, Any, Literal

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from portal.db import return_list, returns
from portal.db.return_list import ReturnFilter
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import NotFound
from portal.domain.returns import SCRAP, SHELF, Return
from portal.filters import Tongue
from portal.operations import returning, taking_back
from portal.operations.returning import Wanted, WantedLine
from portal.operations.taking_back import Came
from portal.pages import Pages
from portal.routes.api import bodies, return_shapes
from portal.routes.api import return_bodies as sent
from portal.routes.api.access import NEEDS
from portal.routes.api.approvals import acting
from portal.routes.api.commands import Answer, command
from portal.routes.api.orders import Cursor, Limit, fingerprint, read_cursor, with_origin, write_cursor
from portal.routes.return_papers import PDF, answer_label

ApiRequest = Request[Any, Any, Any]
SHIP: dict[str, Any] = {NEEDS: "shipments:write"}
State = Literal["requested", "authorised", "refused", "cancelled", "closed"]
ReturnState = Annotated[State | None, QueryParameter(name="state")]
# No list is longer: what a forged cursor holds may be any number.
FURTHEST = 2**62


async def speaking(work: Work, viewer: Viewer) -> Viewer:
    """Who announces a return or calls it off: the person that the token acts for, else the token with its scope."""
    if viewer.person_id is None:
        viewer.need("shipments:write")
        return viewer
    person = await acting(work, viewer)
    return person.within("returns:ask")


@post("/returns", status_code=201)
async def create(
    request: ApiRequest,
    data: sent.PostReturn,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Announce what is to come back of a shipment. The supplier's token authorises it by that; an account's asks.

    The token needs `shipments:write`, or a user who may.
    """
    with_origin(data.origin, data.external_id)
    wanted = Wanted(
        shipment=data.shipment,
        lines=[
            WantedLine(
                line.line, bodies.quantity(line.quantity, f"/lines/{n}/quantity"), line.reason, line.note
            )
            for n, line in enumerate(data.lines)
        ],
        note=data.note,
        origin=data.origin,
        external_id=data.external_id,
        fingerprint=fingerprint(data) if data.origin is not None else None,
    )

    async def do() -> Answer:
        by = await speaking(work, viewer)
        number, is_new = await returning.ask(work, by, wanted)
        return await answer(request, work, viewer, number, 201 if is_new else 200)

    return await command(request, work, viewer, do)


@get(
    "/returns",
    opt={"query": ("account", "order", "shipment", "state", "limit", "cursor")},
)
async def list_returns(
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    account: FromQuery[str | None] = None,
    order: FromQuery[str | None] = None,
    shipment: FromQuery[str | None] = None,
    return_state: ReturnState = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Returns within the token's scope, newest first."""
    key = read_cursor(cursor)
    wanted = ReturnFilter(
        states=(return_state,) if return_state else (),
        account=account,
        order=order,
        shipment=shipment,
        before=min(max(key, 0), FURTHEST) if key is not None else None,
    )
    async with work:
        found, following = await return_list.search(work.conn, viewer, wanted, limit)
    return {"items": [return_shapes.row(row) for row in found], "next": write_cursor(following)}


@get("/returns/{number:str}")
async def read(
    request: ApiRequest, number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> dict[str, Any]:
    """A return: what it is of, what was said, what came, and what was credited for it."""
    async with work:
        found = await found_by(work, viewer, number)
    return return_shapes.document(found, _supplier(request), _tongue(request))


@post("/returns/{number:str}/authorisation", opt=SHIP, status_code=200)
async def authorise(
    request: ApiRequest,
    number: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    data: sent.PostReturnDecision | None = None,
) -> Response[bytes]:
    """The goods may come; the label stands in the answer."""

    async def do() -> Answer:
        await returning.authorise(work, viewer, number, data.note if data else None)
        return await answer(request, work, viewer, number)

    return await command(request, work, viewer, do)


@post("/returns/{number:str}/refusal", opt=SHIP, status_code=200)
async def refuse(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostReturnDecision,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """The goods may not come; the buyer reads why."""

    async def do() -> Answer:
        await returning.refuse(work, viewer, number, data.note)
        return await answer(request, work, viewer, number)

    return await command(request, work, viewer, do)


@post("/returns/{number:str}/cancellation", status_code=200)
async def call_off(
    request: ApiRequest,
    number: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    data: sent.PostReturnDecision | None = None,
) -> Response[bytes]:
    """Nothing will come after all. Possible as long as nothing has."""

    async def do() -> Answer:
        by = await speaking(work, viewer)
        await returning.call_off(work, by, number, data.note if data else None)
        return await answer(request, work, viewer, number)

    return await command(request, work, viewer, do)


@post("/returns/{number:str}/receipts", opt=SHIP, status_code=201)
async def receive(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostReturnReceipt,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Book what came: on the shelf, into quarantine or to scrap. What was billed of it is credited at once."""
    came = [
        Came(
            line.line,
            bodies.quantity(line.received, f"/lines/{n}/received"),
            line.to or (SHELF if line.restock else SCRAP),
            line.closed,
        )
        for n, line in enumerate(data.lines)
    ]

    async def do() -> Answer:
        await taking_back.receive(work, viewer, number, came)
        return await answer(request, work, viewer, number, 201)

    return await command(request, work, viewer, do)


@get("/returns/{number:str}/label.pdf", media_type=PDF)
async def label(
    request: ApiRequest, number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> Response[bytes]:
    """The label of an authorised return, as PDF."""
    async with work:
        found = await found_by(work, viewer, number)
    return await answer_label(request, found, _tongue(request))


async def found_by(work: Work, viewer: Viewer, number: str) -> Return:
    found = await returns.one(work.conn, viewer, number)
    if found is None:
        raise NotFound(f"There is no return {number!r}.")
    return found


async def answer(request: ApiRequest, work: Work, viewer: Viewer, number: str, status: int = 200) -> Answer:
    """The return as it stands within this work; the books are closed first."""
    await work.close_books()
    found = await found_by(work, viewer, number)
    headers = {"Location": f"/api/v1/returns/{number}"} if status == 201 else {}
    return Answer(status, return_shapes.document(found, _supplier(request), _tongue(request)), headers)


def _supplier(request: ApiRequest) -> str:
    name: str = request.app.state.settings.supplier_name
    return name


def _tongue(request: ApiRequest) -> Tongue:
    pages: Pages = request.app.state.pages
    return pages.tongue("en")


router = Router(
    path="",
    tags=["Returns"],
    route_handlers=[
        create,
        list_returns,
        read,
        authorise,
        refuse,
        call_off,
        receive,
        label,
    ],
)
