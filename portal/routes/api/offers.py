"""Another product in place of what a line waits for, through the API: offered, and answered on the buyer's word."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from portal.db import detail
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.because import english
from portal.domain.refusals import NotFound
from portal.operations import substituting
from portal.operations.foreseeing import foresee
from portal.operations.placing import Supplier
from portal.operations.substituting import Instead
from portal.routes.api import bodies, shapes
from portal.routes.api.access import NEEDS
from portal.routes.api.commands import Answer, command
from portal.routes.api.orders import document, move
from portal.routes.heard import hear_for_order

ApiRequest = Request[Any, Any, Any]
WRITE: dict[str, Any] = {NEEDS: "orders:write"}
OFFER = "/orders/{number:str}/substitutions/{offer_id:str}"


@get("/orders/{number:str}/substitutions")
async def list_offers(
    number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> dict[str, Any]:
    """What was offered and what came of it, oldest first.

    An offer that stands tells what its line would have if it were accepted now.
    """
    async with work:
        order = await detail.detail(work.conn, viewer, number)
    if order is None:
        raise NotFound(f"There is no order {number!r}.")
    words = english(work.now.date())
    ahead = await foresee(work.pool, order, order.standing_offers)
    return {
        "items": [
            shapes.foreseen(order, one, ahead[one.id].portions, words)
            if one.id in ahead
            else shapes.substitution(one, order.currency)
            for one in order.substitutions
        ],
        "next": None,
    }


@post("/orders/{number:str}/substitutions", opt=WRITE, status_code=201)
async def offer(
    request: ApiRequest,
    number: FromPath[str],
    data: bodies.PostSubstitution,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    supplier: NamedDependency[Supplier],
) -> Response[bytes]:
    """Offer another product in place of what nobody picks yet of a line. Nothing changes before the buyer accepts.

    Without `substitute_quantity` as much as is replaced; without `unit_price` what the account pays for it today.
    """
    quantity = bodies.quantity(data.quantity, "/quantity")
    instead = bodies.optional(data.substitute_quantity, "/substitute_quantity")
    price = bodies.optional(data.unit_price, "/unit_price")
    wanted = Instead(
        data.line, quantity, data.sku, quantity if instead is None else instead, price, data.note
    )

    async def do() -> Answer:
        offer_id = await substituting.offer(work, viewer, supplier, number, wanted)
        body, version = await document(work, viewer, number)
        told = next(item for item in body["substitutions"] if item["id"] == str(offer_id))
        return Answer(201, told, {"ETag": f'"{version}"'}, version)

    return await command(request, work, viewer, do, order=number)


@post(f"{OFFER}/acceptance", opt=WRITE, status_code=200)
async def accept(
    request: ApiRequest,
    number: FromPath[str],
    offer_id: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    supplier: NamedDependency[Supplier],
    data: bodies.PostNote | None = None,
) -> Response[bytes]:
    """The buyer said yes: what is replaced is cancelled, and the other product is a new line of the order."""
    note = data.note if data else None
    heard = await hear_for_order(request.app.state, number, viewer)

    async def verb() -> None:
        await substituting.accept(work, viewer, supplier, number, offer_id, note, heard=heard)

    return await move(request, work, viewer, number, verb)


@post(f"{OFFER}/refusal", opt=WRITE, status_code=200)
async def decline(
    request: ApiRequest,
    number: FromPath[str],
    offer_id: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    data: bodies.PostNote | None = None,
) -> Response[bytes]:
    """The buyer said no: the line goes on waiting."""
    note = data.note if data else None
    return await move(
        request, work, viewer, number, lambda: substituting.decline(work, viewer, number, offer_id, note)
    )


@post(f"{OFFER}/withdrawal", opt=WRITE, status_code=200)
async def withdraw(
    request: ApiRequest,
    number: FromPath[str],
    offer_id: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    data: bodies.PostNote | None = None,
) -> Response[bytes]:
    """Take an offer back that is not answered yet."""
    note = data.note if data else None
    return await move(
        request, work, viewer, number, lambda: substituting.withdraw(work, viewer, number, offer_id, note)
    )


router = Router(
    path="",
    tags=["Orders"],
    route_handlers=[list_offers, offer, accept, decline, withdraw],
)  # fmt: skip
