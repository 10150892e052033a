"""The back-order list: every part of a line that waits, over all orders, and the same rows for a spreadsheet."""

from dataclasses import replace
from typing import Any

from litestar import Response, Router, get

from portal.db import backorders
from portal.domain.desk import REASONS
from portal.routes.asking import asking
from portal.routes.spreadsheets import csv_file
from portal.routes.visitor import PageRequest
from portal.views.desk import backorders as views
from portal.views.desk import words as desk_words

PER_PAGE = 50
# More rows than a spreadsheet is read with.
MOST_ROWS = 100_000


@get("/backorders", name="desk-backorders")
async def index(request: PageRequest) -> Response[Any]:
    """By age, value or date; filters and place stand in the address."""
    asked = await asking(request, needs="desk:read")
    wanted = views.wanted(request.query_params)
    async with asked.reading() as conn:
        found, following = await backorders.search(conn, wanted, asked.today, PER_PAGE)
        count = await backorders.count(conn, wanted, asked.today)
    return asked.page(
        "desk/backorders.html",
        section="desk",
        wanted=wanted,
        found=found,
        count=count,
        following=views.address(replace(wanted, after=following)) if following else None,
        first=views.address(replace(wanted, after=None)) if wanted.after else None,
        csv=views.address(replace(wanted, after=None), f"{views.PATH}.csv"),
        sorts=views.sorts(wanted, asked.tongue),
        onlies=views.only_words(asked.tongue),
        reasons=REASONS,
        age=views.age,
        words=desk_words,
    )


@get("/backorders.csv", name="desk-backorders-csv")
async def sheet(request: PageRequest) -> Response[Any]:
    """All that fits the filters, not only one page."""
    asked = await asking(request, needs="desk:read")
    wanted = replace(views.wanted(request.query_params), after=None)
    async with asked.reading() as conn:
        found, _ = await backorders.search(conn, wanted, asked.today, MOST_ROWS)
    return csv_file("backorders.csv", views.sheet(found, asked.tongue, asked.today))


router = Router("/", route_handlers=[index, sheet])
