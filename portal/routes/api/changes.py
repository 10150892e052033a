"""Changes of orders through the API: they may ask for approval anew."""

from typing import Any

from litestar import Request, Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from portal.db.work import Work
from portal.domain.access import Viewer
from portal.operations import revising
from portal.operations.drafting import Supplier
from portal.routes.api import approval_bodies as sent
from portal.routes.api import bodies
from portal.routes.api.approvals import acting
from portal.routes.api.orders import move
from portal.routes.heard import hear_for_order

ApiRequest = Request[Any, Any, Any]


@post("/orders/{number:str}/changes", status_code=200)
async def change(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostChange,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    supplier: NamedDependency[Supplier],
) -> Response[bytes]:
    """Order more or less of a line, or another product besides. Before an order is placed its lines change in place;
    of a placed one nothing changes before whoever must agree to what is added has agreed."""
    heard = await hear_for_order(request.app.state, number, viewer)
    wanted = revising.Change(
        [
            revising.ChangedLine(
                bodies.quantity(line.quantity, f"/lines/{index}/quantity"), line.line, line.sku, line.need_by
            )
            for index, line in enumerate(data.lines)
        ],
        data.note,
    )

    async def do() -> None:
        changing = viewer if viewer.is_supplier else await acting(work, viewer, "orders:write")
        await revising.change(work, changing, supplier, number, wanted, heard)

    return await move(request, work, viewer, number, do)


router = Router(path="", tags=["Orders"], route_handlers=[change])
