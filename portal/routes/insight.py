"""The supplier's figures, and what each was counted from."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, Router, get
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import insight, insight_lists
from portal.db.insight_events import Scope
from portal.db.work import Connection
from portal.domain.insight import KEPT, Days
from portal.domain.refusals import NotFound
from portal.routes.asking import Asked as Asking
from portal.routes.asking import asking
from portal.routes.insight_figures import figures, latency
from portal.routes.spreadsheets import csv_file
from portal.routes.visitor import PageRequest
from portal.views.insight.asked import CHARTS, PER_PAGE, Asked, Chosen, asked, chosen
from portal.views.insight.insight import shortcuts, views
from portal.views.insight.lists import Listed, Lists
from portal.views.insight.names import period_name

BROKEN = Days(KEPT.most + 1 if KEPT.most is not None else None, None)
WHICH: Mapping[str, Days] = {"kept": KEPT, "broken": BROKEN}


@get("/insight", name="insight")
async def index(request: PageRequest) -> Response[Any]:
    """How well orders are fulfilled, over a period, for one account, location and supplier or all of them."""
    someone = await asking(request, needs="desk:read")
    async with someone.looking_back() as conn:
        wanted, places = await _looked_up(conn, request, someone)
        drawn = None
        first = await insight.first_day(conn, _zone(request))
        if not wanted.problems:
            drawn = await figures(conn, _scope(request, wanted), wanted, someone.tongue, someone.today)
    return someone.page(
        "insight/index.html",
        section="insight",
        status=422 if wanted.problems else 200,
        headers={"Cache-Control": "private, no-cache"},
        is_index=False,
        asked=wanted,
        places=places,
        drawn=drawn,
        period=period_name(wanted.period, someone.tongue, someone.today),
        shortcuts=shortcuts(wanted, first, someone.tongue, someone.today),
        views=views(wanted, someone.tongue),
    )


@get("/insight/{chart:str}/figures.csv", name="insight-file")
async def download(chart: FromPath[str], request: PageRequest) -> Response[Any]:
    """A chart as a file: all of its rows, as they are counted now."""
    someone = await asking(request, needs="desk:read")
    if chart not in CHARTS:
        raise NotFound(f"There is no chart {chart!r}.")
    async with someone.looking_back() as conn:
        wanted, _ = await _looked_up(conn, request, someone)
        if wanted.problems:
            return Redirect(f"/insight?{request.scope['query_string'].decode('latin-1')}", status_code=303)
        scope = _scope(request, wanted)
        if chart == "latency":
            figure = await latency(conn, scope, wanted, someone.tongue, someone.today)
        else:
            figure = (await figures(conn, scope, wanted, someone.tongue, someone.today))[chart]
    name = f"{chart}-{wanted.period.first}-{wanted.period.last}.csv"
    return csv_file(name, figure.table(someone.tongue.gettext("{name}, percent")))


@get("/insight/{figure:str}", name="insight-list")
async def show(figure: FromPath[str], request: PageRequest) -> Response[Any]:
    """The orders or lines that a figure counts, page by page."""
    someone = await asking(request, needs="desk:read")
    picked = chosen(figure, request.query_params)
    if picked is None:
        raise NotFound(f"There is no figure {figure!r}.")
    async with someone.looking_back() as conn:
        wanted, _ = await _looked_up(conn, request, someone)
        if wanted.problems:
            # The form that can be mended stands on the page of the figures.
            return Redirect(f"/insight?{request.scope['query_string'].decode('latin-1')}", status_code=303)
        listed = await _listed(conn, request, someone, wanted, picked)
        if not listed.rows and picked.page > 1:
            return Redirect(wanted.href(figure, picked.pairs), status_code=303)
    return someone.page(
        "insight/list.html",
        section="insight",
        headers={"Cache-Control": "private, no-cache"},
        asked=wanted,
        listed=listed,
        period=period_name(wanted.period, someone.tongue, someone.today),
    )


async def _looked_up(
    conn: Connection, request: PageRequest, someone: Asking
) -> tuple[Asked, list[tuple[str, str]]]:
    """What was asked for, with the account and the location that it names, and the locations there are."""
    _ = someone.tongue.gettext
    wanted = asked(request.query_params, someone.today, someone.tongue)
    places = await insight.locations(conn)
    if wanted.account is not None:
        number = await insight.account_called(conn, wanted.account)
        if number is None:
            wanted = wanted.wrong("account", _("There is no account with this number or name."))
        else:
            wanted = replace(wanted, account=number)
    if wanted.location is not None and wanted.location not in dict(places):
        wanted = wanted.wrong("location", _("There is no such location."))
    if wanted.supplier is not None:
        supplier = await insight.supplier_called(conn, wanted.supplier)
        if supplier is None:
            wanted = wanted.wrong("supplier", _("Nobody of this name supplies us."))
        else:
            wanted = replace(wanted, supplier=supplier)
    return wanted, places


async def _listed(
    conn: Connection, request: PageRequest, someone: Asking, wanted: Asked, picked: Chosen
) -> Listed:
    scope, today = _scope(request, wanted), someone.today
    lists = Lists(wanted, picked, someone.tongue, today)
    if picked.figure == "dispatches":
        is_partial = {"parts": True, "whole": False}.get(picked.outcome)
        return lists.dispatches(
            *await insight_lists.dispatched_orders(
                conn, scope, is_partial=is_partial, took=picked.days, limit=PER_PAGE, offset=picked.offset
            )
        )
    if picked.figure == "backorders":
        return lists.backorders(
            *await insight_lists.backordered_lines(
                conn, scope, wanted.target, today, outcome=picked.outcome or None, limit=PER_PAGE,
                offset=picked.offset,
            )
        )  # fmt: skip
    return lists.deliveries(
        *await insight_lists.delivered_lines(
            conn,
            scope,
            of_first=picked.promise == "first",
            has_none=True if picked.outcome == "none" else None,
            off=picked.days or WHICH.get(picked.outcome),
            limit=PER_PAGE,
            offset=picked.offset,
        )
    )


def _scope(request: PageRequest, wanted: Asked) -> Scope:
    return Scope(wanted.period, _zone(request), wanted.account, wanted.location, wanted.supplier)


def _zone(request: PageRequest) -> ZoneInfo:
    return ZoneInfo(request.app.state.settings.supplier_time_zone)


router = Router("/", route_handlers=[index, show, download], opt={"no_compress": True})
