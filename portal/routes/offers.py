"""Another product in place of what a line waits for: staff offer it, the buyer looks at it and answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import accounts, detail, prices, substitutions
from portal.db.patience import patiently
from portal.db.prices import Article
from portal.db.work import LawBroken, Work
from portal.domain.orders import Foreseen, Line, Order, Substitution
from portal.domain.refusals import Conflict, NotFound, Refused, Stale
from portal.operations import substituting
from portal.operations.foreseeing import foresee
from portal.operations.placing import Supplier
from portal.operations.substituting import Instead, Shown
from portal.routes.asking import Asked, asking
from portal.routes.heard import hear_for_order
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.order import offer_form, offers
from portal.views.order.offer_form import Numbers, Typed
from portal.views.order.rows import row
from portal.views.order.scene import Scene
from portal.views.order.wanted import Wanted

LONGEST_NOTE = 2000
# The offer that a form is about to make.
NEW = "new"


@get("/orders/{number:str}/offers/{offer_id:str}", name="offer")
async def show(number: FromPath[str], offer_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """One offer: what is ordered and what is offered, what accepting does, and the answer."""
    return await _show(await asking(request), number, offer_id)


@post("/orders/{number:str}/offers/{offer_id:str}/acceptance", name="offer-acceptance")
async def accept(
    number: FromPath[str],
    offer_id: FromPath[str],
    request: PageRequest,
    supplier: NamedDependency[Supplier],
) -> Response[Any]:
    """Yes, to what was shown: not to a later day."""
    asked = await asking(request, needs="offers:answer")
    form = await request.form()
    shown = _shown(str(form.get("arrives", "")))
    heard = await hear_for_order(request.app.state, number, asked.viewer)

    async def do(work: Work) -> object:
        return await substituting.accept(work, asked.viewer, supplier, number, offer_id, None, shown, heard)

    return await _answered(asked, number, offer_id, do)


def _shown(raw: str) -> Shown:
    try:
        return Shown(date.fromisoformat(raw))
    except ValueError:
        return Shown(None)


@post("/orders/{number:str}/offers/{offer_id:str}/refusal", name="offer-refusal")
async def decline(number: FromPath[str], offer_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """No, and perhaps why."""
    asked = await asking(request, needs="offers:answer")
    note = _note(await request.form())
    return await _answered(
        asked,
        number,
        offer_id,
        lambda work: substituting.decline(work, asked.viewer, number, offer_id, note),
    )


@post("/orders/{number:str}/offers/{offer_id:str}/withdrawal", name="offer-withdrawal")
async def withdraw(number: FromPath[str], offer_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """Staff take the offer back."""
    asked = await asking(request, needs="offers:write")
    note = _note(await request.form())
    return await _answered(
        asked,
        number,
        offer_id,
        lambda work: substituting.withdraw(work, asked.viewer, number, offer_id, note),
    )


def _note(form: Mapping[str, Any]) -> str | None:
    return str(form.get("note", "")).replace("\r\n", "\n").replace("\x00", "").strip()[:LONGEST_NOTE] or None


async def _answered(
    asked: Asked, number: str, offer_id: str, do: Callable[[Work], Awaitable[object]]
) -> Response[Any]:
    """The answer is given, or the page says why it was not."""

    async def attempt() -> None:
        async with asked.work() as work:
            await do(work)

    try:
        await patiently(attempt)
    except (NotFound, LawBroken):
        raise
    except Refused as refusal:
        return await _show(asked, number, offer_id, refusal)
    return Redirect(f"/orders/{number}/offers/{offer_id}", status_code=303)


async def _show(asked: Asked, number: str, offer_id: str, refusal: Refused | None = None) -> Response[Any]:
    order = await _order(asked, number)
    offer = next((one for one in order.substitutions if one.id == offer_id), None)
    if offer is None:
        raise NotFound(f"Order {number} has no offer {offer_id}.")
    foreseen = await _foresee(asked, order, [offer] if offer.is_standing else [])
    scene = _scene(asked, order, foreseen)
    line = next((one for one in order.lines if one.line == offer.new_line), None)
    became = foreseen[offer.id].portions if offer.id in foreseen else line.portions if line else ()
    return asked.page(
        "offers/show.html",
        section="orders",
        status=_status(refusal),
        order=order,
        offer=offers.compared(scene, offer),
        told=offer,
        line=offers.line_of(scene, offer.line),
        became=offers.sentences(scene, offer, became),
        settled=offers.settled(scene, offer),
        arrives=foreseen[offer.id].arrives_on if offer.id in foreseen else None,
        refusal=refusal,
    )


@get("/desk/orders/{number:str}/lines/{line_number:int}/substitute", name="desk-substitute")
async def begin(
    number: FromPath[str],
    line_number: FromPath[int],
    request: PageRequest,
    supplier: NamedDependency[Supplier],
) -> Response[Any]:
    """Why a line waits, what could be sent instead, and what that would come to."""
    asked = await asking(request, needs="offers:write")
    typed = Typed.read(request.query_params)
    return await _form(
        asked, supplier, number, line_number, typed, is_asked="quantity" in request.query_params
    )


@post("/desk/orders/{number:str}/lines/{line_number:int}/substitute", name="desk-substitute-offer")
async def offer(
    number: FromPath[str],
    line_number: FromPath[int],
    request: PageRequest,
    supplier: NamedDependency[Supplier],
) -> Response[Any]:
    """Offer it; the buyer is told at once."""
    asked = await asking(request, needs="offers:write")
    typed = Typed.read(await request.form())
    order = await _order(asked, number)
    line = _line(order, line_number)
    found = offer_form.numbers(typed, line, None, asked.tongue)
    if found.problems:
        return await _form(asked, supplier, number, line_number, typed, is_asked=True, status=422)
    assert found.quantity is not None
    assert found.substitute_quantity is not None
    wanted = Instead(
        line.line, found.quantity, typed.sku, found.substitute_quantity, found.unit_price, typed.note or None
    )

    async def attempt() -> int:
        async with asked.work() as work:
            return await substituting.offer(work, asked.viewer, supplier, number, wanted)

    try:
        offer_id = await patiently(attempt)
    except (NotFound, LawBroken):
        raise
    except Refused as refusal:
        return await _form(
            asked, supplier, number, line_number, typed, refusal, is_asked=True, status=_status(refusal)
        )
    return Redirect(f"/orders/{number}/offers/{offer_id}", status_code=303)


@dataclass(frozen=True, slots=True)
class Looked:
    """What could be offered for a line, as looked up at once."""

    candidates: list[substitutions.Candidate]
    prices: Mapping[str, offer_form.Price]
    article: Article | None = None


async def _form(
    asked: Asked,
    supplier: Supplier,
    number: str,
    line_number: int,
    typed: Typed,
    refusal: Refused | None = None,
    *,
    is_asked: bool = False,
    status: int = 200,
) -> Response[Any]:
    """`is_asked`: figures were typed, so what is wrong with them is said."""
    order = await _order(asked, number)
    line = _line(order, line_number)
    typed = typed.filled(line)
    looked = await _look(asked, supplier, order, line, typed)
    found = offer_form.numbers(typed, line, looked.article.unit if looked.article else None, asked.tongue)
    standing = [one for one in order.standing_offers if one.line == line.line]
    tried = _tried(order, line, looked, found, typed)
    foreseen = await _foresee(asked, order, [*standing, *([tried] if tried else [])])
    scene = _scene(asked, order, foreseen)
    chosen = looked.prices.get(typed.sku)
    problems = dict(found.problems) if is_asked else {}
    problems |= {one.pointer.lstrip("/"): one.detail for one in refusal.problems} if refusal else {}
    return asked.page(
        "offers/new.html",
        section="desk",
        status=status,
        order=order,
        line=line,
        row=row(scene, line),
        standing=[offers.compared(scene, one) for one in standing],
        choices=offer_form.choices(scene, line, looked.candidates, looked.prices, typed),
        typed=typed,
        article=looked.article,
        price=asked.tongue.price(chosen[0], order.currency) if chosen else "",
        source=offer_form.source(chosen[1], asked.tongue) if chosen else "",
        tried=offers.compared(scene, tried) if tried else None,
        became=offers.sentences(scene, tried, foreseen[NEW].portions) if tried else [],
        problems=problems,
        refusal=refusal,
    )


async def _look(asked: Asked, supplier: Supplier, order: Order, line: Line, typed: Typed) -> Looked:
    async with asked.work() as work:
        account = await accounts.get(work.conn, order.account)
        assert account is not None
        found = await substitutions.candidates(work.conn, line.sku, typed.q, account.path)
        articles = await prices.articles(work.conn, [typed.sku])
        article = articles.get(typed.sku)
        number = offer_form.numbers(typed, line, None, asked.tongue).substitute_quantity
        wanted = {candidate.sku: line.replaceable for candidate in found}
        if article:
            wanted[article.sku] = number or line.replaceable
        known = await substituting.prices_today(work, supplier, order.account, order.currency, wanted)
    return Looked(found, known, article)


def _tried(order: Order, line: Line, looked: Looked, found: Numbers, typed: Typed) -> Substitution | None:
    """What would be offered if the form were sent as it is; None while it could not be."""
    article, price = looked.article, looked.prices.get(typed.sku)
    each = found.unit_price if found.unit_price is not None else price[0] if price else None
    if article is None or not article.active or article.sku == line.sku or each is None or found.problems:
        return None
    if not found.quantity or found.quantity > line.replaceable or not found.substitute_quantity:
        return None
    return Substitution(
        id=NEW,
        line=line.line,
        quantity=found.quantity,
        sku=article.sku,
        name=article.name,
        unit=article.unit,
        mode=article.mode,
        substitute_quantity=found.substitute_quantity,
        unit_price=each,
        state="offered",
        offered_at=order.updated_at,
        offered_by="",
    )


async def _order(asked: Asked, number: str) -> Order:
    async with asked.reading() as conn:
        order = await detail.detail(conn, asked.viewer, number)
    if order is None:
        raise NotFound(f"There is no order {number}.")
    return order


def _line(order: Order, number: int) -> Line:
    for line in order.lines:
        if line.line == number:
            return line
    raise NotFound(f"Order {order.number} has no line {number}.")


async def _foresee(asked: Asked, order: Order, wanted: list[Substitution]) -> dict[str, Foreseen]:
    return await foresee(asked.planning, order, wanted)


def _scene(asked: Asked, order: Order, foreseen: Mapping[str, Foreseen]) -> Scene:
    viewer = asked.viewer
    may = viewer.may("offers:write" if viewer.is_supplier else "offers:answer", order.account)
    return Scene(order, asked.tongue, asked.today, Wanted(), 0, viewer.is_supplier, may, foreseen)


def _status(refusal: Refused | None) -> int:
    if refusal is None:
        return 200
    return 409 if isinstance(refusal, Conflict | Stale) else 422


router = Router(
    "/",
    route_handlers=[
        show,
        begin,
        Router("/", route_handlers=[accept, decline, withdraw, offer], guards=[signed_in, ours]),
    ],
    opt={"no_compress": True},
)
