"""Shipments on the road: which should have arrived, and which are in trouble."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get

from portal.db import places, underway
from portal.db.underway import WHICH, UnderwayFilter
from portal.routes.asking import asking
from portal.routes.visitor import PageRequest
from portal.views.order.rows import is_web
from portal.views.order.statuses import shipment_state

PER_PAGE = 50


@get("/shipments", name="desk-shipments")
async def index(request: PageRequest) -> Response[Any]:
    """By the day on which they were to arrive."""
    asked = await asking(request, needs="desk:read")
    wanted = _wanted(request.query_params)
    async with asked.reading() as conn:
        found, following = await underway.search(conn, wanted, asked.today, PER_PAGE)
        known = await places.names(conn)
    return asked.page(
        "desk/shipments.html",
        section="desk",
        wanted=wanted,
        which=WHICH,
        found=found,
        places=known,
        following=_address(wanted, following) if following else None,
        first=_address(wanted, None) if wanted.after else None,
        state_word=shipment_state,
        is_web=is_web,
    )


def _wanted(query: Mapping[str, str]) -> UnderwayFilter:
    """Unknown values are left out, not refused."""
    which = query.get("late", "")
    day, _, last = query.get("after", "").partition("~")
    try:
        after = (date.fromisoformat(day), int(last)) if len(last) < 18 else None
    except ValueError:
        after = None
    return UnderwayFilter(
        which if which in WHICH else "", query.get("q", "").replace("\x00", "").strip()[:80], after
    )


def _address(wanted: UnderwayFilter, after: tuple[date, int] | None) -> str:
    said = {"late": wanted.which, "q": wanted.q, "after": f"{after[0]}~{after[1]}" if after else ""}
    query = urlencode({name: value for name, value in said.items() if value})
    return f"/desk/shipments?{query}" if query else "/desk/shipments"


router = Router("/", route_handlers=[index])
