"""How goods come to each of a buyer's places, unless an order says otherwise; and what is always said to the driver."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.db import checkout
from portal.db.patience import patiently
from portal.operations import preparing
from portal.operations.preparing import LONGEST_NOTE
from portal.routes.asking import Asked, asking
from portal.routes.shopping import Buying, buying
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.buying.review import preference_words

HERE = "/settings/delivery"


@get("/", name="delivery-settings")
async def show(request: PageRequest) -> Response[Any]:
    """Every destination in use, each with its own small form."""
    asked = await asking(request, needs="addresses:write")
    return await _draw(
        asked, request.query_params.get("account", ""), kept=request.query_params.get("kept", "")
    )


@post("/", name="delivery-settings-keep")
async def keep(request: PageRequest) -> Response[Any]:
    """Settle one destination; orders that are placed already stay as they are."""
    asked = await asking(request, needs="addresses:write")
    form = await request.form()
    whose = await _whose(asked, str(form.get("account", "")))
    code = str(form.get("code", ""))
    said = str(form.get("instructions", "")).replace("\r\n", "\n").replace("\x00", "").strip()
    preference = str(form.get("delivery_preference", "")) or None
    if len(said) > LONGEST_NOTE:
        problem = asked.tongue.gettext("At most {n} characters.").format(n=asked.tongue.number(LONGEST_NOTE))
        return await _draw(asked, whose.customer.number, wrong=code, said=said, problem=problem)

    async def attempt() -> None:
        async with asked.work() as work:
            await preparing.settle(work, asked.viewer, whose.customer.number, code, preference, said or None)

    await patiently(attempt)
    return Redirect(whose.address(HERE, kept=code), status_code=303)


async def _whose(asked: Asked, named: str) -> Buying:
    async with asked.reading() as conn:
        return await buying(conn, asked, named)


async def _draw(
    asked: Asked, named: str, *, kept: str = "", wrong: str = "", said: str = "", problem: str = ""
) -> Response[Any]:
    async with asked.reading() as conn:
        whose = await buying(conn, asked, named)
        account = whose.customer.number
        found = await checkout.destinations(conn, account)
        own, weekly_day = await checkout.delivery_of(conn, account)
    words = {
        code: preference_words(code, weekly_day, asked.tongue)
        for code in ("as_available", "complete_only", "weekly")
    }
    return asked.page(
        "settings/delivery.html",
        section="settings",
        status=422 if wrong else 200,
        whose=whose,
        destinations=found,
        own=words[own][0],
        words=words,
        kept=next((one.name for one in found if one.code == kept), ""),
        wrong=wrong,
        said=said,
        problem=problem,
        most=LONGEST_NOTE,
    )


router = Router(HERE, route_handlers=[show, Router("/", route_handlers=[keep], guards=[signed_in, ours])])
