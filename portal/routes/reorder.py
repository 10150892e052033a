"""Order again: the lines of an order as they were, at today's prices, into the cart."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import detail, shop
from portal.db.work import Work
from portal.domain import written
from portal.domain.orders import Order
from portal.domain.pasting import Pasted
from portal.domain.refusals import Forbidden, NotFound, Problem, Refused, Unacceptable
from portal.operations import carting
from portal.routes import cart_forms as forms
from portal.routes.asking import Asked, asking, lines_of
from portal.routes.once import Outcome, new_form, once
from portal.routes.shopping import LARGEST, NEEDS, buying, not_too_large, path_of
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.buying.reorder import rows
from portal.views.buying.words import decimal_mark


@get("/", name="order-again")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What was ordered, with what it costs today; nothing is in the cart before it is said."""
    asked = await asking(request, needs=NEEDS)
    return await _draw(asked, number)


async def _draw(
    asked: Asked, number: str, refusal: Refused | None = None, typed: Mapping[str, str] | None = None
) -> Response[Any]:
    order = await _order(asked, number)
    async with asked.reading() as conn:
        whose = await buying(conn, asked, order.account)
        skus = [line.sku for line in order.lines]
        products = await shop.products(conn, whose.customer, skus, asked.today)
    return asked.page(
        "cart/again.html",
        section="cart",
        status=422 if refusal else 200,
        order=order,
        whose=whose,
        rows=rows(order, products, whose.customer.currency, asked.tongue, asked.today, typed),
        refusal=refusal,
        problems={one.pointer: one.detail for one in refusal.problems} if refusal else {},
        new_form=new_form,
    )


async def _order(asked: Asked, number: str) -> Order:
    async with asked.reading() as conn:
        order = await detail.detail(conn, asked.viewer, number)
    if order is None:
        raise NotFound(f"There is no order {number}.")
    return order


@post("/", name="order-again-lines")
async def create(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The ticked lines, with the quantities that were typed."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    order = await _order(asked, number)
    async with asked.reading() as conn:
        whose = await buying(conn, asked, order.account)

    async def do(work: Work) -> Outcome:
        lines = _lines(asked, form, order)
        added = await carting.add(work, asked.viewer, order.account, lines, asked.today)
        return {"added": msgspec.to_builtins(added)}

    sent = forms.as_sent(form)
    try:
        await once(asked, sent, path_of(whose, "lines"), do)
    except (Forbidden, NotFound):
        raise
    except Refused as refusal:
        return await _draw(asked, number, refusal, {name: str(value) for name, value in form.items()})
    return Redirect(whose.address(done=f"lines:{sent['form']}"), status_code=303)


def _lines(asked: Asked, form: Mapping[str, Any], order: Order) -> list[Pasted]:
    _ = asked.tongue.gettext
    chosen, typed = lines_of(form, "take"), lines_of(form, "qty")
    lines, problems = [], []
    for line in order.lines:
        if line.line not in chosen:
            continue
        quantity = written.quantity(typed.get(line.line, ""), decimal_mark(asked.tongue))
        if quantity:
            lines.append(Pasted(line.line, line.sku, line.sku, quantity))
        else:
            problems.append(Problem(f"qty-{line.line}", _("Write a quantity in digits, such as 12 or 12.5.")))
    if problems:
        raise Unacceptable(_("Some quantities cannot be read. Nothing was added."), problems)
    if not lines:
        raise Unacceptable(_("Tick at least one line."))
    return lines


router = Router(
    "/new-order/from/{number:str}",
    route_handlers=[show, Router("/", route_handlers=[create], guards=[not_too_large, signed_in, ours])],
    opt={"no_compress": True},
    request_max_body_size=LARGEST,
)
