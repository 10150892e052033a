"""The order before it is placed: what it costs and when it comes, in every way of delivering it; and the button."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from portal.db.patience import patiently
from portal.db.work import LawBroken, Work
from portal.domain.carts import Cart
from portal.domain.checkout import CartChanged, Later, OrderedAlready, PriceMoved, Repeated, Shown
from portal.domain.refusals import Forbidden, NotFound, Refused
from portal.operations import preparing, submitting
from portal.operations.placing import Supplier
from portal.operations.submitting import Said
from portal.routes.asking import Asked, asking
from portal.routes.heard import hear
from portal.routes.once import Outcome, SentBefore, came_of, once
from portal.routes.review_form import Details, Filled, filled
from portal.routes.review_page import Desk, desk_of, draw, empty, form_of
from portal.routes.sealing import unseal
from portal.routes.shopping import NEEDS, Buying, buying, path_of
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.buying.review_lines import Typed

HERE = "/new-order/review"
# A form of thousands of lines, each with its day.
LARGEST_FORM = 2 * 1024 * 1024
# What a form is for: whatever came of it is kept under this.
PURPOSE = "review"


@get("/", name="order-review")
async def show(request: PageRequest, supplier: NamedDependency[Supplier]) -> Response[Any]:
    """The order as it would be placed now."""
    asked = await asking(request, needs=NEEDS)
    whose = await _whose(asked, request.query_params)
    desk = await desk_of(asked, whose)
    if desk is None or not desk.cart.orderable:
        return empty(asked, whose, desk)
    return await draw(asked, supplier, desk, is_changed="changed" in request.query_params)


@post("/", name="order-submit")
async def submit(request: PageRequest, supplier: NamedDependency[Supplier]) -> Response[Any]:
    """Look at it again with what was changed in the form, or place it as it was shown."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    whose = await _whose(asked, form)
    desk = await desk_of(asked, whose)
    # After the cart was read: if the first of two clicks has emptied it by then, this finds what it became.
    if number := await _before(asked, whose, form):
        return await _again(asked, whose, form, number)
    if desk is None or not desk.cart.orderable:
        return empty(asked, whose, desk)
    typed = filled(form, desk.cart, desk.destinations, asked.tongue, asked.today)
    if typed.errors:
        return await draw(asked, supplier, desk, typed=typed, status=422)
    shown = unseal(_secret(asked), str(form.get("shown", "")), asked.viewer.person_id)
    if form.get("do") != "place" or shown is None or _is_other(desk, typed):
        # Whoever presses the button on something they have not seen yet looks at it first.
        is_pressed = form.get("do") == "place"
        return await _look_again(asked, whose, desk, typed, is_pressed=is_pressed)
    return await _place(asked, supplier, whose, desk, form, typed, shown)


async def _before(asked: Asked, whose: Buying, form: Mapping[str, Any]) -> str | None:
    """The order that this form became when it was sent before."""
    came = await came_of(asked, path_of(whose, PURPOSE), str(form.get("form", "")))
    return str(came["order"]) if came and form.get("do") == "place" else None


async def _whose(asked: Asked, said: Mapping[str, Any]) -> Buying:
    async with asked.reading() as conn:
        return await buying(conn, asked, str(said.get("account", "")))


def _is_other(desk: Desk, typed: Filled) -> bool:
    """Whether something was changed in the form that prices, dates or the chain go by."""
    if typed.details.weighty != desk.details.weighty:
        return True
    days = {line.position: line.need_by for line in desk.cart.orderable}
    return any(days.get(position) != day for position, day in typed.need_by.items())


async def _look_again(
    asked: Asked, whose: Buying, desk: Desk, typed: Filled, *, is_pressed: bool
) -> Response[Any]:
    details = asdict(_kept(desk, typed.details))

    async def attempt() -> None:
        async with asked.work() as work:
            await preparing.prepare(work, asked.viewer, desk.cart.id, details, typed.need_by)

    await patiently(attempt)
    again = whose.address(HERE, changed="1" if is_pressed else "")
    return Redirect(again, status_code=303)


def _kept(desk: Desk, typed: Details) -> Details:
    """What nobody chose stays open: another destination may prefer another delivery."""
    is_own = desk.cart.delivery_preference is None and typed.delivery_preference == desk.preference
    return Details(**{**asdict(typed), "delivery_preference": None if is_own else typed.delivery_preference})


async def _place(
    asked: Asked,
    supplier: Supplier,
    whose: Buying,
    desk: Desk,
    form: Mapping[str, Any],
    typed: Filled,
    shown: Shown,
) -> Response[Any]:
    _ = asked.tongue.gettext
    if not typed.agrees and _has_moved(desk.cart, shown):
        typed.errors["agree"] = _("Agree to the new prices, or take the lines out.")
        return await draw(asked, supplier, desk, typed=typed, status=422)
    said = Said(typed.details.purchase_order_number, typed.details.instructions, typed.repeated_because)
    heard = await hear(asked.request.app.state, whose.customer.number)

    async def do(work: Work) -> Outcome:
        return {"order": await submitting.submit(work, asked.viewer, supplier, shown, said, heard)}

    # One cart, as it was reviewed, is one order: whichever window it is sent from.
    form = {**form, "form": form_of(shown)}
    try:
        outcome = await once(asked, form, path_of(whose, PURPOSE), do)
    except SentBefore:
        return await _again(asked, whose, form, await _before(asked, whose, form) or "")
    except (Forbidden, NotFound, LawBroken):
        raise
    except Refused as refusal:
        return await _refused(asked, supplier, whose, typed, shown, refusal)
    return Redirect(f"/orders/{outcome['order']}", status_code=303)


def _has_moved(cart: Cart, shown: Shown) -> bool:
    """Whether some price was shown that nobody has agreed to yet."""
    seen = {line.position: line.seen.amount for line in cart.orderable if line.seen is not None}
    return any(seen.get(position) != line.unit_price for position, line in shown.lines.items())


async def _refused(
    asked: Asked, supplier: Supplier, whose: Buying, typed: Filled, shown: Shown, refusal: Refused
) -> Response[Any]:
    """The review as it is now, with what stood in the way; what was typed stays."""
    desk = await desk_of(asked, whose)
    if desk is None or not desk.cart.orderable:
        return empty(asked, whose, desk)
    _ = asked.tongue.gettext
    lines = Typed()
    match refusal:
        case Repeated():
            typed.errors["repeated_because"] = _("Say why, or change the number.")
        case Later():
            before = {position: shown.lines[position].arrives_on for position in refusal.days}
            lines = Typed(before=before)
        case PriceMoved():
            typed.agrees = False
    status = 409 if isinstance(refusal, Later | PriceMoved | CartChanged) else 422
    return await draw(asked, supplier, desk, typed=typed, lines=lines, refusal=refusal, status=status)


async def _again(asked: Asked, whose: Buying, form: Mapping[str, Any], number: str) -> Response[Any]:
    """The same form once more leads to the same order; where it says something else now, that is told."""
    try:
        await once(asked, form, path_of(whose, PURPOSE), _never)
    except SentBefore:
        return empty(asked, whose, await desk_of(asked, whose), OrderedAlready(number))
    return Redirect(f"/orders/{number}", status_code=303)


async def _never(_work: Work) -> Outcome:
    raise CartChanged("What came of this form is forgotten; nothing was ordered.")


def _secret(asked: Asked) -> str:
    return str(asked.request.app.state.settings.secret_key)


router = Router(
    HERE,
    route_handlers=[show, Router("/", route_handlers=[submit], guards=[signed_in, ours])],
    opt={"no_compress": True},
    request_max_body_size=LARGEST_FORM,
)
