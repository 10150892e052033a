"""What staff decide about the queue: who goes ahead, whose stock it is, and where it comes from."""

from typing import Any

from litestar import Request, Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from portal.db.work import Work
from portal.domain.access import Viewer
from portal.operations import queueing
from portal.routes.api import bodies
from portal.routes.api.orders import WRITE, move

ApiRequest = Request[Any, Any, Any]


@post("/orders/{number:str}/priorities", opt=WRITE, status_code=200)
async def prioritise(
    request: ApiRequest,
    number: FromPath[str],
    data: bodies.PostPriority,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Give what waits of a line another place in the queue. Without a priority it has its account's again."""
    return await move(
        request,
        work,
        viewer,
        number,
        lambda: queueing.reprioritise(work, viewer, number, data.line, data.priority, data.reason, data.note),
    )


@post("/orders/{number:str}/reassignments", opt=WRITE, status_code=200)
async def reassign(
    request: ApiRequest,
    number: FromPath[str],
    data: bodies.PostReassignment,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Give a line that waits the stock that is set aside for another. Both buyers read the reason."""
    quantity = bodies.quantity(data.quantity, "/quantity")
    return await move(
        request,
        work,
        viewer,
        number,
        lambda: queueing.reassign(
            work,
            viewer,
            number,
            data.line,
            data.from_order,
            data.from_line,
            quantity,
            data.location,
            data.reason,
        ),
    )


@post("/orders/{number:str}/relocations", opt=WRITE, status_code=200)
async def relocate(
    request: ApiRequest,
    number: FromPath[str],
    data: bodies.PostRelocation,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Serve a line from another location. With `from_location`, what is set aside there moves, by transfer when a day
    is given on which it is expected; without it, all that waits of the line comes from `to_location` only, or from
    anywhere again when that is left out."""
    quantity = bodies.optional(data.quantity, "/quantity")
    bodies.within_reach(data.transfer_expected_on, "/transfer_expected_on")
    return await move(
        request,
        work,
        viewer,
        number,
        lambda: queueing.relocate(
            work,
            viewer,
            number,
            data.line,
            quantity,
            data.from_location,
            data.to_location,
            data.reason,
            data.transfer_expected_on,
        ),
    )


router = Router(path="", tags=["Orders"], route_handlers=[prioritise, reassign, relocate])
