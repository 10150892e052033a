"""Saved lists: what is ordered again and again, alone or together with others of the account."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import carts, lists, shop
from portal.db.work import Connection, Work
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused, Unacceptable
from portal.operations import keeping_lists
from portal.operations.keeping_lists import Named
from portal.routes import cart_forms as forms
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.shopping import LARGEST, NEEDS, Buying, buying, not_too_large, path_of
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.buying.lists import list_rows


@get("/", name="lists")
async def index(request: PageRequest) -> Response[Any]:
    """One's own lists, and those that others share."""
    asked = await asking(request, needs=NEEDS)
    return await index_page(asked)


async def index_page(
    asked: Asked, whose: Buying | None = None, refusal: Refused | None = None, **typed: str
) -> Response[Any]:
    async with asked.reading() as conn:
        whose = whose or await buying(conn, asked, asked.request.query_params.get("account", ""))
        found = await lists.seen(conn, whose.customer.number, asked.viewer.person_id or 0)
    return asked.page(
        "lists/index.html",
        section="cart",
        status=_status(refusal),
        whose=whose,
        lists=found,
        refusal=refusal,
        typed={"name": "", "lines": "", **typed},
        new_form=new_form,
    )


@post("/", name="lists-new")
async def create(request: PageRequest) -> Response[Any]:
    """From what is in the cart, or from lines that are typed or pasted."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    async with asked.reading() as conn:
        whose = await buying(conn, asked, str(form.get("account", "")))

    async def do(work: Work) -> Outcome:
        lines = await _wanted(asked, work.conn, whose, form)
        number = whose.customer.number
        return {"list": await keeping_lists.create(work, asked.viewer, number, named(form), lines)}

    try:
        outcome = await once(asked, forms.as_sent(form), path_of(whose, "lists"), do)
    except (Forbidden, NotFound):
        raise
    except Refused as refusal:
        said = {name: str(form.get(name, "")) for name in ("name", "lines")}
        return await index_page(asked, whose, refusal, **said)
    return Redirect(f"/lists/{outcome['list']}", status_code=303)


async def _wanted(
    asked: Asked, conn: Connection, whose: Buying, form: Mapping[str, Any]
) -> keeping_lists.Lines:
    if form.get("from") == "cart":
        cart_id = await carts.find(conn, whose.customer.number, asked.viewer.person_id or 0)
        rows = await carts.rows_of(conn, cart_id) if cart_id is not None else []
        lines = [(row.sku, row.quantity) for row in rows if row.sku and row.quantity and row.problem is None]
        if not lines:
            raise Unacceptable(asked.tongue.gettext("Nothing in the order can be kept yet."))
        return lines
    lines_typed = forms.lines_in(str(form.get("lines", "")), asked.tongue)
    return await keeping_lists.understood(conn, whose.customer, lines_typed)


def named(form: Mapping[str, Any]) -> Named:
    return Named(str(form.get("name", "")).strip(), bool(form.get("shared")))


@get("/{list_id:int}", name="list")
async def show(list_id: FromPath[int], request: PageRequest) -> Response[Any]:
    """Its lines at today's prices, to put into the order; and to change for whoever may."""
    asked = await asking(request, needs=NEEDS)
    return await list_page(asked, list_id)


async def list_page(
    asked: Asked, list_id: int, refusal: Refused | None = None, typed: Mapping[str, str] | None = None
) -> Response[Any]:
    async with asked.reading() as conn:
        found = await keeping_lists.find(conn, asked.viewer, list_id)
        whose = await buying(conn, asked, found.account)
        lines = await lists.lines(conn, list_id)
        products = await shop.products(conn, whose.customer, [line.sku for line in lines], asked.today)
    done = await came_of(asked, path_of_list(list_id), asked.request.query_params.get("done"))
    return asked.page(
        "lists/show.html",
        section="cart",
        status=_status(refusal),
        whose=whose,
        list=found,
        rows=list_rows(lines, products, whose.customer.currency, asked.tongue, asked.today, typed or {}),
        may_change=keeping_lists.may_change(asked.viewer, found),
        is_own=found.person_id == asked.viewer.person_id,
        done=done,
        refusal=refusal,
        typed=typed or {},
        new_form=new_form,
    )


def path_of_list(list_id: int) -> str:
    """What its forms are for: whatever is sent once is sent once for this."""
    return f"/lists/{list_id}"


def _status(refusal: Refused | None) -> int:
    if refusal is None:
        return 200
    return 409 if isinstance(refusal, Conflict) else 422


router = Router(
    "/lists",
    route_handlers=[
        index,
        show,
        Router("/", route_handlers=[create], guards=[not_too_large, signed_in, ours]),
    ],
    opt={"no_compress": True},
    request_max_body_size=LARGEST,
)
