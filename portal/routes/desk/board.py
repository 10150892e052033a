"""The board: what can ship, what is short, what just arrived, what is late, what waits for me."""

from typing import Any

from litestar import Response, Router, get

from portal.routes.asking import asking
from portal.routes.visitor import PageRequest


@get("/", name="desk")
async def show(request: PageRequest) -> Response[Any]:
    """The first screen of a day at the supplier."""
    asked = await asking(request, needs="desk:read")
    return asked.page("desk/board.html", section="desk", is_index=True)


router = Router("/", route_handlers=[show])
