"""A buyer's first page: what needs them today, and what is new since they last looked."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.clock import utc_now
from portal.db import approval_pages, invoices_today
from portal.db import today as news
from portal.db.approval_pages import Waiting
from portal.db.arrivals import Wanted
from portal.db.work import Connection
from portal.routes.asking import Asked, asking
from portal.routes.buying import Scope, choose_account, named_account, scope
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.approvals.items import approvals_today
from portal.views.approvals.listing import SOON
from portal.views.arrivals.calendar import week_of
from portal.views.invoices.items import SOON as SOON_DUE
from portal.views.invoices.items import money_today
from portal.views.order.news_items import Eyes
from portal.views.today import FIRST_LOOK, LONGEST_LOOK, today_page

WEEK = timedelta(days=7)


@get("/today", name="today")
async def show(request: PageRequest) -> Response[Any]:
    """What needs them, what moved, what arrives in these two weeks."""
    asked = await asking(request)
    account = named_account(request.query_params.get("account", ""))
    async with asked.reading() as conn:
        whose = await scope(conn, asked.viewer, account)
        if whose is None:
            return choose_account(asked, "today", "/today", account)
        now = utc_now()
        read = await news.read_until(conn, asked.viewer.person_id or 0)
        since = _since(asked, read, now)
        sunday = week_of(asked.today, int(asked.tongue.locale.first_week_day))[1]
        outlook = await news.outlook(conn, Wanted(whose.chosen, asked.today, sunday + WEEK))
        told = await news.news(conn, whose.chosen, since)
        waiting = await _approvals(asked, conn, now)
        owed = await invoices_today.waiting(conn, whose.chosen, asked.today + SOON_DUE)
    page = today_page(
        _eyes(asked, whose, since, account),
        outlook,
        told,
        is_first=read is None,
        shows_all_moved=request.query_params.get("moved") == "all",
        approvals=approvals_today(asked.tongue, asked.today, now, waiting) if waiting else (),
        money=money_today(asked.tongue, asked.today, owed, account),
    )
    return asked.page(
        "today/show.html",
        section="today",
        headers={"Cache-Control": "private, no-cache"},
        page=page,
        until=now.isoformat(),
        account=account,
    )


@post("/today/visit", name="today-visit")
async def visit(request: PageRequest) -> Response[Any]:
    """What is on the page has been read; what came since it was drawn has not."""
    asked = await asking(request)
    form = await request.form()
    until = _instant(str(form.get("until", "")), utc_now())
    async with asked.work() as work:
        await news.mark_read(work.conn, asked.viewer.person_id or 0, until)
    return Redirect("/today", status_code=303)


async def _approvals(asked: Asked, conn: Connection, now: datetime) -> Waiting | None:
    """What waits for this very person, whichever accounts they look at; staff decide nothing."""
    if asked.viewer.is_supplier or not asked.viewer.may("approvals:read"):
        return None
    viewer = asked.viewer.within("approvals:read")
    return await approval_pages.waiting(conn, viewer, asked.today, now + SOON)


def _since(asked: Asked, read: datetime | None, now: datetime) -> datetime:
    """Since they last said that they had read it. Staff read the pages of many companies: for them it is a week."""
    if read is None or asked.viewer.is_supplier:
        return now - FIRST_LOOK
    return max(read, now - LONGEST_LOOK)


def _eyes(asked: Asked, whose: Scope, since: datetime, account: str) -> Eyes:
    return Eyes(
        asked.tongue,
        asked.today,
        whose.names,
        since,
        answers_for=asked.viewer.accounts_where("offers:answer"),
        account=account if asked.viewer.is_supplier else "",
    )


def _instant(text: str, now: datetime) -> datetime:
    """When the page was drawn; now where the form does not say, or lies."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now
    return min(max(at, now - LONGEST_LOOK), now) if at.tzinfo is not None else now


router = Router(
    "/",
    route_handlers=[show, Router("/", route_handlers=[visit], guards=[signed_in, ours])],
    opt={"no_compress": True},
)
