"""A shipment at the desk: its papers, what the carrier says, and calling it off."""

from typing import Any, cast

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import detail, events, shipments, warehouse
from portal.db.patience import patiently
from portal.db.work import Connection, LawBroken
from portal.domain.refusals import Conflict, NotFound, Refused
from portal.operations import shipping
from portal.routes.asking import Asked, asking
from portal.routes.heard import hear_for_shipment
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.desk.shipments import page
from portal.views.order.scene import Scene
from portal.views.order.wanted import Wanted

STORY = 400
LONGEST = 2000


@get("/shipments/{number:str}", name="desk-shipment")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What is on it and where it is."""
    return await _answer(await asking(request, needs="desk:read"), number)


@post("/shipments/{number:str}", name="desk-shipment-cancellation", status_code=200)
async def cancel(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Call it off, with a reason. The second of two people is told who was first."""
    asked = await asking(request, needs="shipments:write")
    form = await request.form()
    typed = str(form.get("reason", "")).replace("\x00", "").strip()[:LONGEST]
    if not typed:
        return await _answer(asked, number, asked.tongue.gettext("Say why it is called off."), 422)

    heard = await hear_for_shipment(request.app.state, number)

    async def once() -> None:
        async with asked.work() as work:
            await shipping.cancel(work, asked.viewer, number, typed, heard)

    try:
        await patiently(once)
    except (NotFound, LawBroken):
        raise
    except Refused as refusal:
        return await _answer(
            asked, number, refusal.detail, 409 if isinstance(refusal, Conflict) else 422, typed
        )
    return Redirect(f"/desk/shipments/{number}", status_code=303)


async def _answer(
    asked: Asked, number: str, problem: str = "", status: int = 200, typed: str = ""
) -> Response[Any]:
    async with asked.request.app.state.pool.acquire() as acquired:
        conn = cast("Connection", acquired)
        found = await shipments.find(conn, asked.viewer, number)
        order = await detail.detail(conn, asked.viewer, found.order) if found else None
        if order is None:
            raise NotFound(f"There is no shipment {number}.")
        story = await events.timeline(conn, order.id, limit=STORY)
        names = await warehouse.names(conn, {event.actor for event in story})
    scene = Scene(order, asked.tongue, asked.today, Wanted(), for_supplier=True)
    return asked.page(
        "desk/shipment.html",
        section="desk",
        status=status,
        shipment=page(
            scene,
            scene.shipments[number],
            story,
            names,
            may=asked.viewer.may("shipments:write"),
        ),
        problem=problem,
        typed=typed,
    )


router = Router(
    "/",
    route_handlers=[show, Router("/", route_handlers=[cancel], guards=[signed_in, ours])],
)
