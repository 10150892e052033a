"""Returns: where is what was sent back, and one of them with all that may be done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import places, return_list, returns
from portal.db.return_list import ReturnFilter
from portal.domain.refusals import Conflict, NotFound, Refused, Stale
from portal.routes.asking import Asked, asking
from portal.routes.once import came_of, new_form
from portal.routes.visitor import PageRequest
from portal.views.returns import page as views
from portal.views.returns.asked import SHELVES, AskedReturns
from portal.views.returns.listing import listing
from portal.views.returns.page import Entered

PER_PAGE = 50
FILL = "outstanding"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form of the page that was not carried out, to be drawn again: what was typed, and what is wrong where.

    `what` is the form: `receipt`, `decision`, `pictures`, `cancellation`.
    """

    what: str = ""
    refusal: Refused | None = None
    title: str = ""
    entered: Sequence[Entered] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    changed: Sequence[int] = ()
    note: str = ""

    @property
    def status(self) -> int:
        if self.refusal is None:
            return 200
        return 409 if isinstance(self.refusal, Conflict | Stale) else 422


@get("/returns", name="returns")
async def index(request: PageRequest) -> Response[Any]:
    """Every return that the reader may see, the newest first; a scanned number leads to its own."""
    asked = await asking(request, needs="returns:read")
    wanted = AskedReturns.read(request.query_params)
    only = ReturnFilter(
        wanted.q, SHELVES[wanted.show], location=wanted.location or None, before=wanted.before
    )
    async with asked.looking_back() as conn:
        scanned = await returns.find(conn, asked.viewer, wanted.q.upper()) if wanted.q else None
        found, following = await return_list.search(conn, asked.viewer, only, PER_PAGE)
        counts = await return_list.counts(conn, asked.viewer)
        known = await places.names(conn) if asked.viewer.is_supplier else {}
    if scanned is not None and "hx-request" not in request.headers:
        return Redirect(f"/returns/{wanted.q.upper()}", status_code=303)
    return asked.page(
        "returns/index.html",
        section="returns",
        wanted=wanted,
        listed=listing(
            wanted,
            found,
            counts,
            following,
            asked.tongue,
            asked.today,
            for_supplier=asked.viewer.is_supplier,
        ),
        places=known,
        shows_account=asked.viewer.is_supplier or len(asked.viewer.accounts or ()) > 1,
    )


@get("/returns/{number:str}", name="return")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """One return: how it stands, and what is to be done now."""
    return await draw(await asking(request, needs="returns:read"), number, Sent())


async def draw(asked: Asked, number: str, sent: Sent) -> Response[Any]:
    """The page, also after a form that was refused."""
    query = asked.request.query_params
    path = path_of(number)
    done = await came_of(asked, path, query.get("done"))
    async with asked.reading() as conn:
        found = await returns.one(conn, asked.viewer, number)
    if found is None:
        raise NotFound(f"There is no return {number}.")
    return asked.page(
        "returns/show.html",
        section="returns",
        status=sent.status,
        found=found,
        page=views.page(
            found,
            asked.viewer,
            asked.tongue,
            asked.today,
            asked.request.app.state.settings.supplier_name,
            typed=sent.entered,
            problems=sent.problems,
            changed=sent.changed,
            fill=query.get("fill") == FILL,
        ),
        sent=sent,
        done=done,
        form_id=new_form(),
        path=path,
    )


def path_of(number: str) -> str:
    return f"/returns/{number}"


router = Router("/", route_handlers=[index, show], opt={"no_compress": True})
