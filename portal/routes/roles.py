"""The roles there are, and what each may do."""

from typing import Any

from litestar import Response, Router, get

from portal.routes.asking import asking
from portal.routes.visitor import PageRequest
from portal.views.settings.roles import cards


@get("/settings/roles", name="roles")
async def show(request: PageRequest) -> Response[Any]:
    """Made from the table that decides it; the supplier's people see their own as well."""
    asked = await asking(request, needs="orders:read")
    is_supplier = asked.viewer.is_supplier
    return asked.page(
        "settings/roles.html",
        section="settings",
        buyers=cards(asked.tongue, is_staff=False),
        staff=cards(asked.tongue, is_staff=True) if is_supplier else (),
    )


router = Router("/", route_handlers=[show])
