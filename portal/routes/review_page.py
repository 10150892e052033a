"""The page of the review, drawn after every form of it: from the cart, a fresh quote, and what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from litestar import Response

from portal.clock import utc_now
from portal.db import approval_background, checkout
from portal.db.checkout import Destination
from portal.domain.carts import Cart
from portal.domain.checkout import Earlier, OrderedAlready, Shown, ShownLine
from portal.domain.credit_words import Tone
from portal.domain.quantities import ZERO
from portal.domain.quotes import Quote
from portal.domain.refusals import Refused, Unacceptable
from portal.operations import quoting
from portal.operations.placing import Supplier, Wanted, WantedLine
from portal.routes.asking import Asked, lines_of
from portal.routes.heard import hear
from portal.routes.review_form import Details, Filled
from portal.routes.sealing import seal
from portal.routes.shopping import Buying, cart_of
from portal.views.buying import review as views
from portal.views.buying.review_lines import Typed, rows
from portal.views.buying.review_said import problems, said
from portal.views.buying.words import problem


@dataclass(frozen=True, slots=True)
class Desk:
    """A cart with all that its review begins with. `preference` is how it is delivered when nobody says otherwise for
    this order; `details` are what holds for it, chosen or not."""

    whose: Buying
    cart: Cart
    destinations: Sequence[Destination]
    destination: Destination | None
    preference: str
    weekly_day: str
    details: Details
    # The number and the moment of the person's last order.
    latest: tuple[str, datetime] | None = None


async def desk_of(asked: Asked, whose: Buying) -> Desk | None:
    """None while there is no cart."""
    account = whose.customer.number
    async with asked.reading() as conn:
        cart = await cart_of(conn, asked, whose.customer)
        if cart is None:
            return None
        known = await checkout.destinations(conn, account)
        last = await checkout.last_order(conn, account, asked.viewer.person_id or 0)
        own, weekly_day = await checkout.delivery_of(conn, account)
    found = _destination(known, cart.ship_to, last[1] if last else None)
    preference = (found.delivery_preference if found else None) or own
    details = Details(
        ship_to=found.code if found else None,
        delivery_preference=cart.delivery_preference or preference,
        requested_on=cart.requested_on,
        cost_centre=cart.cost_centre,
        purchase_order_number=cart.purchase_order_number,
        instructions=cart.instructions,
    )
    latest = (last[0], last[2]) if last else None
    return Desk(whose, cart, known, found, preference, weekly_day, details, latest)


def _destination(known: Sequence[Destination], chosen: str | None, last: str | None) -> Destination | None:
    """The one that was chosen, else where the last order went, else the first."""
    by_code = {one.code: one for one in known}
    for code in (chosen, last):
        if code is not None and code in by_code:
            return by_code[code]
    return known[0] if known else None


def wanted(desk: Desk) -> Wanted:
    """The cart as an order; its lines are counted from 1 in their order."""
    return Wanted(
        account=desk.cart.account,
        lines=[
            WantedLine(number, line.sku or "", line.quantity or ZERO, need_by=line.need_by)
            for number, line in enumerate(desk.cart.orderable, 1)
        ],
        ship_to=desk.details.ship_to,
        requested_on=desk.details.requested_on,
        delivery_preference=desk.details.delivery_preference,
        cost_centre=desk.details.cost_centre,
    )


def form_of(shown: Shown) -> str:
    """The number of a form that places a cart: the same for every page that shows this cart as it is."""
    return f"cart-{shown.cart_id}-{shown.version}"


def _shown(desk: Desk, quote: Quote) -> Shown:
    way, cart = quote.chosen, desk.cart
    return Shown(
        cart.id,
        cart.version,
        quote.ship_to,
        quote.preference,
        desk.details.requested_on,
        desk.details.cost_centre,
        way.freight,
        {
            own.position: ShownLine(line.unit_price, way.arrives_on(line.line))
            for own, line in zip(cart.orderable, quote.lines, strict=True)
        },
        quote.asked_at,
    )


async def draw(
    asked: Asked,
    supplier: Supplier,
    desk: Desk,
    *,
    typed: Filled | None = None,
    lines: Typed | None = None,
    refusal: Refused | None = None,
    is_changed: bool = False,
    status: int = 200,
) -> Response[Any]:
    """`is_changed`: the button was pressed on something that was not looked at yet."""
    state, tongue, today = asked.request.app.state, asked.tongue, asked.today
    heard = await hear(state, desk.cart.account)
    try:
        quote = await quoting.quote(asked.planning, asked.viewer, supplier, wanted(desk), heard)
    except Unacceptable as stopped:
        return _stopped(asked, desk, stopped)
    number = typed.details.purchase_order_number if typed else desk.details.purchase_order_number
    async with asked.reading() as conn:
        earlier = await checkout.earlier(conn, desk.cart.account, number)
        people = [seat.person_id for seat in quote.chain.seats] if quote.chain else []
        habits = await approval_background.habits(conn, people)
    shown = _shown(desk, quote)
    beside = _beside(typed, lines or Typed())
    moved = [line for line in desk.cart.orderable if line.has_moved]
    tone = Tone(tongue.gettext, tongue.money, lambda at: tongue.moment(at, today))
    names = dict(desk.whose.accounts) | {desk.whose.customer.number: desk.whose.customer.name}
    return asked.page(
        "review/show.html",
        section="cart",
        status=status,
        whose=desk.whose,
        desk=desk,
        quote=quote,
        truth=views.truth(quote, tongue, today),
        choices=views.choices(quote, desk.weekly_day, tongue, today),
        cards=views.cards(quote, tongue, today),
        totals=views.totals(quote, tongue),
        outcome=views.outcome(quote, tongue, tone),
        needed=views.needed(quote.chain, names, habits, quote.currency, tongue, today),
        rows=rows(quote, desk.cart.orderable, beside, tongue, today),
        unlikely=len(quote.unlikely),
        moved=len(moved),
        later=len(beside.before),
        faulty=len(desk.cart.faulty),
        earlier=_earlier(earlier, quote.currency, asked),
        details=typed.details if typed else desk.details,
        raw=typed.raw if typed else {},
        errors=typed.errors if typed else {},
        agrees=typed.agrees if typed else False,
        reason=(typed.repeated_because or "") if typed else "",
        said=said(refusal, tongue),
        is_changed=is_changed,
        form_id=form_of(shown),
        shown=seal(str(state.settings.secret_key), shown, asked.viewer.person_id),
        as_of=tongue.clock(utc_now()),
    )


def _beside(typed: Filled | None, lines: Typed) -> Typed:
    """What was typed of the lines' days, and what is wrong with it."""
    if typed is None:
        return lines
    days, errors = lines_of(typed.raw, "need"), lines_of(typed.errors, "need")
    return replace(lines, need_by=days, errors=errors)


def _earlier(found: Sequence[Earlier], currency: str, asked: Asked) -> list[tuple[str, str, str]]:
    """(its number, when it was placed, what it came to)."""
    tongue, today = asked.tongue, asked.today
    return [
        (one.number, tongue.day(tongue.on(one.placed_at), today), tongue.money(one.total, currency))
        for one in found
    ]


def _stopped(asked: Asked, desk: Desk, refusal: Unacceptable) -> Response[Any]:
    """What nobody could order as it stands: the cart says what to do about it."""
    return asked.page(
        "review/stopped.html",
        section="cart",
        status=422,
        whose=desk.whose,
        detail=refusal.detail,
        problems=problems(desk.cart.orderable, refusal),
    )


def empty(asked: Asked, whose: Buying, desk: Desk | None, refusal: Refused | None = None) -> Response[Any]:
    """Nothing to review: the cart is empty, or nothing in it can be ordered yet."""
    faulty = desk.cart.faulty if desk else []
    latest = desk.latest if desk else None
    return asked.page(
        "review/empty.html",
        section="cart",
        status=200 if refusal is None else 409,
        whose=whose,
        problems=[problem(line, asked.tongue, whose.customer.currency) for line in faulty[:3]],
        faulty=len(faulty),
        latest=(latest[0], asked.tongue.moment(latest[1], asked.today)) if latest else None,
        number=refusal.number if isinstance(refusal, OrderedAlready) else None,
        detail=refusal.detail if refusal is not None else None,
    )
