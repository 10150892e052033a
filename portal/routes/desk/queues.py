"""The queue of a product, and what staff may change about one line in it: its place, its stock, its location."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import backorders, detail, due, events, orders, places, stock_rows
from portal.db.work import Connection, Work
from portal.domain.orders import Line as OrderLine
from portal.domain.orders import Order
from portal.domain.reasons import REASONS
from portal.domain.refusals import (
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    Refused,
    Stale,
    Unacceptable,
)
from portal.operations import colliding, queueing
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.desk import queue as views
from portal.views.desk import words as desk_words
from portal.views.desk.queue import MOVE, PRIORITY, REASSIGNMENT, SOURCE, Sent
from portal.views.desk.words import Mistyped, typed_quantity
from portal.views.order.rows import part
from portal.views.order.scene import Scene
from portal.views.order.timeline import since_version
from portal.views.order.wanted import Wanted

PER_PAGE = 100
# So many places before the one that was asked for are shown with it.
BEFORE = 5
STORY = 200
# A priority lies between -1000 and 1000; what is longer is no number that anybody meant.
LONGEST_NUMBER = 6
CHANGES = (PRIORITY, REASSIGNMENT, SOURCE, MOVE)
Form = Mapping[str, Any]
Do = Callable[[Work], Awaitable[None]]


@get("/queue/{sku:str}", name="desk-queue")
async def show(sku: FromPath[str], request: PageRequest) -> Response[Any]:
    """Who waits for a product, in order, with what there is and what comes beside it. `at` is a place to look at."""
    asked = await asking(request, needs="desk:read")
    query = request.query_params
    at = _number(query.get("at")) or 0
    after = _number(query.get("after")) or max(at - 1 - BEFORE, 0)
    async with asked.reading() as conn:
        product = await stock_rows.product(conn, sku)
        if product is None:
            raise NotFound(f"There is no product {sku!r}.")
        queue, following = await backorders.queue(conn, sku, after, PER_PAGE)
        lines, quantity = await backorders.length(conn, sku)
        shelves = await stock_rows.shelves(conn, sku)
        agreements = await stock_rows.agreements(conn, sku)
        coming = await stock_rows.coming(conn, sku)
    return asked.page(
        "desk/queue.html",
        section="desk",
        product=product,
        queue=queue,
        lines=lines,
        quantity=quantity,
        shelves=shelves,
        agreements=agreements,
        coming=coming,
        places={shelf.location: shelf.name for shelf in shelves},
        reasons=views.reasons(asked.tongue),
        words=desk_words,
        at=at,
        following=f"?after={following}" if following else None,
        first="?" if after else None,
    )


@get("/orders/{number:str}/lines/{line_number:int}", name="desk-line")
async def line(number: FromPath[str], line_number: FromPath[int], request: PageRequest) -> Response[Any]:
    """One line: where it stands, and what may be changed about it."""
    asked = await asking(request, needs="desk:read")
    return await _draw(asked, number, line_number, Sent())


@post("/orders/{number:str}/lines/{line_number:int}/priority", name="desk-line-priority")
async def prioritise(
    number: FromPath[str], line_number: FromPath[int], request: PageRequest
) -> Response[Any]:
    """Another place in the queue."""
    return await _change(request, number, line_number, PRIORITY)


@post("/orders/{number:str}/lines/{line_number:int}/reassignment", name="desk-line-reassignment")
async def reassign(number: FromPath[str], line_number: FromPath[int], request: PageRequest) -> Response[Any]:
    """Stock that was somebody else's."""
    return await _change(request, number, line_number, REASSIGNMENT)


@post("/orders/{number:str}/lines/{line_number:int}/source", name="desk-line-source")
async def serve_from(
    number: FromPath[str], line_number: FromPath[int], request: PageRequest
) -> Response[Any]:
    """The one location that serves what waits, or any."""
    return await _change(request, number, line_number, SOURCE)


@post("/orders/{number:str}/lines/{line_number:int}/move", name="desk-line-move")
async def move(number: FromPath[str], line_number: FromPath[int], request: PageRequest) -> Response[Any]:
    """What is set aside goes to another location."""
    return await _change(request, number, line_number, MOVE)


async def _change(request: PageRequest, number: str, line_number: int, what: str) -> Response[Any]:
    asked = await asking(request, needs="queue:write")
    form = await request.form()
    path = f"{_path(number, line_number)}/{what}"
    sent = Sent(
        what, {name: str(value) for name, value in form.items()}, version=_number(form.get("version")) or 0
    )
    try:
        do = await _read(asked, number, line_number, what, form)
        sent = replace(sent, was_tried=True)
        await once(asked, form, path, partial(_carry_out, asked, number, line_number, sent.version, do))
    except (Forbidden, NotFound):
        raise
    except Refused as refusal:
        return await _draw(asked, number, line_number, replace(sent, refusal=refusal))
    done = urlencode({"done": str(form["form"]), "what": what})
    return Redirect(f"{_path(number, line_number)}?{done}", status_code=303)


async def _carry_out(
    asked: Asked, number: str, line_number: int, version: int, do: Do, work: Work
) -> Outcome:
    """Do it, unless the line has changed since the form was drawn: the operation holds the order's lock by then."""
    await do(work)
    order = await orders.lock(work.conn, asked.viewer, number)
    await colliding.refuse_overtaken(work, order, [line_number], version)
    return {"work": await due.transaction(work.conn)}


async def _read(asked: Asked, number: str, line_number: int, what: str, form: Form) -> Do:
    """What a form asks for, ready to be carried out."""
    async with asked.reading() as conn:
        _order, ordered = await _find(conn, asked, number, line_number)
    if _said(form, "reason") not in REASONS:
        raise _beside(asked.tongue.gettext("Choose a reason."), "reason")
    reader = {PRIORITY: _priority, REASSIGNMENT: _reassignment, SOURCE: _source, MOVE: _move}[what]
    return reader(asked, number, ordered, form)


def _priority(asked: Asked, number: str, ordered: OrderLine, form: Form) -> Do:
    raw = _said(form, "priority")
    is_back = "back" in form
    if not is_back and (len(raw) > LONGEST_NUMBER or not raw.removeprefix("-").isdecimal()):
        raise _beside(asked.tongue.gettext("Write a whole number, such as 10."), "priority")
    priority = None if is_back else int(raw)

    async def do(work: Work) -> None:
        await queueing.reprioritise(
            work,
            asked.viewer,
            number,
            ordered.line,
            priority,
            _said(form, "reason"),
            _said(form, "note") or None,
        )

    return do


def _reassignment(asked: Asked, number: str, ordered: OrderLine, form: Form) -> Do:
    from_number, _, rest = _said(form, "from").partition("/")
    from_line, _, location = rest.partition("/")
    if not from_number or not from_line.isdecimal() or not location:
        raise _beside(asked.tongue.gettext("Choose whose stock it is to be."), "from")
    quantity = _quantity(asked, ordered, form)

    async def do(work: Work) -> None:
        await queueing.reassign(
            work, asked.viewer, number, ordered.line, from_number, int(from_line), quantity, location,
            _said(form, "reason"),
        )  # fmt: skip

    return do


def _source(asked: Asked, number: str, ordered: OrderLine, form: Form) -> Do:
    async def do(work: Work) -> None:
        await queueing.relocate(
            work, asked.viewer, number, ordered.line, None, None, _said(form, "to_location") or None,
            _said(form, "reason"),
        )  # fmt: skip

    return do


def _move(asked: Asked, number: str, ordered: OrderLine, form: Form) -> Do:
    quantity = _quantity(asked, ordered, form)
    day = _day(asked, form) if _said(form, "how") == "transfer" else None

    async def do(work: Work) -> None:
        await queueing.relocate(
            work, asked.viewer, number, ordered.line, quantity, _said(form, "from_location") or None,
            _said(form, "to_location") or None, _said(form, "reason"), day,
        )  # fmt: skip

    return do


def _quantity(asked: Asked, ordered: OrderLine, form: Form) -> Decimal:
    try:
        return typed_quantity(_said(form, "quantity"), ordered.unit, asked.tongue)
    except Mistyped as wrong:
        raise _beside(str(wrong), "quantity") from wrong


def _day(asked: Asked, form: Form) -> date:
    try:
        return date.fromisoformat(_said(form, "by_transfer_on"))
    except ValueError as wrong:
        said = asked.tongue.gettext("Say on which day the goods arrive.")
        raise _beside(said, "by_transfer_on") from wrong


def _beside(said: str, name: str) -> Unacceptable:
    """A refusal that stands beside one field."""
    return Unacceptable(said, [Problem(f"/{name}", said)])


def _said(form: Form, name: str) -> str:
    return str(form.get(name, "")).replace("\x00", "").strip()[:500]


async def _draw(asked: Asked, number: str, line_number: int, sent: Sent) -> Response[Any]:
    query = asked.request.query_params
    what = query.get("what", "")
    what = what if what in CHANGES else ""
    done = await came_of(asked, f"{_path(number, line_number)}/{what}", query.get("done"))
    async with asked.reading() as conn:
        order, ordered = await _find(conn, asked, number, line_number)
        queued = await backorders.in_queue(conn, ordered.sku, number, line_number)
        shelves = await stock_rows.shelves(conn, ordered.sku)
        firm = await stock_rows.firm(conn, ordered.sku)
        effect = await due.effect(conn, done["work"]) if done else None
        names = await places.names(conn)
        story = await events.timeline(conn, order.id, limit=STORY) if sent.refusal is not None else []
    scene = Scene(order, asked.tongue, asked.today, Wanted(), for_supplier=True)
    overtaken = sent.is_overtaken(ordered.version)
    return asked.page(
        "desk/line.html",
        section="desk",
        status=_status(sent.refusal, overtaken=overtaken),
        order=order,
        line=ordered,
        portions=[part(scene, ordered, portion) for portion in ordered.portions],
        queued=queued,
        shelves=shelves,
        places=names,
        set_aside=views.set_aside(ordered),
        givers=views.givers(firm, number, line_number, names, ordered.unit, asked.tongue),
        sent=sent,
        meanwhile=since_version(scene, story, sent.version) if overtaken else [],
        effect=effect,
        reasons=views.reasons(asked.tongue),
        path=_path(number, line_number),
        form_id=new_form(),
        words=desk_words,
    )


def _status(refusal: Refused | None, *, overtaken: bool) -> int:
    if refusal is None:
        return 200
    return 409 if overtaken or isinstance(refusal, Conflict | Stale) else 422


async def _find(conn: Connection, asked: Asked, number: str, line_number: int) -> tuple[Order, OrderLine]:
    order = await detail.detail(conn, asked.viewer, number)
    ordered = next((one for one in order.lines if one.line == line_number), None) if order else None
    if order is None or ordered is None:
        raise NotFound(f"There is no line {line_number} of an order {number}.")
    return order, ordered


def _number(raw: object) -> int | None:
    said = str(raw or "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 18 else None


def _path(number: str, line_number: int) -> str:
    return f"/desk/orders/{number}/lines/{line_number}"


router = Router(
    "/",
    route_handlers=[
        show,
        line,
        Router("/", route_handlers=[prioritise, reassign, serve_from, move], guards=[signed_in, ours]),
    ],
)
