"""Decide from a mail: the link opens a page, and only what is sent from there decides.

Nobody needs to be signed in: the link is the proof that its mail was read, and it is good once. Mail programs that open
links to look at them change nothing.
"""

from dataclasses import dataclass
from typing import Any, cast

import structlog
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from portal import mail_links
from portal.clock import utc_now
from portal.db import approvals, detail, factors, links, people
from portal.db.links import Link
from portal.db.patience import patiently
from portal.db.scoped import Readers
from portal.db.work import Connection, LawBroken, Work
from portal.domain.access import Viewer
from portal.domain.orders import Order
from portal.domain.proving import needs_proof
from portal.domain.refusals import Conflict, NotFound, Refused, Stale
from portal.domain.requests import Request
from portal.operations import deciding
from portal.operations.colliding_requests import Meanwhile
from portal.operations.deciding import Decision
from portal.operations.placing import Supplier
from portal.pages import Pages
from portal.routes.answers import html
from portal.routes.heard import hear
from portal.routes.showing import holding
from portal.routes.visitor import (
    PageRequest,
    csrf_of,
    locale_of,
    maybe_signed_in,
    ours,
    reader,
    session_of,
    stranger_token,
    with_cookies,
)
from portal.views.approvals import by_mail as views

LONGEST_COMMENT = 2000
# The address is a key: no other page is to learn it.
PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@dataclass(frozen=True, slots=True)
class Led:
    """Where a link leads: to whom it was written, and the request as it stands."""

    link: Link
    viewer: Viewer
    request: Request
    order: Order
    # Their account lets nobody decide on so much without a proof of who they are.
    needs_proof: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What was chosen and written, kept when it could not be done."""

    what: str = ""
    comment: str = ""
    problem: str = ""
    refusal: Refused | None = None

    @property
    def is_overtaken(self) -> bool:
        """Whether the page below tells what stood in the way."""
        return isinstance(self.refusal, Meanwhile)


class UsedMeanwhile(Conflict):
    """Another sending of the same form was first."""


@get("/approvals/by-mail/{token:str}", name="decide-by-mail")
async def show(token: FromPath[str], request: PageRequest) -> Response[Any]:
    """What is asked, and a form. Looking at it decides nothing."""
    led = await _led(request, token)
    if led is None:
        return _unknown(request)
    what = request.query_params.get("what", "")
    return _page(request, token, led, Typed(what if what in views.CHOICES else ""))


@post("/approvals/by-mail/{token:str}", name="decide-by-mail-send")
async def decide(
    token: FromPath[str], request: PageRequest, supplier: NamedDependency[Supplier]
) -> Response[Any]:
    """Decide, as whom the mail was written to."""
    led = await _led(request, token)
    if led is None:
        return _unknown(request)
    typed, version = await _read(request, led)
    if _another(request, led) or typed.problem or _shown(request, led).closed is not None:
        return _page(request, token, led, typed, status=422 if typed.problem else 409)
    heard = await hear(request.app.state, led.request.account)
    decision = Decision(typed.what, typed.comment or None, version=version, through="mail")

    async def attempt() -> None:
        work = Work(request.app.state.pool, actor=led.viewer.actor)
        async with work:
            if not await links.use(work.conn, led.link.id, work.now):
                raise UsedMeanwhile("This link was used a moment ago.")
            work.audit(led.request.account, "approval.link_used", led.request.number, _entry(led, typed))
            await deciding.decide(work, led.viewer, led.request.number, decision, supplier, heard)

    try:
        await patiently(attempt)
    except UsedMeanwhile:
        pass  # a double click: what the first one did is shown
    except (NotFound, LawBroken):
        raise
    except Refused as refusal:
        again = await _led(request, token) or led
        kept = Typed(typed.what, typed.comment, refusal=refusal)
        return _page(
            request, token, again, kept, status=409 if isinstance(refusal, Conflict | Stale) else 422
        )
    return Redirect(f"/approvals/by-mail/{token}", status_code=303, headers=PRIVATE)


async def _read(request: PageRequest, led: Led) -> tuple[Typed, int]:
    """What was typed, and the version of the request that was shown beside it."""
    form = await request.form()
    _ = _pages(request).tongue(led.viewer.locale).gettext
    what = str(form.get("what", ""))
    comment = str(form.get("comment", "")).replace("\r\n", "\n").replace("\x00", "").strip()[:LONGEST_COMMENT]
    raw = str(form.get("version", ""))
    problem = ""
    if what not in views.CHOICES:
        what, problem = "", _("Choose what you decide.")
    elif what != "approve" and not comment:
        problem = _("Say why.") if what == "reject" else _("Write your question.")
    version = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else 0
    return Typed(what, comment, problem), version


def _entry(led: Led, typed: Typed) -> dict[str, Any]:
    return {
        "person": led.viewer.email,
        "decision": typed.what,
        "written_at": led.link.written_at,
        "told_of_version": led.link.version,
        "version": led.request.version,
    }


async def _led(request: PageRequest, token: str) -> Led | None:
    """None when the link is none of ours, or its reader may not sign in any more."""
    state = request.app.state
    if not mail_links.is_ours(state.settings.secret_key, token):
        return None
    async with state.pool.acquire() as acquired:
        conn = cast("Connection", acquired)
        link = await links.find(conn, mail_links.digest(token))
        found = await people.viewer(conn, link.person_id) if link else None
        if link is None or found is None:
            return None
        viewer = found[0]
    structlog.contextvars.bind_contextvars(actor=viewer.email, account=viewer.account, through="mail")
    readers: Readers = state.readers
    async with readers.reading(viewer) as conn:
        asked = await approvals.request(conn, viewer, link.number, viewer.person_id, utc_now())
        order = await detail.detail(conn, viewer, link.order)
    if asked is None or order is None:
        return None
    async with holding(request) as conn:
        limits = (await factors.limits(conn, [asked.account])).get(asked.account, ())
    return Led(link, viewer, asked, order, needs_proof(asked.total, asked.currency, limits))


def _shown(request: PageRequest, led: Led) -> views.Page:
    tongue = _pages(request).tongue(led.viewer.locale)
    may = led.viewer.may("approvals:decide", led.request.account)
    return views.page(
        led.link, led.request, led.order, tongue, utc_now(), may=may, needs_proof=led.needs_proof
    )


def _another(request: PageRequest, led: Led) -> bool:
    """Whether somebody else is signed in here: a mail that was passed on decides for nobody."""
    session = session_of(request)
    return session is not None and session.person_id != led.viewer.person_id


def _page(request: PageRequest, token: str, led: Led, typed: Typed, status: int = 200) -> Response[Any]:
    page = _shown(request, led)
    csrf, made = _csrf(request)
    text = _pages(request).page(
        "by_mail/show.html",
        locale=led.viewer.locale,
        reader=reader(request, csrf=csrf, here=f"/approvals/{led.request.number}"),
        page=page,
        path=f"/approvals/by-mail/{token}",
        typed=typed,
        is_another=_another(request, led),
    )
    if status == 200 and page.closed is not None and page.closed.gone:
        status = 410
    return with_cookies(html(request, text, status, PRIVATE), made)


def _unknown(request: PageRequest) -> Response[Any]:
    csrf, made = _csrf(request)
    text = _pages(request).page(
        "by_mail/unknown.html",
        locale=locale_of(request),
        reader=reader(request, csrf=csrf, here="/approvals"),
    )
    return with_cookies(html(request, text, 404, PRIVATE), made)


def _csrf(request: PageRequest) -> tuple[str, Any]:
    return (csrf_of(request), None) if session_of(request) else stranger_token(request)


def _pages(request: PageRequest) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


router = Router("/", route_handlers=[show, decide], guards=[maybe_signed_in, ours])
