"""Arrivals in a calendar program: the secret addresses that a person has, and what is read there.

Whoever has the address reads the calendar, without signing in: it can be turned off at any time, and shows what its
owner may see at that moment.
"""

import asyncio
import hashlib
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlencode

from litestar import HttpMethod, Response, Router, get, post, route
from litestar.params import FromPath
from litestar.response import Redirect

from portal.adapters import pace
from portal.clock import utc_now
from portal.db import arrivals, calendar_links, people, scopes
from portal.db.arrivals import Wanted
from portal.db.calendar_links import CalendarLink
from portal.db.scoped import Readers
from portal.db.work import Connection, LawBroken, Work
from portal.domain.access import Viewer
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused
from portal.operations import subscribing
from portal.pages import Pages
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.arrivals.ical import Agenda, ical
from portal.views.settings import calendars as views
from portal.views.sites import SiteNames

PATH = "/settings/calendar"
# A calendar looks ahead so far, and holds so much; the page has the rest.
AHEAD = timedelta(days=400)
# The address is shown to whoever has just made it, and never again.
SHOWN = timedelta(minutes=15)
READINGS_PER_MINUTE = 120
# Of a secret that this portal made: 32 bytes.
SECRET_LENGTH = 43
SUFFIX = ".ics"
PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Vary": "Accept-Encoding"}


@get(PATH, name="settings-calendar")
async def show(request: PageRequest) -> Response[Any]:
    """What is subscribed to, and a form for more."""
    return await _draw(await asking(request, needs="orders:read", is_own=True))


@post(PATH, name="settings-calendar-make")
async def make(request: PageRequest) -> Response[Any]:
    """A new secret address; the page that follows shows it once."""
    asked = await asking(request, needs="orders:read", is_own=True)
    form = await request.form()
    name = " ".join(str(form.get("name", "")).replace("\x00", "").split())
    ship_to = str(form.get("ship_to", "")) or None

    async def do(work: Work) -> Outcome:
        raw = _secret(asked, str(form["form"]))
        return {"id": await subscribing.subscribe(work, asked.viewer, name, ship_to, raw)}

    try:
        await once(asked, form, PATH, do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        return await _draw(asked, refusal, 409 if isinstance(refusal, Conflict) else 422, name, ship_to or "")
    return Redirect(f"{PATH}?{urlencode({'made': form['form']})}", status_code=303)


@post(PATH + "/{link_id:str}/revocation", name="settings-calendar-revoke")
async def revoke(link_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """Nobody reads it from now on."""
    asked = await asking(request, needs="orders:read", is_own=True)
    known = int(link_id) if link_id.isascii() and link_id.isdigit() and len(link_id) < 18 else 0

    async def do(work: Work) -> Outcome:
        await subscribing.unsubscribe(work, asked.viewer, known)
        return {}

    form = await request.form()
    await once(asked, form, f"{PATH}:revocation", do)
    return Redirect(f"{PATH}?{urlencode({'off': form['form']})}", status_code=303)


def _secret(asked: Asked, form_id: str) -> str:
    return subscribing.secret(
        asked.request.app.state.settings.secret_key, asked.viewer.person_id or 0, form_id
    )


async def _draw(
    asked: Asked, refusal: Refused | None = None, status: int = 200, name: str = "", ship_to: str = ""
) -> Response[Any]:
    query = asked.request.query_params
    made = await came_of(asked, PATH, query.get("made"))
    is_off = await came_of(asked, f"{PATH}:revocation", query.get("off")) is not None
    viewer = asked.viewer
    async with asked.reading() as conn:
        numbers = viewer.accounts or ()
        names = SiteNames(await arrivals.sites(conn, numbers))
        accounts = await scopes.accounts(conn, viewer, None)
        links = [] if viewer.is_supplier else await calendar_links.in_use(conn, viewer.person_id or 0)
    base_url = asked.request.app.state.settings.base_url
    fresh = next((link for link in links if made and link.id == made["id"]), None)
    address = ""
    if fresh is not None and utc_now() - fresh.made_at < SHOWN:
        address = f"{base_url}/calendar/{_secret(asked, str(query['made']))}{SUFFIX}"
    return asked.page(
        "settings/calendar.html",
        section="settings",
        status=status,
        page=views.page(links, names, accounts, asked.tongue, asked.today),
        address=address,
        webcal=views.webcal(address),
        fresh=fresh,
        is_off=is_off,
        refusal=refusal,
        name=name,
        ship_to=ship_to,
        most_name=subscribing.LONGEST_NAME,
        form_id=new_form(),
        path=PATH,
    )


@route("/calendar/{secret:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], name="calendar")
async def read(secret: FromPath[str], request: PageRequest) -> Response[Any]:
    """What arrives for whoever the address was made for, as a calendar program reads it."""
    raw = secret.removesuffix(SUFFIX)
    if raw == secret or len(raw) != SECRET_LENGTH or not raw.isascii():
        raise NotFound("There is no such calendar.")
    state = request.app.state
    async with state.pool.acquire() as acquired:
        conn = cast("Connection", acquired)
        link = await calendar_links.find(conn, subscribing.digest(raw))
        found = await people.viewer(conn, link.person_id) if link and link.revoked_at is None else None
    if link is None or found is None or found[0].is_supplier:
        if link is not None and link.revoked_at is not None:
            return _plain(410, "This calendar was turned off.")
        raise NotFound("There is no such calendar.")
    if wait := await pace.seconds_to_wait(state.valkey, f"calendar:{link.id}", READINGS_PER_MINUTE):
        return _plain(429, f"Too often: again in {wait} s.", {"Retry-After": str(wait)})
    agenda = await _agenda(request, link, found[0])
    headers = _headers(agenda, request.app.state.pages.build)
    if _has(request, headers["ETag"]):
        return Response(b"", status_code=304, headers=headers, media_type="text/calendar")
    body = await asyncio.to_thread(ical, agenda)
    return Response(body, headers=headers, media_type="text/calendar")


async def _agenda(request: PageRequest, link: CalendarLink, viewer: Viewer) -> Agenda:
    """All from one moment: an entry's sequence is that of the order that it tells of."""
    state = request.app.state
    pages: Pages = state.pages
    tongue, now = pages.tongue(viewer.locale), utc_now()
    today = tongue.on(now)
    account, _, code = (link.ship_to or "").partition("/")
    numbers = tuple(number for number in viewer.accounts or () if not account or number == account)
    until = today + AHEAD
    readers: Readers = state.readers
    async with readers.snapshot(viewer) as conn:
        rows = await arrivals.everything(
            conn, Wanted(numbers, today, until, code or None), (today, until), ("late", "coming")
        )
        versions = await calendar_links.versions(conn, {row.order_id for row in rows})
        names = SiteNames(await arrivals.sites(conn, numbers))
    await calendar_links.note_reading(state.pool, link, now)
    name = link.name or tongue.gettext("Arrivals, {supplier}").format(supplier=pages.site.name)
    return Agenda(name, rows, versions, names, tongue, today, state.settings.base_url)


def _headers(agenda: Agenda, build: str) -> dict[str, str]:
    """The tag says all that the calendar is drawn from, so that what has not changed is not even drawn."""
    drawn_from = (
        build, agenda.base_url, agenda.name, agenda.rows, agenda.versions, agenda.names.sites, agenda.tongue.tag,
        agenda.today,
    )  # fmt: skip
    digest = hashlib.sha256(repr(drawn_from).encode()).hexdigest()[:32]
    return {
        **PRIVATE,
        "ETag": f'"{digest}"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": 'inline; filename="arrivals.ics"',
        "Content-Language": agenda.tongue.tag,
    }


def _has(request: PageRequest, tag: str) -> bool:
    known = request.headers.get("if-none-match", "").split(",")
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in known)


def _plain(status: int, text: str, more: dict[str, str] | None = None) -> Response[bytes]:
    headers = {**PRIVATE, "Cache-Control": "no-store", **(more or {})}
    return Response(text.encode(), status_code=status, headers=headers, media_type="text/plain")


router = Router(
    "/", route_handlers=[show, read, Router("/", route_handlers=[make, revoke], guards=[signed_in, ours])]
)
