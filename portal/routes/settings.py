"""The buyer's settings: what can be arranged, and how it stands."""

from typing import Any

from litestar import Response, Router, get

from portal.clock import utc_now
from portal.db import policies, policy_pages
from portal.routes import access_log
from portal.routes.asking import asking
from portal.routes.visitor import PageRequest
from portal.views.settings import delegations as views
from portal.views.settings.access import arranged, log_card
from portal.views.settings.settings import cards


@get("/settings", name="settings")
async def index(request: PageRequest) -> Response[Any]:
    """One card for each part. The supplier's people have nothing to arrange for a buyer."""
    asked = await asking(request, needs="orders:read")
    viewer = asked.viewer
    async with asked.reading() as conn:
        place = await policy_pages.place(conn, viewer.account or "")
        found = await policies.of_path(conn, place.path if place else ())
        listed = await policy_pages.delegations(conn, viewer.person_id or 0, (), asked.today)
        looked = await access_log.latest(conn, viewer)
    own, to_me, _others = views.rows(listed, viewer, asked.tongue, asked.today)
    return asked.page(
        "settings/index.html",
        section="settings",
        cards=arranged(
            viewer,
            cards(viewer, found, own, to_me, asked.tongue),
            log_card(looked, utc_now(), asked.tongue, asked.today),
        ),
    )


router = Router("/", route_handlers=[index])
