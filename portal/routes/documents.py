"""Papers as PDF: made when they are asked for, kept until they would say something else."""

import hashlib
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, Router, get
from litestar.exceptions import ServiceUnavailableException
from litestar.params import FromPath

from portal.adapters.documents import BeingMade, Documents
from portal.adapters.pdf import CannotPrint
from portal.colours import readable
from portal.db import addresses, detail, shipments
from portal.domain.delivery_notes import delivery_note
from portal.domain.orders import Order
from portal.domain.packing_lists import packing_list
from portal.domain.pick_lists import PickList, pick_list, places_to_pick
from portal.domain.refusals import Conflict, NotFound, Unacceptable
from portal.filters import Tongue
from portal.pages import Pages
from portal.routes.asking import Asked, asking
from portal.routes.visitor import PageRequest, here_of, ours, signed_in
from portal.views.papers.delivery_notes import paper
from portal.views.papers.labels import label_paper
from portal.views.papers.packing_lists import packing_paper
from portal.views.papers.papers import Letterhead, Sheet
from portal.views.papers.pick_lists import pick_paper

PDF = "application/pdf"
# A paper of 300 lines takes about as long; on a longer one somebody would look at an empty window.
PATIENCE = 4.0
SECONDS_BETWEEN_VISITS = 3


@dataclass(frozen=True, slots=True)
class Printout:
    """A paper that is ready to be printed."""

    template: str
    sheet: Sheet
    tongue: Tongue
    # A path of our own making below the folder of documents; the language comes after it.
    kept_as: str
    file_name: str


@get("/shipments/{number:str}/delivery-note.pdf", name="delivery-note")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The paper that goes with the goods, in the reader's language."""
    asked = await asking(request)
    order = await _order_of_shipment(asked, number)
    return await paper_answer(asked, _note(request, order, number, asked.tongue))


@get("/orders/{number:str}/pick-list.pdf", name="pick-list")
async def pick(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What to take from the shelves of `?location=`; without one, of the only location where there is anything."""
    asked = await asking(request, needs="desk:read")
    async with asked.reading() as conn:
        order = await detail.detail(conn, asked.viewer, number)
    if order is None:
        raise NotFound(f"There is no order {number}.")
    picking = _to_pick(order, request.query_params.get("location", ""), asked.tongue)
    return await paper_answer(
        asked,
        Printout(
            "pdf/pick_list.html",
            pick_paper(picking, asked.tongue, letterhead(request)),
            asked.tongue,
            kept_as=f"pick-lists/{order.number}/{slug(picking.location)}",
            file_name=f"{order.number}-pick-list.pdf",
        ),
    )


@get("/shipments/{number:str}/packing-list.pdf", name="packing-list")
async def pack(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What lies in the packages of a shipment, and when the rest comes."""
    asked = await asking(request)
    packing = packing_list(await _order_of_shipment(asked, number), number)
    assert packing is not None, f"{number} is no shipment of its order"
    return await paper_answer(
        asked,
        Printout(
            "pdf/packing_list.html",
            packing_paper(packing, asked.tongue, letterhead(request)),
            asked.tongue,
            kept_as=f"packing-lists/{number}",
            file_name=f"{number}-packing-list.pdf",
        ),
    )


@get("/shipments/{number:str}/label.pdf", name="label")
async def label(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """A label for each package."""
    asked = await asking(request, needs="desk:read")
    order = await _order_of_shipment(asked, number)
    shipment = next(one for one in order.shipments if one.number == number)
    if shipment.state == "cancelled":
        told = asked.tongue.gettext("Shipment {number} was cancelled: nothing is sent with it any more.")
        raise Conflict(told.format(number=number))
    async with asked.reading() as conn:
        sender = await addresses.of_location(conn, shipment.location)
    return await paper_answer(
        asked,
        Printout(
            "pdf/label.html",
            label_paper(order, shipment, sender, asked.tongue, letterhead(request)),
            asked.tongue,
            kept_as=f"labels/{number}",
            file_name=f"{number}-label.pdf",
        ),
    )


async def _order_of_shipment(asked: Asked, number: str) -> Order:
    async with asked.reading() as conn:
        shipment = await shipments.find(conn, asked.viewer, number)
        order = await detail.detail(conn, asked.viewer, shipment.order) if shipment else None
    if order is None:
        raise NotFound(f"There is no shipment {number}.")
    return order


def _to_pick(order: Order, location: str, tongue: Tongue) -> PickList:
    _ = tongue.gettext
    places = places_to_pick(order)
    if not location and len(places) > 1:
        told = _("Order {number} is picked at several locations: {places}. Say which.")
        raise Unacceptable(told.format(number=order.number, places=", ".join(places)))
    location = location or (places[0] if places else "")
    if location not in places:
        told = (
            _("Nothing of order {number} is to be picked at {place}.")
            if location
            else _("Nothing of order {number} is to be picked.")
        )
        raise Conflict(told.format(number=order.number, place=location))
    return pick_list(order, location)


async def answer_note(
    request: Request[Any, Any, Any], order: Order, number: str, locale: str
) -> Response[Any]:
    """The delivery note of one of the order's shipments. Whoever calls has seen to it that it may be read."""
    pages: Pages = request.app.state.pages
    return await answer_pdf(request, _note(request, order, number, pages.tongue(locale)))


def _note(request: Request[Any, Any, Any], order: Order, number: str, tongue: Tongue) -> Printout:
    note = delivery_note(order, number)
    assert note is not None, f"{number} is no shipment of {order.number}"
    return Printout(
        "pdf/delivery_note.html",
        paper(note, tongue, letterhead(request)),
        tongue,
        kept_as=f"delivery-notes/{number}",
        file_name=f"{number}-delivery-note.pdf",
    )


def letterhead(request: Request[Any, Any, Any]) -> Letterhead:
    settings = request.app.state.settings
    brand = readable(settings.supplier_colour, "#ffffff", darker=True)
    return Letterhead(settings.supplier_name, brand, settings.base_url, settings.seller)


def slug(code: str) -> str:
    """A code as the name of a file, whatever stands in it."""
    return hashlib.blake2b(code.encode(), digest_size=8).hexdigest()


async def paper_answer(asked: Asked, printout: Printout) -> Response[Any]:
    """A person is not left before an empty window: a long paper is announced, and opens when it is there."""
    request = asked.request
    is_looking = "text/html" in request.headers.get("accept", "")
    try:
        return await answer_pdf(request, printout, patience=PATIENCE if is_looking else None)
    except BeingMade:
        return asked.page(
            "documents/being_made.html",
            section="orders",
            status=202,
            headers={"Refresh": str(SECONDS_BETWEEN_VISITS), "Cache-Control": "no-store"},
            title=printout.sheet.title,
            here=here_of(request),
            is_long=True,
            back=("/orders", asked.tongue.gettext("To the orders")),
        )


async def answer_pdf(
    request: Request[Any, Any, Any], printout: Printout, *, patience: float | None = None
) -> Response[Any]:
    state = request.app.state
    pages: Pages = state.pages
    documents: Documents = state.documents
    html = pages.fragment(printout.template, locale=printout.tongue.code, paper=printout.sheet)
    headers = {
        "ETag": f'"{documents.digest(html)}"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'inline; filename="{printout.file_name}"',
    }
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")}
    if headers["ETag"] in known:
        return Response(b"", status_code=304, media_type=PDF, headers=headers)
    try:
        pdf = await documents.pdf(f"{printout.kept_as}/{printout.tongue.code}", html, patience=patience)
    except CannotPrint as reason:
        raise ServiceUnavailableException(str(reason), headers={"Retry-After": "10"}) from reason
    return Response(pdf, media_type=PDF, headers=headers)


router = Router(
    "/", route_handlers=[show, pick, pack, label], guards=[signed_in, ours], opt={"no_compress": True}
)
