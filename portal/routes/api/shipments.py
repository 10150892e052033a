"""Shipments and receipts through the API: what carriers and warehouses report."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from portal.db import detail, master, parked, shipments
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import NotFound
from portal.operations import following, receiving, shipping
from portal.routes.api import bodies, master_bodies, shapes
from portal.routes.api.access import NEEDS
from portal.routes.api.commands import Answer, command
from portal.routes.api.master import code, refuse_kind
from portal.routes.api.orders import answer, is_known, parts, version_headers
from portal.routes.documents import PDF, answer_note
from portal.routes.heard import hear_for_shipment

ApiRequest = Request[Any, Any, Any]
SHIP: dict[str, Any] = {NEEDS: "shipments:write"}
STOCK: dict[str, Any] = {NEEDS: "stock:write"}
PARKED = Answer(202, {"parked": True})


@get("/shipments/{number:str}")
async def read(
    request: ApiRequest, number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> Response[Any]:
    """A shipment with its packages and what the carrier said. Its version is its order's."""
    async with work:
        found = await shipments.find(work.conn, viewer, number)
        order = await detail.detail(work.conn, viewer, found.order) if found else None
    if order is None:
        raise NotFound(f"There is no shipment {number!r}.")
    headers = version_headers(order.version)
    if is_known(request, order.version):
        return Response(None, status_code=304, headers=headers)
    value = next(item for item in order.shipments if item.number == number)
    return Response(shapes.shipment(value, order.currency, order.number), headers=headers)


@get("/shipments/{number:str}/delivery-note.pdf", media_type=PDF)
async def note(
    request: ApiRequest,
    number: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """The paper that goes with the goods, as PDF."""
    async with work:
        found = await shipments.find(work.conn, viewer, number)
        order = await detail.detail(work.conn, viewer, found.order) if found else None
    if order is None:
        raise NotFound(f"There is no shipment {number!r}.")
    return await answer_note(request, order, number, "en")


@post("/shipments/{number:str}/events", opt=SHIP, status_code=200)
async def follow(
    request: ApiRequest,
    number: FromPath[str],
    data: bodies.PostCarrierEvent,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """What the carrier says. Late, early and repeated messages are all right."""
    code(number, "shipment number")
    message = following.Message(
        data.state,
        data.at,
        data.note,
        data.tracking_number,
        parts(data.lines) if data.lines is not None else None,
    )

    async def do() -> Answer:
        order = await following.hear(work, viewer, number, message)
        return await answer(work, viewer, order) if order is not None else PARKED

    return await command(request, work, viewer, do)


@post("/shipments/{number:str}/cancellation", opt=SHIP, status_code=200)
async def cancel(
    request: ApiRequest,
    number: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    data: bodies.PostReason | None = None,
) -> Response[bytes]:
    """The goods stand in the warehouse again, allocated as before."""
    heard = await hear_for_shipment(request.app.state, number, viewer)

    async def do() -> Answer:
        order = await shipping.cancel(work, viewer, number, data.reason if data else None, heard)
        return await answer(work, viewer, order)

    return await command(request, work, viewer, do)


@post("/inbound/{kind:str}/{reference:str}/receipts", opt=STOCK, status_code=201)
async def receive(
    request: ApiRequest,
    kind: FromPath[str],
    reference: FromPath[str],
    data: master_bodies.PostReceipt,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Book what came: the line it was bought for first, then agreements, then the queue."""
    refuse_kind(kind)
    code(reference, "reference")
    came = [
        receiving.Came(
            line=line.line,
            received=bodies.quantity(line.received, f"/lines/{index}/received"),
            rejected=bodies.quantity(line.rejected, f"/lines/{index}/rejected"),
            quarantined=bodies.quantity(line.quarantined, f"/lines/{index}/quarantined"),
            closed=line.closed,
        )
        for index, line in enumerate(data.lines)
    ]

    async def do() -> Answer:
        if not await receiving.receive(work, kind, reference, came, data.received_at):
            await parked.park(
                work, "inbound", f"{kind}/{reference}", receiving.as_parked(came, data.received_at)
            )
            return PARKED
        return Answer(201, await master.document(work.conn, master.INBOUND, kind, reference))

    return await command(request, work, viewer, do)


router = Router(path="", tags=["Shipments"], route_handlers=[read, note, follow, cancel, receive])
