"""What is done with a saved list: order from it, change it, throw it away."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from litestar import Response, Router, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import lists
from portal.db.lists import SavedList
from portal.db.work import Work
from portal.domain import written
from portal.domain.pasting import Pasted
from portal.domain.refusals import Forbidden, NotFound, Problem, Refused, Unacceptable
from portal.operations import carting, keeping_lists
from portal.routes import cart_forms as forms
from portal.routes.asking import Asked, asking, lines_of
from portal.routes.lists import list_page, named, path_of_list
from portal.routes.once import Outcome, came_of, once
from portal.routes.shopping import LARGEST, NEEDS, buying, not_too_large, path_of
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.buying.words import decimal_mark


@dataclass(frozen=True, slots=True)
class Sent:
    """A form about a list."""

    asked: Asked
    form: Mapping[str, Any]
    list: SavedList


Do = Callable[[Sent, Work], Awaitable[Outcome]]


@post("/", name="list-change")
async def change(list_id: FromPath[int], request: PageRequest) -> Response[Any]:
    """Name, sharing, quantities; a line can go, and others can be added."""

    async def do(sent: Sent, work: Work) -> Outcome:
        quantities = _quantities(sent)
        customer = await keeping_lists.account_of(work.conn, sent.list)
        lines = forms.lines_in(str(sent.form.get("lines", "")), sent.asked.tongue)
        more = await keeping_lists.understood(work.conn, customer, lines)
        viewer = sent.asked.viewer
        await keeping_lists.change(work, viewer, list_id, named(sent.form), quantities, more)
        return {"changed": True}

    return await _do(request, list_id, do, path_of_list(list_id))


@post("/lines", name="list-order")
async def order(list_id: FromPath[int], request: PageRequest) -> Response[Any]:
    """Put its lines into the order, with the quantities that stand there now; the list stays as it is."""

    async def do(sent: Sent, work: Work) -> Outcome:
        quantities = _quantities(sent)
        there = await lists.lines(work.conn, list_id)
        lines = [
            Pasted(line.position, line.sku, line.sku, quantity)
            for line in there
            if (quantity := quantities.get(line.position))
        ]
        if not lines:
            raise Unacceptable(sent.asked.tongue.gettext("Say how many of at least one line."))
        added = await carting.add(work, sent.asked.viewer, sent.list.account, lines, sent.asked.today)
        return {"added": msgspec.to_builtins(added)}

    return await _do(request, list_id, do, "")


@post("/deletion", name="list-deletion")
async def delete(list_id: FromPath[int], request: PageRequest) -> Response[Any]:
    """It goes; what was ordered from it stays."""

    async def do(sent: Sent, work: Work) -> Outcome:
        await keeping_lists.delete(work, sent.asked.viewer, list_id)
        return {"deleted": sent.list.name}

    return await _do(request, list_id, do, "/lists")


async def _do(request: PageRequest, list_id: int, do: Do, following: str) -> Response[Any]:
    """Once; then the page that follows. Without one it is the cart, which then tells what came of it."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    keyed = forms.as_sent(form)
    key = str(keyed.get("form", ""))
    there = f"{following}?done={key}"
    if following and await came_of(asked, path_of_list(list_id), key):
        return Redirect(there, status_code=303)
    async with asked.reading() as conn:
        found = await keeping_lists.find(conn, asked.viewer, list_id)
        whose = await buying(conn, asked, found.account)
    path = path_of_list(list_id) if following else path_of(whose, "lines")
    sent = Sent(asked, form, found)
    try:
        await once(asked, keyed, path, lambda work: do(sent, work))
    except (Forbidden, NotFound):
        raise
    except Refused as refusal:
        return await list_page(asked, list_id, refusal, {name: str(value) for name, value in form.items()})
    return Redirect(there if following else whose.address(done=f"lines:{key}"), status_code=303)


def _quantities(sent: Sent) -> dict[int, Decimal]:
    """By position; refused with every field that holds no quantity. A line that is taken out has none."""
    tongue, out = sent.asked.tongue, str(sent.form.get("remove", ""))
    found, problems = {}, []
    for position, raw in lines_of(sent.form, "qty").items():
        quantity = written.quantity(raw, decimal_mark(tongue))
        if quantity is None:
            problems.append(Problem(f"qty-{position}", tongue.gettext("This is no quantity.")))
        elif quantity and str(position) != out:
            found[position] = quantity
    if problems:
        raise Unacceptable(tongue.gettext("Write quantities in digits, such as 12 or 12.5."), problems)
    return found


router = Router(
    "/lists/{list_id:int}",
    route_handlers=[change, order, delete],
    guards=[not_too_large, signed_in, ours],
    opt={"no_compress": True},
    request_max_body_size=LARGEST,
)
