"""What arrives when, at which of a buyer's sites: as a list, a week, a month, and as a file."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from litestar import Response, Router, get

from portal.clock import utc_now
from portal.db import arrivals, calendar
from portal.db.arrivals import Limits, Wanted
from portal.db.work import Connection
from portal.domain.arrivals import PARTS, Arrival, Listed, Month, Week
from portal.filters import Tongue
from portal.routes.asking import Asked, asking
from portal.routes.buying import Scope, choose_account, scope
from portal.routes.spreadsheets import csv_answer, csv_text
from portal.routes.visitor import PageRequest
from portal.views.arrivals import calendar as calendars
from portal.views.arrivals.arrivals import Eyes, Frame, frame
from portal.views.arrivals.asked import AskedArrivals
from portal.views.arrivals.listing import BESIDES, limit_of, listing, shows_besides
from portal.views.order.certainty import ONLY, said_of

# From so many rows on a file is written beside the requests of others.
MANY_ROWS = 2_000


@get("/arrivals", name="arrivals")
async def index(request: PageRequest) -> Response[Any]:
    """The list, or a calendar."""
    asked = await asking(request)
    wanted = AskedArrivals.read(request.query_params, asked.today)
    async with asked.looking_back() as conn:
        whose = await scope(conn, asked.viewer, wanted.account)
        if whose is None:
            return choose_account(asked, "arrivals", "/arrivals", wanted.account)
        eyes = _eyes(asked, wanted, whose)
        found = await _find(conn, eyes, whose)
    draw: Callable[..., Response[bytes]] = partial(
        asked.page,
        f"arrivals/{wanted.view}.html",
        section="arrivals",
        headers={"Cache-Control": "private, no-cache"},
        is_index=True,
        wanted=wanted,
        shows_site=whose.names.are_several,
        now=asked.tongue.stamp(utc_now(), asked.today),
    )
    if isinstance(found, Listed):
        return draw(frame=_frame_of_list(eyes, found), listed=listing(eyes, found))
    first, last = calendars.days_of(eyes)
    framed = frame(eyes, found.totals, days=(max(first, asked.today), last))
    return draw(
        frame=framed,
        calendar=calendars.week(eyes, found) if isinstance(found, Week) else calendars.month(eyes, found),
    )


@get("/arrivals.csv", name="arrivals-file")
async def file(request: PageRequest) -> Response[Any]:
    """All that the list has, for a spreadsheet."""
    asked = await asking(request)
    wanted = AskedArrivals.read(request.query_params, asked.today)
    async with asked.looking_back() as conn:
        whose = await scope(conn, asked.viewer, wanted.account)
        if whose is None:
            return choose_account(asked, "arrivals", "/arrivals", wanted.account)
        days = wanted.days(asked.today)
        needed = _wanted(wanted, whose, asked.today, days[1])
        found = await arrivals.everything(conn, needed, days, _parts(wanted))
    rows = _rows(found, asked.tongue, asked.today)
    body = await asyncio.to_thread(csv_text, rows) if len(found) > MANY_ROWS else csv_text(rows)
    return csv_answer(f"arrivals-{asked.today}.csv", body)


async def _find(conn: Connection, eyes: Eyes, whose: Scope) -> Listed | Week | Month:
    wanted, today = eyes.asked, eyes.today
    if wanted.view == "list":
        days = wanted.days(today)
        return await arrivals.listed(
            conn, _wanted(wanted, whose, today, days[1]), days, _limits(wanted), wanted.after
        )
    first, last = calendars.days_of(eyes)
    find = calendar.week if wanted.view == "week" else calendar.month
    return await find(conn, _wanted(wanted, whose, today, last), max(first, today))


def _frame_of_list(eyes: Eyes, found: Listed) -> Frame:
    if eyes.asked.has_range:
        return frame(eyes, found.totals, days=eyes.asked.days(eyes.today))
    is_first = not eyes.asked.after and not eyes.asked.part
    return frame(eyes, found.totals, following=found.days[0].day if found.days and is_first else None)


def _eyes(asked: Asked, wanted: AskedArrivals, whose: Scope) -> Eyes:
    return Eyes(
        wanted, asked.tongue, asked.today, whose.names, whose.accounts, for_supplier=asked.viewer.is_supplier
    )


def _wanted(wanted: AskedArrivals, whose: Scope, today: date, until: date = arrivals.FOREVER) -> Wanted:
    """What the database is asked for. A site names its account, which must be one of those chosen."""
    account, _, code = wanted.site.partition("/")
    chosen = whose.chosen if not account else tuple(one for one in whose.chosen if one == account)
    kinds = ONLY[wanted.only] if wanted.only else None
    return Wanted(chosen, today, until, code or None, wanted.q or None, kinds)


def _limits(wanted: AskedArrivals) -> Limits:
    limit = limit_of(wanted)
    if wanted.part:
        return Limits(**{wanted.part: limit})
    if shows_besides(wanted):
        return Limits(late=BESIDES, coming=limit, undated=BESIDES)
    return Limits(coming=limit)


def _parts(wanted: AskedArrivals) -> Sequence[str]:
    """What the list with this address has on its pages."""
    if wanted.part:
        return (wanted.part,)
    return ("coming",) if wanted.has_range else PARTS


def _rows(found: Sequence[Arrival], tongue: Tongue, today: date) -> Iterator[list[str]]:
    _ = tongue.gettext
    yield [
        _("Arrives"), _("Site"), _("Ship-to code"), _("Account"), _("Order"), _("PO"), _("Line"), "SKU", _("Item"),
        _("Quantity"), _("Unit"), _("Status"), _("Certainty"), _("Shipment"), _("Carrier"), _("Tracking"),
    ]  # fmt: skip
    for one in found:
        status, note = said_of(one, tongue, today)
        yield [
            str(one.day or ""), f"{one.city}, {one.site_name}", one.site, one.account, one.order,
            one.purchase_order or "", str(one.line), one.sku, one.name, f"{one.quantity:f}", one.unit, status, note,
            one.shipment or "", one.carrier or "", one.tracking_number or "",
        ]  # fmt: skip


router = Router("/", route_handlers=[index, file], opt={"no_compress": True})
