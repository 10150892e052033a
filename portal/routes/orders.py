"""The list of orders, and the page of one order with what hangs on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.response.base import ASGIResponse

from portal.adapters.sessions import Session
from portal.clock import utc_now
from portal.db import order_list, people, visits
from portal.db.glance import Glance, glance
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.because import sentence
from portal.domain.orders import Order
from portal.domain.problems import LATELY
from portal.domain.refusals import NotFound
from portal.domain.telling import told
from portal.pages import Pages, Reader, etag, local_path
from portal.routes import late
from portal.routes.answers import best_encoding, compress, html, page_of
from portal.routes.impersonated import Names, admit
from portal.routes.looking import Loaded, Look, Looking, Where
from portal.routes.spreadsheets import csv_file
from portal.routes.visitor import (
    PageRequest,
    SignedOut,
    csrf_of,
    here_of,
    ours,
    reader,
    recognise,
    session_of,
    signed_in,
    theme_of,
)
from portal.views.order.drawing import Drawn
from portal.views.order.listing import PER_PAGE, asked, listing, shows_account
from portal.views.order.statuses import word
from portal.views.order.timeline import news, timeline
from portal.views.order.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Ready:
    """A whole page of one person, compressed, and its tag."""

    tag: str
    body: bytes


@get("/orders", name="orders")
async def index(request: PageRequest) -> Response[Any]:
    """Search by any number, filter, page by page; all of it in the address."""
    state = request.app.state
    seen = await _glance(request)
    wanted = asked(request.query_params)
    async with state.pool.acquire() as acquired:
        viewer = await _viewer(request, acquired)
    async with late.reading(request, viewer) as conn:
        found, following = await order_list.search(
            conn,
            viewer,
            q=wanted.q or None,
            state=wanted.state or None,
            account_number=wanted.account or None,
            attention=wanted.attention,
            problem=_problem(wanted.problem, _today(request, seen.locale)),
            before=wanted.before,
            limit=PER_PAGE,
        )
    pages: Pages = state.pages
    looking: Looking = state.looking
    today = _today(request, seen.locale)
    several = shows_account(viewer)
    rows = [looking.row(order, seen.locale, today, shows_account=several) for order in found]
    page = pages.page(
        "orders/index.html",
        locale=seen.locale,
        reader=frame(request, seen),
        listing=listing(found, rows, following, wanted, pages.tongue(seen.locale), viewer),
        section="orders",
        is_index=True,
    )
    return html(request, page, headers={"Cache-Control": "private, no-cache"})


def _problem(kind: str, today: date) -> order_list.Problem | None:
    """What was asked for, as of now."""
    return order_list.Problem(kind, today, utc_now() - LATELY) if kind else None


@get("/orders/{number:str}", name="order")
async def show(number: FromPath[str], request: PageRequest) -> ASGIResponse:
    """What is happening with each part of one order."""
    seen, order_id, version = await _seen(request, number)
    state = request.app.state
    looking: Looking = state.looking
    today = _today(request, seen.locale)
    encoding = best_encoding(request.headers.get("accept-encoding", ""))
    if seen.behind.id:
        # Its ribbon counts down, and what somebody else saw is not to be there when they are themselves again.
        _, body = await _draw(request, seen, Wanted.read(request.query_params), today)
        headers = {"Cache-Control": "private, no-store"}
        return page_of(compress(body.encode(), encoding), encoding, headers)
    key = (
        looking.pages.build, order_id, version, seen.read_version, seen.name, seen.company, seen.locale,
        seen.is_supplier, tuple(seen.roles), tuple(seen.roles_here), today, theme_of(request), here_of(request),
        _session(request).key, encoding, seen.behind.onlooker and seen.behind.onlooker.id, seen.behind.is_unreachable,
    )  # fmt: skip
    kept: Ready | None = looking.ready.get(key)
    if kept is None:
        drawn, body = await _draw(request, seen, Wanted.read(request.query_params), today)
        kept = Ready(etag(*key), compress(body.encode(), encoding))
        if drawn.version != version or drawn.foreseen:
            # It has moved on meanwhile: the tag would name a version that this is not. And what is foreseen of an offer
            # may change while the version stays.
            return page_of(kept.body, encoding, {"Cache-Control": "private, no-store"})
        looking.ready.put(key, kept, len(kept.body))
    headers = {"ETag": kept.tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == kept.tag:
        return page_of(b"", "", headers, 304)
    return page_of(kept.body, encoding, headers)


@post("/orders/{number:str}/visit", name="order-visit")
async def visit(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What is on the page has been read."""
    _, order_id, version = await _seen(request, number)
    form = await request.form()
    text = str(form.get("version", ""))
    read = min(int(text), version) if text.isascii() and text.isdigit() and len(text) < 15 else version
    work = Work(request.app.state.pool)
    async with work:
        await visits.mark_read(work.conn, _session(request).person_id, order_id, read, utc_now())
    return Redirect(local_path(str(form.get("next", "")), f"/orders/{number}"), status_code=303)


@get("/orders/{number:str}/timeline", name="order-timeline")
async def history(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Everything that happened, for orders with a long story."""
    seen, _, _ = await _seen(request, number)
    looking: Looking = request.app.state.looking
    loaded = await _load(request, seen, number)
    look = Look(number, Wanted(), seen.locale, _today(request, seen.locale), 0, seen.is_supplier)
    page = looking.pages.page(
        "orders/timeline.html",
        locale=seen.locale,
        reader=frame(request, seen),
        order=loaded.order,
        days=timeline(looking.scene(loaded, look), loaded.events, newest=len(loaded.events)),
        section="orders",
    )
    return html(request, page)


@get("/orders/{number:str}/lines.csv", name="order-lines")
async def lines(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The lines with their portions, for a spreadsheet."""
    seen, _, _ = await _seen(request, number)
    loaded = await _load(request, seen, number)
    tongue = request.app.state.pages.tongue(seen.locale)
    rows = _csv_rows(loaded.order, tongue, _today(request, seen.locale))
    return csv_file(f"{loaded.order.number}-lines.csv", rows)


def _csv_rows(order: Order, tongue: Any, today: date) -> Iterator[list[str]]:
    _ = tongue.gettext
    yield [
        _("Order"), _("Line"), "SKU", _("Item"), _("Unit"), _("Quantity"), _("Status"), _("Ships"), _("Arrives"),
        _("Shipment"), _("Unit price"), _("Currency"), _("Why"),
    ]  # fmt: skip
    shipments = {shipment.number: shipment for shipment in order.shipments}
    words = tongue.words(today)
    for line in order.lines:
        for portion in line.portions:
            yield [
                order.number, str(line.line), line.sku, line.name, line.unit, f"{portion.quantity:f}",
                word(portion.status, tongue), str(portion.ships_on or ""), str(portion.arrives_on or ""),
                portion.shipment or "", f"{line.unit_price:f}", order.currency,
                sentence(told(order, line, portion, shipments), words),
            ]  # fmt: skip


async def _draw(request: PageRequest, seen: Glance, wanted: Wanted, today: date) -> tuple[Drawn, str]:
    """The order as it was drawn, and the whole page."""
    looking: Looking = request.app.state.looking
    number = str(request.path_params["number"])
    loaded = await _load(request, seen, number)
    floor = loaded.floor(seen.read_version)
    look = Look(
        number,
        wanted,
        seen.locale,
        today,
        floor,
        seen.is_supplier,
        seen.may_offer,
        seen.sees_approvals,
        seen.may_return,
    )
    drawn = looking.draw(loaded, look)
    read = (seen.read_version, seen.read_at) if seen.read_version is not None and seen.read_at else None
    page = looking.pages.page(
        "orders/show.html",
        locale=seen.locale,
        reader=frame(request, seen),
        drawn=drawn,
        body=looking.body(drawn, look, live_switch(look, drawn.version, seen.behind.id)),
        news=news(looking.scene(loaded, look), loaded.events, read),
        may_order="orders:place" in seen.may_here,
        section="orders",
    )
    return drawn, page


def live_switch(look: Look, version: int, acting: int = 0) -> SimpleNamespace:
    """Where the page's stream is. Another arrangement is another element, so that the script connects anew. `acting` is
    the impersonation under which the page was drawn: its stream ends with it."""
    query = look.wanted.query
    joint = "&" if query else "?"
    name = "-".join(value for _, value in look.wanted.pairs) or "as-it-comes"
    return SimpleNamespace(
        id=f"live-{''.join(c if c.isalnum() else '-' for c in name)}-{look.read}",
        href=f"/orders/{look.number}/live{query}{joint}v={version}&read={look.read}{f'&as={acting}' if acting else ''}",
    )


async def _load(request: PageRequest, seen: Glance, number: str) -> Loaded:
    looking: Looking = request.app.state.looking
    where = Where(seen.order_id or 0, number, seen.order_account or "")
    loaded = await looking.load(request.app.state.readers, where, seen.version or 0)
    if loaded is None:
        raise NotFound(f"There is no order {number}.")
    return loaded


async def _seen(request: PageRequest, number: str) -> tuple[Glance, int, int]:
    """One order as far as this person may see it; not there for everybody else."""
    seen = await _glance(request, number)
    if seen.order_id is None or seen.version is None:
        raise NotFound(f"There is no order {number}.")
    return seen, seen.order_id, seen.version


def frame(request: PageRequest, seen: Glance) -> Reader:
    """What the frame around the page shows of its reader."""
    return reader(
        request,
        name=seen.name,
        company=seen.company or "",
        csrf=csrf_of(request),
        may=seen.may,
        is_supplier=seen.is_supplier,
    )


async def _glance(request: PageRequest, number: str = "") -> Glance:
    """The person behind the session; signed out when the session is of an earlier epoch."""
    session = session_of(request) or await recognise(request)
    pool = request.app.state.pool
    seen = await glance(pool, session.person_id, number, session.key)
    if seen is None or seen.epoch != session.epoch:
        raise SignedOut
    await admit(request, pool, seen.behind, Names(seen.email, seen.account))
    return seen


async def _viewer(request: PageRequest, conn: Any) -> Viewer:
    session = _session(request)
    found = await people.asker(conn, session.person_id, session.key, utc_now())
    if found is None:
        raise SignedOut
    return found.viewer


def _session(request: PageRequest) -> Session:
    session = session_of(request)
    if session is None:
        raise SignedOut
    return session


def _today(request: PageRequest, locale: str) -> date:
    """The supplier's day."""
    tongue = request.app.state.pages.tongue(locale)
    today: date = tongue.on(utc_now())
    return today


# Pages recognise their visitor with their first look into the database. Only forms have guards, which cost each
# request a copy of themselves.
router = Router(
    "/",
    route_handlers=[
        index,
        show,
        history,
        lines,
        Router("/", route_handlers=[visit], guards=[signed_in, ours]),
    ],
    opt={"no_compress": True},
)
