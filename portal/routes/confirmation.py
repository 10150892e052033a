"""The order confirmation as PDF: what was ordered and what is promised, in the languages of the account's documents."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from portal.db import addressees, detail
from portal.db.addressees import Addressee
from portal.domain.orders import Order
from portal.domain.refusals import Conflict, NotFound
from portal.pages import Pages
from portal.routes.asking import asking
from portal.routes.documents import Printout, answer_pdf, paper_answer
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.papers.business import languages
from portal.views.papers.confirmations import confirmation_paper

# What is not agreed yet, or never will be, is not confirmed.
NOT_AGREED = frozenset({"draft", "pending_approval", "rejected", "held"})


@get("/orders/{number:str}/confirmation.pdf", name="order-confirmation")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """As the order stands now: the days on it are those of the last plan."""
    asked = await asking(request)
    async with asked.reading() as conn:
        order = await detail.detail(conn, asked.viewer, number)
        if order is None:
            raise NotFound(f"There is no order {number}.")
        to = await addressees.addressee(conn, order.account, order.ship_to.code)
    if order.state in NOT_AGREED:
        told = asked.tongue.gettext("Order {number} is not agreed yet: there is nothing to confirm.")
        raise Conflict(told.format(number=number))
    return await paper_answer(asked, printout(request, order, to))


async def answer_confirmation(request: Request[Any, Any, Any], order: Order, to: Addressee) -> Response[Any]:
    """For the API. Whoever calls has seen to it that the order may be read."""
    if order.state in NOT_AGREED:
        raise Conflict(
            f"Order {order.number} is {order.state.replace('_', ' ')}: there is nothing to confirm."
        )
    return await answer_pdf(request, printout(request, order, to))


def printout(request: Request[Any, Any, Any], order: Order, to: Addressee) -> Printout:
    pages: Pages = request.app.state.pages
    code, also = languages(to.language, to.party)
    tongue = pages.tongue(code)
    seller = request.app.state.settings.seller
    return Printout(
        "pdf/confirmation.html",
        confirmation_paper(order, seller, to.party, tongue, pages.tongue(also) if also else None),
        tongue,
        kept_as=f"confirmations/{order.number}",
        file_name=f"{order.number}-confirmation.pdf",
    )


router = Router("/", route_handlers=[show], guards=[signed_in, ours], opt={"no_compress": True})
