"""What the warehouse reports of an order: picked, packed, missing, shipped."""

from typing import Any

from litestar import Request, Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from portal.db import detail
from portal.db.shipments import Package
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.operations import moving, picking, shipping
from portal.routes.api import bodies, shapes
from portal.routes.api.access import NEEDS
from portal.routes.api.commands import Answer, command
from portal.routes.api.orders import fingerprint, move, parts, with_origin

ApiRequest = Request[Any, Any, Any]
SHIP: dict[str, Any] = {NEEDS: "shipments:write"}


@post("/orders/{number:str}/picks", opt=SHIP, status_code=200)
async def pick(
    request: ApiRequest,
    number: FromPath[str],
    data: bodies.PostMove,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Allocated becomes picking."""
    return await move(
        request,
        work,
        viewer,
        number,
        lambda: picking.pick(work, viewer, number, data.location, parts(data.lines)),
    )


@post("/orders/{number:str}/packs", opt=SHIP, status_code=200)
async def pack(
    request: ApiRequest,
    number: FromPath[str],
    data: bodies.PostMove,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Picking becomes packed."""
    return await move(
        request,
        work,
        viewer,
        number,
        lambda: picking.pack(work, viewer, number, data.location, parts(data.lines)),
    )


@post("/orders/{number:str}/short-picks", opt=SHIP, status_code=200)
async def short_pick(
    request: ApiRequest,
    number: FromPath[str],
    data: bodies.PostShortPick,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Something that should be on the shelf is not: stock is corrected and the order planned anew."""
    missing = [
        moving.Part(part.line, bodies.quantity(part.missing, f"/lines/{index}/missing"))
        for index, part in enumerate(data.lines)
    ]
    return await move(
        request,
        work,
        viewer,
        number,
        lambda: picking.short_pick(work, viewer, number, data.location, missing, data.reason),
    )


@post("/orders/{number:str}/shipments", opt=SHIP, status_code=201)
async def ship(
    request: ApiRequest,
    number: FromPath[str],
    data: bodies.PostShipment,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Goods leave one location: allocated, picking or packed portions become a shipment."""
    with_origin(data.origin, data.external_id)
    leaving = shipping.Leaving(
        location=data.location,
        lines=parts(data.lines),
        mode=data.mode,
        carrier=data.carrier,
        service=data.service,
        packages=[
            Package(
                package.tracking_number,
                package.tracking_url,
                bodies.optional(package.weight_kg, f"/packages/{index}/weight_kg"),
            )
            for index, package in enumerate(data.packages)
        ],
        freight=bodies.optional(data.freight, "/freight"),
        shipped_at=data.shipped_at,
        origin=data.origin,
        external_id=data.external_id,
        fingerprint=fingerprint(data) if data.origin is not None else None,
    )

    async def do() -> Answer:
        shipment, is_new = await shipping.ship(work, viewer, number, leaving)
        await work.close_books()
        found = await detail.detail(work.conn, viewer, number)
        assert found is not None
        value = next(item for item in found.shipments if item.number == shipment)
        headers = {"ETag": f'"{found.version}"', "Location": f"/api/v1/shipments/{shipment}"}
        told = shapes.shipment(value, found.currency, number)
        return Answer(201 if is_new else 200, told, headers, found.version if is_new else None)

    return await command(request, work, viewer, do, order=number)


router = Router(path="", tags=["Orders"], route_handlers=[pick, pack, short_pick, ship])
