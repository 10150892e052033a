"""A request with all that its page shows around it, as far as the reader may see it."""

from portal.clock import utc_now
from portal.db import approval_background, approvals, detail, prices
from portal.domain.orders import Order
from portal.domain.quotes import Outlook
from portal.domain.refusals import NotFound
from portal.domain.requests import Request
from portal.operations import quoting
from portal.routes.asking import Asked
from portal.views.approvals.page import Around, Page, page


async def request_of(asked: Asked, number: str) -> Request:
    async with asked.reading() as conn:
        found = await approvals.request(conn, asked.viewer, number, asked.viewer.person_id, utc_now())
    if found is None:
        raise NotFound(f"There is no request {number}.")
    return found


async def _order(asked: Asked, found: Request) -> Order:
    """Whoever may see the request sees what it is about."""
    async with asked.reading() as conn:
        order = await detail.detail(conn, asked.viewer, found.order)
    if order is None:
        raise NotFound(f"There is no order {found.order}.")
    return order


async def outlook_of(asked: Asked, found: Request) -> Outlook | None:
    """Only of an order that waits to be placed."""
    if not found.is_open or found.kind != "order":
        return None
    return await quoting.outlook(asked.planning, found.order_id)


async def page_of(asked: Asked, found: Request) -> Page:
    outlook = await outlook_of(asked, found)
    async with asked.reading() as conn:
        people = {seat.person_id for seat in found.seats} if found.is_open else set()
        habits = await approval_background.habits(conn, people)
        added = {str(one["sku"]) for one in (found.wanted or {}).get("add", ())}
        articles = await prices.articles(conn, added) if added else {}
    around = Around(
        asked.viewer,
        asked.tongue,
        asked.today,
        utc_now(),
        outlook,
        habits,
        {sku: (article.name, article.unit) for sku, article in articles.items()},
        shows_all=asked.request.query_params.get("lines") == "all",
    )
    return page(found, await _order(asked, found), around)
