"""Papers as PDF: made when they are asked for, kept until they would say something else."""

from typing import Any, cast

from litestar import Request, Response, Router, get
from litestar.exceptions import ServiceUnavailableException
from litestar.params import FromPath

from portal.adapters.documents import Documents
from portal.adapters.pdf import CannotPrint
from portal.db import detail, people, shipments
from portal.db.work import Connection
from portal.domain.delivery_notes import delivery_note
from portal.domain.orders import Order
from portal.domain.refusals import NotFound
from portal.pages import Pages
from portal.routes.appearance import readable
from portal.routes.visitor import PageRequest, SignedOut, ours, session_of, signed_in
from portal.views.delivery_notes import paper

PDF = "application/pdf"


@get("/shipments/{number:str}/delivery-note.pdf", name="delivery-note")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The paper that goes with the goods, in the reader's language."""
    session = session_of(request)
    if session is None:
        raise SignedOut
    async with request.app.state.pool.acquire() as acquired:
        conn = cast("Connection", acquired)
        found = await people.viewer(conn, session.person_id)
        if found is None or found[1] != session.epoch:
            raise SignedOut
        viewer = found[0]
        shipment = await shipments.find(conn, viewer, number)
        order = await detail.detail(conn, viewer, shipment.order) if shipment else None
    if order is None:
        raise NotFound(f"There is no shipment {number}.")
    return await answer_note(request, order, number, viewer.locale)


async def answer_note(
    request: Request[Any, Any, Any], order: Order, number: str, locale: str
) -> Response[Any]:
    """The delivery note of one of the order's shipments. Whoever calls has seen to it that it may be read."""
    state = request.app.state
    pages: Pages = state.pages
    note = delivery_note(order, number)
    assert note is not None, f"{number} is no shipment of {order.number}"
    tongue = pages.tongue(locale)
    html = pages.fragment(
        "pdf/delivery_note.html",
        locale=tongue.code,
        paper=paper(
            note,
            tongue,
            supplier=state.settings.supplier_name,
            brand=readable(state.settings.supplier_colour, "#ffffff", darker=True),
            base_url=state.settings.base_url,
        ),
    )
    name = f"{note.shipment.number}-delivery-note.pdf"
    return await _answer(request, f"delivery-notes/{note.shipment.number}/{tongue.code}", html, name)


async def _answer(request: Request[Any, Any, Any], kept_as: str, html: str, file_name: str) -> Response[Any]:
    documents: Documents = request.app.state.documents
    headers = {
        "ETag": f'"{documents.digest(html)}"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'inline; filename="{file_name}"',
    }
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")}
    if headers["ETag"] in known:
        return Response(b"", status_code=304, media_type=PDF, headers=headers)
    try:
        pdf = await documents.pdf(kept_as, html)
    except CannotPrint as reason:
        raise ServiceUnavailableException(str(reason), headers={"Retry-After": "10"}) from reason
    return Response(pdf, media_type=PDF, headers=headers)


router = Router("/", route_handlers=[show], guards=[signed_in, ours], opt={"no_compress": True})
