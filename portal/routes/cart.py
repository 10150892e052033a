"""New order: type, paste, search and upload lines; what they cost now; what cannot be ordered yet, and why."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.db.work import Work
from portal.domain.refusals import Forbidden, NotFound, Refused
from portal.operations import carting
from portal.routes import cart_forms as forms
from portal.routes.asking import Asked, asking, lines_of
from portal.routes.cart_page import Refusing, draw
from portal.routes.once import Outcome, came_of, once
from portal.routes.shopping import HERE, LARGEST, NEEDS, Buying, buying, not_too_large, path_of
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.buying.cart import Sent


@get("/", name="new-order")
async def show(request: PageRequest) -> Response[Any]:
    """The cart, with everything that puts lines into it."""
    asked = await asking(request, needs=NEEDS)
    return await draw(asked, Refusing())


@post("/lines", name="new-order-lines")
async def add(request: PageRequest) -> Response[Any]:
    """Typed, pasted, or one product that was found."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    whose = await _whose(asked, form)

    async def do(work: Work) -> dict[str, Any]:
        lines = forms.pasted(form, asked.tongue)
        added = await carting.add(work, asked.viewer, whose.customer.number, lines, asked.today)
        return {"added": msgspec.to_builtins(added)}

    return await _do(asked, whose, form, "lines", do)


@post("/cart", name="new-order-cart")
async def edit(request: PageRequest) -> Response[Any]:
    """What was changed in the table of lines; a button may take a line out, or take a suggestion."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    whose = await _whose(asked, form)
    edited = forms.edited(form, asked.tongue)
    if edited.errors:
        fields = {name: str(value) for name, value in form.items()}
        return await draw(asked, Refusing(sent=Sent(fields, edited.errors), status=422), whose)

    async def do(work: Work) -> dict[str, Any]:
        account, outs = whose.customer.number, forms.taken_out(form)
        changes = [one for one in edited.changes if one.position not in outs]
        done = await carting.change(work, asked.viewer, account, changes, asked.today)
        if outs:
            done.removed += await carting.remove(work, asked.viewer, account, outs)
        return forms.told(done)

    following = f"{HERE}/review" if form.get("next") == "review" else HERE
    return await _do(asked, whose, form, "cart", do, following=following)


@post("/prices", name="new-order-prices")
async def agree(request: PageRequest) -> Response[Any]:
    """Agree to the new prices that stand beside the old ones."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    whose = await _whose(asked, form)
    shown = {line: price for line, raw in lines_of(form, "now").items() if (price := _price(raw)) is not None}

    async def do(work: Work) -> dict[str, Any]:
        number = whose.customer.number
        agreed = await carting.accept_prices(work, asked.viewer, number, shown, asked.today)
        return {"agreed": agreed, "asked": len(shown)}

    return await _do(asked, whose, form, "prices", do)


@post("/emptying", name="new-order-emptying")
async def empty(request: PageRequest) -> Response[Any]:
    """Take everything out; it can be put back."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    whose = await _whose(asked, form)

    async def do(work: Work) -> dict[str, Any]:
        rows = await carting.remove(work, asked.viewer, whose.customer.number)
        return {"removed": msgspec.to_builtins(rows)}

    return await _do(asked, whose, form, "emptying", do)


@post("/undo", name="new-order-undo")
async def undo(request: PageRequest) -> Response[Any]:
    """Put back what a form took out."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    whose = await _whose(asked, form)
    what, _colon, key = str(form.get("undo", "")).partition(":")
    rows = forms.removed_rows(await came_of(asked, path_of(whose, what), key))

    async def do(work: Work) -> dict[str, Any]:
        return {"back": await carting.put_back(work, asked.viewer, whose.customer.number, rows)}

    return await _do(asked, whose, form, "undo", do)


async def _whose(asked: Asked, form: Mapping[str, Any]) -> Buying:
    async with asked.reading() as conn:
        return await buying(conn, asked, str(form.get("account", "")))


def _price(raw: str) -> Decimal | None:
    try:
        return Decimal(raw[:40])
    except InvalidOperation:
        return None


async def _do(
    asked: Asked,
    whose: Buying,
    form: Mapping[str, Any],
    what: str,
    do: Callable[[Work], Awaitable[Outcome]],
    *,
    following: str = HERE,
) -> Response[Any]:
    """Once; then the page that tells what came of it. What is refused comes back as it was typed."""
    form = forms.as_sent(form)
    try:
        outcome = await once(asked, form, path_of(whose, what), do)
    except (Forbidden, NotFound):
        raise
    except Refused as refusal:
        said = str(form.get("lines", ""))
        return await draw(asked, Refusing(refusal, lines=said, status=422), whose)
    if following != HERE and not outcome.get("clashes") and not outcome.get("gone"):
        return Redirect(whose.address(following), status_code=303)
    here = {"done": f"{what}:{form['form']}", "page": form.get("page", ""), "find": form.get("find", "")}
    return Redirect(whose.address(**here), status_code=303)


router = Router(
    "/new-order",
    route_handlers=[
        show,
        Router("/", route_handlers=[add, edit, agree, empty, undo], guards=[not_too_large, signed_in, ours]),
    ],
    opt={"no_compress": True},
    request_max_body_size=LARGEST,
)
