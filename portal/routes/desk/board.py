"""The board: what can ship, what is short, what just arrived, what is late, what waits for me."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from litestar import Response, Router, get

from portal.db import board, places
from portal.domain.because import LIFTED_BY
from portal.routes.asking import Asked, asking
from portal.routes.visitor import PageRequest
from portal.views.desk import words as desk_words

# "Just arrived" reaches back over a weekend.
LATELY = timedelta(days=4)


@get("/", name="desk")
async def show(request: PageRequest) -> Response[Any]:
    """The first screen of a day at the supplier; each number leads to its rows."""
    asked = await asking(request, needs="desk:read")
    mine = mine_to_lift(asked)
    async with asked.reading() as conn:
        loaded = await board.load(conn, asked.today, _since(asked), mine)
        known = await places.names(conn)
    return asked.page(
        "desk/board.html",
        section="desk",
        board=loaded,
        places=known,
        few=board.FEW,
        mine=mine,
        words=desk_words,
    )


def mine_to_lift(asked: Asked) -> list[str]:
    """The reasons of holds that wait for somebody with this person's roles."""
    return [reason for reason, role in LIFTED_BY.items() if asked.viewer.may(f"holds:{role}")]


def _since(asked: Asked) -> datetime:
    """The beginning of the first of the days that count as lately, where the supplier is."""
    return datetime.combine(asked.today - LATELY, time(), tzinfo=asked.tongue.zone).astimezone(UTC)


router = Router("/", route_handlers=[show])
