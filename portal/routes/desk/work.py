"""The work page of one order at one location, made for a tablet: pick, pack, ship, and say what is missing.

The page posts to itself; which button was pressed stands in `do`. Scanning and filling only bring the page back with
other quantities: nothing is written before Pick, Pack, Ship or Report missing.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, cast
from urllib.parse import urlencode

import asyncpg
from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import detail, events, warehouse
from portal.db.patience import patiently
from portal.db.work import Connection, LawBroken
from portal.domain import filling
from portal.domain.filling import NotOnIt, Ready, Scanned
from portal.domain.orders import Order
from portal.domain.quantities import ZERO, NotAQuantity
from portal.domain.refusals import Conflict, NotFound, Refused, Stale
from portal.operations.colliding import Overtaken
from portal.routes.asking import Asked, asking
from portal.routes.desk.pressing import Did, Pressed, Reading, carry_out, placed
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.desk.collisions import Changed, actors, collisions
from portal.views.desk.form import MOST_PACKAGES, Typed, TypedPackage
from portal.views.desk.words import Mistyped, typed_quantity
from portal.views.desk.work import Around, page, ready, stocks, working
from portal.views.order.scene import Scene
from portal.views.order.wanted import Wanted

# Of a longer story the newest events.
STORY = 400
# A form of an order with thousands of lines.
LARGEST_FORM = 1 << 20
VERBS = ("pick", "pack", "ship", "short")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a page is drawn with beside what was typed."""

    status: int = 200
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    said: str = ""
    changed: Sequence[Changed] = ()
    # Of whoever was told what changed: from here on they decide on the order as it stands now.
    renewed: bool = True


@dataclass(frozen=True, slots=True)
class Desk:
    """An order on the table of one person, at one location."""

    asked: Asked
    scene: Scene
    around: Around

    @property
    def order(self) -> Order:
        return self.scene.order

    def answer(self, typed: Typed, drawn: Drawn = Drawn()) -> Response[Any]:
        shown = page(
            self.scene,
            self.around,
            typed,
            drawn.errors,
            changed=[one.line for one in drawn.changed],
            renewed=drawn.renewed,
        )
        return self.asked.page(
            "desk/work.html",
            section="desk",
            status=drawn.status,
            work=shown,
            problem=drawn.problem,
            said=drawn.said,
            changed=drawn.changed,
        )

    def href(self, **more: object) -> str:
        query = {"location": self.around.location} | {name: str(value) for name, value in more.items()}
        return f"/desk/orders/{self.order.number}?{urlencode(query)}"


@get("/orders/{number:str}", name="desk-order")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What stands ready of the order at `?location=`; without one, where most of it stands."""
    asked = await asking(request, needs="desk:read")
    return (await _desk(asked, number)).answer(Typed.read(request.query_params))


@post("/orders/{number:str}", name="desk-order-work", status_code=200, request_max_body_size=LARGEST_FORM)
async def work(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """A button was pressed."""
    asked = await asking(request, needs="shipments:write")
    form = await request.form()
    typed, do = Typed.read(form), str(form.get("do", "scan"))
    desk = await _desk(asked, number)
    if do in VERBS:
        return await _press(desk, typed, do)
    return _fill(desk, typed, do)


async def _desk(asked: Asked, number: str, *, with_story: bool = False) -> Desk:
    query = asked.request.query_params
    since = query.get("since", "")
    is_told = since.isascii() and since.isdigit() and len(since) < 16
    async with asked.request.app.state.pool.acquire() as acquired:
        conn = cast("Connection", acquired)
        order = await detail.detail(conn, asked.viewer, number)
        if order is None:
            raise NotFound(f"There is no order {number}.")
        around = Around(
            location=_location(order, query.get("location", "")),
            goods=await warehouse.goods(conn, order.id),
            carriers=await warehouse.carriers(conn),
            events=await _story(conn, order) if is_told or with_story else [],
            form=secrets.token_urlsafe(12),
            may=asked.viewer.may("shipments:write"),
            since=int(since) if is_told else None,
            shipped=query.get("shipped", ""),
        )
    return Desk(asked, Scene(order, asked.tongue, asked.today, Wanted(), for_supplier=True), around)


async def _story(conn: Connection, order: Order) -> list[events.Recorded]:
    """What happened up to the version that was read; what was committed meanwhile belongs to a later one."""
    told = await events.timeline(conn, order.id, limit=STORY)
    return [event for event in told if (event.version or 0) <= order.version]


def _location(order: Order, wanted: str) -> str:
    if wanted:
        if wanted not in order.locations:
            raise NotFound(f"There is no location {wanted}.")
        return wanted
    return next(iter([*working(order), *order.locations]), "")


# --- quantities that are filled in, and nothing else ------------------------------------------------------------------


def _fill(desk: Desk, typed: Typed, do: str) -> Response[Any]:
    """The page as it was typed, with other quantities. Which order it decides on stays."""
    kept = Drawn(renewed=False)
    if do == "package":
        more = [*typed.packages, TypedPackage()][:MOST_PACKAGES]
        return desk.answer(replace(typed, packages=more), kept)
    if do.startswith("all-"):
        return desk.answer(_all_of(typed, do.removeprefix("all-"), _ready(desk)), kept)
    if do == "fill-weight":
        return _fill_by_weight(desk, typed)
    if do in FILLS:
        return desk.answer(typed.filled(FILLS[do](desk)), kept)
    return _scan(desk, typed)


def _ready(desk: Desk, stage: str = "ready") -> list[Ready]:
    return ready(stocks(desk.order, desk.around.location), desk.around.goods, stage)


FILLS: Mapping[str, Callable[[Desk], dict[int, Decimal]]] = {
    "fill-none": lambda _: {},
    "fill-allocated": lambda desk: filling.everything(_ready(desk, "allocated")),
    "fill-picking": lambda desk: filling.everything(_ready(desk, "picking")),
    "fill-ready": lambda desk: filling.everything(_ready(desk)),
    "fill-parcel": lambda desk: filling.everything(_ready(desk), "parcel"),
    "fill-freight": lambda desk: filling.everything(_ready(desk), "freight"),
}


def _all_of(typed: Typed, line: str, lines: Sequence[Ready]) -> Typed:
    """All of one line beside what is typed already."""
    found = {str(one.line): one.quantity for one in lines}
    return typed.with_line(int(line), found[line]) if line in found else typed


def _fill_by_weight(desk: Desk, typed: Typed) -> Response[Any]:
    tongue = desk.asked.tongue
    try:
        kilograms = typed_quantity(typed.kilograms, None, tongue)
    except Mistyped as wrong:
        return desk.answer(typed, Drawn(422, {"kilograms": str(wrong)}, renewed=False))
    filled = filling.up_to(_ready(desk), kilograms)
    said = ""
    if not filled:
        said = tongue.gettext("Nothing that stands here is known to be as light as that.")
    return desk.answer(typed.filled(filled), Drawn(said=said, renewed=False))


def _scan(desk: Desk, typed: Typed) -> Response[Any]:
    """One more of what was scanned; an empty scan only brings the page back."""
    if not typed.scan:
        return desk.answer(typed, Drawn(renewed=False))
    tongue, taken = desk.asked.tongue, typed.taken()
    try:
        found = filling.scan(typed.scan, _ready(desk), taken)
    except NotAQuantity:
        error = tongue.gettext("Write a quantity in digits, such as 12 or 12.5.")
        return desk.answer(typed, Drawn(422, {"scan": error}, renewed=False))
    if not isinstance(found, Scanned):
        return desk.answer(typed, Drawn(422, {"scan": _not_scanned(desk, found)}, renewed=False))
    quantity = taken.get(found.line, ZERO) + found.quantity
    sku = next(line.sku for line in desk.order.lines if line.line == found.line)
    said = tongue.gettext("Line {line}, {sku}: {n}").format(
        line=found.line, sku=sku, n=tongue.number(quantity)
    )
    filled = replace(typed.with_line(found.line, quantity), scan="")
    return desk.answer(filled, Drawn(said=said, renewed=False))


def _not_scanned(desk: Desk, found: NotOnIt | filling.TooMany) -> str:
    tongue = desk.asked.tongue
    if isinstance(found, NotOnIt):
        return tongue.gettext("{sku} is not on this list.").format(sku=found.sku)
    return tongue.gettext("Only {ready} of {sku} stand ready here, and {taken} are taken already.").format(
        ready=tongue.number(found.ready), sku=found.sku, taken=tongue.number(found.taken)
    )


# --- what is written --------------------------------------------------------------------------------------------------


async def _press(desk: Desk, typed: Typed, do: str) -> Response[Any]:
    """Do it, or bring the page back with the reason and with what was typed."""
    reading = Reading(typed, desk.order, desk.asked.tongue)
    pressed = reading.read(do, desk.around.location, desk.asked.viewer.person_id)
    if pressed is None:
        problem = reading.errors.get("form") or desk.asked.tongue.gettext(
            "Nothing was done. Look at what is marked."
        )
        return desk.answer(typed, Drawn(422, reading.errors, problem, renewed=False))
    try:
        did = await patiently(lambda: _carry_out(desk, pressed))
    except Overtaken as overtaken:
        return await _tell_what_changed(desk, typed, overtaken)
    except LawBroken:
        raise
    except Refused as refusal:
        status = 409 if isinstance(refusal, Conflict | Stale) else 422
        desk = await _desk(desk.asked, desk.order.number)
        return desk.answer(typed, Drawn(status, placed(refusal, pressed), refusal.detail, renewed=False))
    except asyncpg.LockNotAvailableError:
        busy = desk.asked.tongue.gettext("Somebody else is working on this order right now. Try it again.")
        return desk.answer(typed, Drawn(409, {}, busy, renewed=False))
    return _onwards(desk, typed, pressed, did)


async def _carry_out(desk: Desk, pressed: Pressed) -> Did:
    async with desk.asked.work() as unit:
        return await carry_out(unit, desk.asked.viewer, desk.order.number, pressed)


async def _tell_what_changed(before: Desk, typed: Typed, overtaken: Overtaken) -> Response[Any]:
    """The order as it stands now, what was typed, and line by line who did what meanwhile."""
    desk = await _desk(before.asked, before.order.number, with_story=True)
    async with desk.asked.request.app.state.pool.acquire() as acquired:
        known = await warehouse.names(cast("Connection", acquired), actors(desk.around.events, typed.version))
    changed = collisions(desk.scene, desk.around.events, typed, overtaken.lines, known, desk.around.location)
    return desk.answer(typed, Drawn(409, changed=changed))


def _onwards(desk: Desk, typed: Typed, pressed: Pressed, did: Did) -> Response[Any]:
    """To the page as it is now, which tells what was done."""
    more: dict[str, object] = {"since": did.before}
    if did.shipment:
        more["shipped"] = did.shipment
    if pressed.do == "short":
        more |= {f"quantity-{line}": quantity for line, quantity in typed.quantities.items()}
    return Redirect(desk.href(**more), status_code=303)


router = Router(
    "/",
    route_handlers=[show, Router("/", route_handlers=[work], guards=[signed_in, ours])],
)
