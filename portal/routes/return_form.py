"""What shall come back of a shipment: the form from its card, and what it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import return_list, returns, shipments
from portal.db.return_list import ReturnFilter
from portal.db.work import LawBroken, Work
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused, Stale
from portal.operations import returning
from portal.operations.returning import Wanted
from portal.routes.asking import Asked, asking
from portal.routes.once import new_form, once
from portal.routes.return_pictures import MOST_TOGETHER, not_too_large, sent
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.returns import form as views
from portal.views.returns.form import Typed
from portal.views.returns.words import reasons, state_word

# Other returns of the same shipment are shown beside the form.
OTHERS = 20


@dataclass(frozen=True, slots=True)
class Refusing:
    """A form that was not carried out, to be drawn again. `lost`: pictures were chosen, which no page can keep."""

    refusal: Refused | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False
    status: int = 200


@get("/shipments/{number:str}/return", name="return-form")
async def begin(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The lines of the shipment, each with what of it may come back."""
    asked = await asking(request, needs="returns:ask")
    return await _draw(asked, number, None, Refusing())


@post("/shipments/{number:str}/return", name="return-request")
async def create(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Announce it, with its pictures. A buyer asks; what the supplier's people announce is authorised by that."""
    asked = await asking(request, needs="returns:ask")
    form = await request.form()
    typed = Typed.read(form)
    async with asked.reading() as conn:
        found = await shipments.find(conn, asked.viewer, number)
        if found is None:
            raise NotFound(f"There is no shipment {number}.")
        there = await returns.returnable(conn, found.id)
    names = {f"pictures-{line.line}": line.line for line in there}
    pictures = await sent(form, names, asked.tongue)
    read = views.numbers(typed, there, asked.tongue)
    problems = {**read.problems, **pictures.problems}
    lost = bool(pictures.digest)
    if problems or not read.lines:
        return await _draw(asked, number, typed, Refusing(None, problems, lost, 422))
    wanted = Wanted(number, read.lines, typed.note or None)
    said = {name: str(value) for name, value in form.items() if name not in names}

    async def do(work: Work) -> dict[str, Any]:
        made, _is_new = await returning.ask(work, asked.viewer, wanted, pictures.shots)
        return {"return": made}

    try:
        outcome = await once(asked, said | {"pictures": pictures.digest}, f"/shipments/{number}/return", do)
    except (Forbidden, NotFound, LawBroken):
        raise
    except Refused as refusal:
        status = 409 if isinstance(refusal, Conflict | Stale) else 422
        beside = views.placed(refusal.problems, read.lines)
        return await _draw(asked, number, typed, Refusing(refusal, beside, lost, status))
    return Redirect(f"/returns/{outcome['return']}", status_code=303)


async def _draw(asked: Asked, number: str, typed: Typed | None, refusing: Refusing) -> Response[Any]:
    async with asked.reading() as conn:
        found = await shipments.find(conn, asked.viewer, number)
        if found is None:
            raise NotFound(f"There is no shipment {number}.")
        lines = await returns.returnable(conn, found.id)
        others, _following = await return_list.search(
            conn, asked.viewer, ReturnFilter(shipment=number), OTHERS
        )
    if typed is None:
        is_whole = asked.request.query_params.get("fill") == "all"
        typed = Typed.whole(lines) if is_whole else Typed()
    return asked.page(
        "returns/new.html",
        section="returns",
        status=refusing.status,
        shipment=found,
        rows=views.rows(lines, typed, refusing.problems, asked.tongue),
        note=typed.note,
        others=[(one.number, state_word(one.state, asked.tongue)) for one in others],
        reasons=reasons(asked.tongue),
        refusal=refusing.refusal,
        problems=refusing.problems,
        is_refused=refusing.status != 200,
        lost=refusing.lost,
        form_id=new_form(),
    )


router = Router(
    "/",
    route_handlers=[
        begin,
        Router(
            "/",
            route_handlers=[create],
            guards=[not_too_large, signed_in, ours],
            request_max_body_size=MOST_TOGETHER,
        ),
    ],
    opt={"no_compress": True},
)
