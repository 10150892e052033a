"""How far a run of many is, and what became of each of its rows."""

from typing import Any, cast

from litestar import Response, Router, get
from litestar.params import FromPath

from portal.db import bulk, ready
from portal.db.work import Connection
from portal.domain.refusals import NotFound
from portal.routes.asking import asking
from portal.routes.visitor import PageRequest
from portal.views.desk.runs import page


@get("/runs/{number:str}", name="desk-run")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The page asks again by itself while rows wait; without script a link does."""
    asked = await asking(request, needs="desk:read")
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    async with request.app.state.pool.acquire() as acquired:
        conn = cast("Connection", acquired)
        run = await bulk.find(conn, int(number)) if is_number else None
        names = await ready.places(conn)
    if run is None or run.what in ("approve", "reject"):  # what a buyer decides is shown to nobody else
        raise NotFound(f"There is no run {number}.")
    return asked.page("desk/run.html", section="desk", run=page(asked.tongue, asked.today, run, names))


router = Router("/", route_handlers=[show])
