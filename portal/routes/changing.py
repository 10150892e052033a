"""Change what was ordered: other quantities, other products besides; at once, or once others have agreed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import approvals, detail
from portal.db.work import LawBroken, Work
from portal.domain.orders import Order
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused, Stale
from portal.operations import revising
from portal.operations.drafting import Supplier
from portal.routes.asking import Asked, asking
from portal.routes.change_form import Reading, Typed, beside
from portal.routes.heard import hear_for_order
from portal.routes.once import Outcome, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.approvals.order_changes import MORE, change_page

LARGEST_FORM = 1 << 19


@dataclass(frozen=True, slots=True)
class Sent:
    status: int = 200
    typed: Typed = field(default_factory=Typed)
    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None


@get("/orders/{number:str}/changes", name="order-change")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The lines with what can still be changed of them."""
    asked = await asking(request, needs="orders:place")
    return await _draw(asked, await _order(asked, number), Sent())


@post(
    "/orders/{number:str}/changes",
    name="order-change-send",
    status_code=200,
    request_max_body_size=LARGEST_FORM,
)
async def send(
    number: FromPath[str], request: PageRequest, supplier: NamedDependency[Supplier]
) -> Response[Any]:
    """Changed at once, or asked for: the page that comes says which."""
    asked = await asking(request, needs="orders:place")
    form = await request.form()
    order = await _order(asked, number)
    typed = Typed.read(form)
    reading = Reading(typed, order, asked.tongue)
    wanted = reading.read()
    if wanted is None:
        return await _draw(asked, order, Sent(422, typed, reading.errors))
    heard = await hear_for_order(request.app.state, number, asked.viewer)

    async def do(work: Work) -> Outcome:
        return {"became": await revising.change(work, asked.viewer, supplier, number, wanted, heard)}

    try:
        await once(asked, form, f"/orders/{number}/changes", do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        status = 409 if isinstance(refusal, Conflict | Stale) else 422
        return await _draw(
            asked, await _order(asked, number), Sent(status, typed, beside(refusal, typed, wanted), refusal)
        )
    return Redirect(await _onwards(asked, number), status_code=303)


async def _onwards(asked: Asked, number: str) -> str:
    """To those who are asked now, or to the order as it is."""
    async with asked.reading() as conn:
        found = await approvals.of_order(conn, asked.viewer, number)
    waits = next((one.number for one in found if one.is_open), None)
    return f"/approvals/{waits}" if waits else f"/orders/{number}"


async def _order(asked: Asked, number: str) -> Order:
    async with asked.reading() as conn:
        order = await detail.detail(conn, asked.viewer, number)
    if order is None:
        raise NotFound(f"There is no order {number}.")
    return order


async def _draw(asked: Asked, order: Order, sent: Sent) -> Response[Any]:
    return asked.page(
        "orders/changes.html",
        section="orders",
        status=sent.status,
        order=order,
        page=change_page(order, asked.tongue, sent.typed.quantities, sent.errors),
        typed=sent.typed,
        errors=sent.errors,
        refusal=sent.refusal,
        more=range(max(MORE, len(sent.typed.more))),
        form_id=new_form(),
    )


router = Router(
    "/",
    route_handlers=[show, Router("/", route_handlers=[send], guards=[signed_in, ours])],
    opt={"no_compress": True},
)
