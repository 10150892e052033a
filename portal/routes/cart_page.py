"""The page of the cart, drawn after every form of it: what is in it, what was just done, what was refused."""

from dataclasses import dataclass, field
from typing import Any

from litestar import Response

from portal.clock import utc_now
from portal.db import lists, shop, uploads
from portal.domain.carts import Cart
from portal.domain.refusals import Refused
from portal.operations.carting import MOST_LINES
from portal.routes.asking import Asked
from portal.routes.once import came_of, new_form
from portal.routes.shopping import Buying, buying, cart_of, choices, path_of
from portal.views.buying import cart as views
from portal.views.buying.found import found_rows
from portal.views.buying.told import told, uploaded

MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Refusing:
    """A form that was not taken: why, and what it said, to be drawn again."""

    refusal: Refused | None = None
    sent: views.Sent = field(default_factory=views.Sent)
    lines: str = ""
    status: int = 200


async def draw(asked: Asked, refusing: Refusing, whose: Buying | None = None) -> Response[Any]:
    """The page as it stands now."""
    query, person = asked.request.query_params, asked.viewer.person_id or 0
    what, _colon, key = query.get("done", "").partition(":")
    q = said(query.get("q", ""))
    async with asked.reading() as conn:
        whose = whose or await buying(conn, asked, query.get("account", ""))
        cart = await cart_of(conn, asked, whose.customer) or none_yet(asked, whose)
        meant = await choices(conn, whose.customer, cart)
        found = await shop.search(conn, whose.customer, q, asked.today, MOST_FOUND) if q else []
        starts = await lists.starts(conn, whose.customer.number, person)
        running = await uploads.running(conn, cart.id)
        upload = await uploads.of_cart(conn, cart.id, query.get("upload", ""))
    done = await came_of(asked, path_of(whose, what), key)
    told_of = told(done, cart, asked.tongue, f"{what}:{key}") if done else uploaded(upload, asked.tongue)
    sent = views.Sent(notes=told_of.notes) if told_of else refusing.sent
    page = query.get("page", "")
    asked_for = views.Asked(
        int(page) if page.isdecimal() and len(page) < 5 else 1, said(query.get("find", ""))
    )
    return asked.page(
        "cart/show.html",
        section="cart",
        status=refusing.status,
        whose=whose,
        cart=cart,
        view=views.view(cart, asked.tongue, asked.today, asked_for, sent, meant),
        q=q,
        found=found_rows(found, whose.customer.currency, asked.tongue, asked.today),
        starts=starts,
        running=running,
        told=told_of,
        refusal=refusing.refusal,
        errors=refusing.sent.errors,
        pasted=refusing.lines,
        most=MOST_LINES,
        new_form=new_form,
    )


def none_yet(asked: Asked, whose: Buying) -> Cart:
    """Before the first line there is no cart."""
    return Cart(0, whose.customer.number, whose.customer.currency, asked.viewer.person_id or 0, 0, utc_now())


def said(raw: str) -> str:
    return raw.replace("\x00", "").strip()[:80]
