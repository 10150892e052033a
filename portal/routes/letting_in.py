"""Ways in by mail: a forgotten password, an invitation, and the page that a key in a mail opens.

Nobody learns here who has an account: what is answered, and how soon, is the same for everybody. Looking at a key's
page opens nothing, because mail programs look at links; what is sent from it does, once.
"""

import asyncio
import time
from typing import Any, cast

import structlog
from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal import entry_links
from portal.adapters.throttle import Throttle, TooMany
from portal.clock import utc_now
from portal.db import entries, people
from portal.db.entries import Link
from portal.db.patience import patiently
from portal.db.work import Connection, Work
from portal.domain.refusals import Refused
from portal.operations import inviting, passwords
from portal.operations.inviting import UsedMeanwhile
from portal.operations.passwords import Weak
from portal.pages import Pages
from portal.refused import refusal_words
from portal.routes import signing
from portal.routes.answers import html
from portal.routes.coming import device_of
from portal.routes.showing import checking
from portal.routes.visitor import (
    PageRequest,
    locale_of,
    maybe_signed_in,
    ours,
    reader,
    session_of,
    stranger_token,
    with_cookies,
)
from portal.views.passwords import advice, said

# The address is a key: no other page is to learn it.
PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
FORGOTTEN = "/sign-in/forgotten"
# Longer than it takes to look somebody up and write to them.
ANSWERED_AFTER = 0.4
# Of one address of the network, in a quarter of an hour.
MOST_ASKED, MOST_KEYS, WITHIN_SECONDS = 20, 40, 15 * 60

log = structlog.get_logger()


@get(FORGOTTEN, name="forgotten")
async def forgotten(request: PageRequest) -> Response[Any]:
    """For which address."""
    return _show(request, "sign_in/forgotten.html", email="", problem="", is_sent=False)


@post(FORGOTTEN, name="forgotten-send")
async def send(request: PageRequest) -> Response[Any]:
    """A key goes to whoever has this address; that it did, or that nobody has it, shows nowhere."""
    email = str((await request.form()).get("email", "")).strip()[:320]
    _ = _pages(request).tongue(locale_of(request)).gettext
    if "@" not in email or not email.isprintable():
        problem = _("Give the e-mail address that you sign in with.")
        return _show(
            request, "sign_in/forgotten.html", 422, email=email[:320], problem=problem, is_sent=False
        )
    if (busy := await _too_many(request, "forgotten", MOST_ASKED)) is not None:
        return _show(
            request,
            "sign_in/forgotten.html",
            429,
            {"Retry-After": str(busy)},
            email=email,
            problem=_said_too_many(request, busy),
            is_sent=False,
        )
    began = time.monotonic()

    async def attempt() -> None:
        async with Work(request.app.state.pool) as work:
            await inviting.forgot(work, email)

    try:
        await patiently(attempt)
    finally:
        await asyncio.sleep(max(0.0, ANSWERED_AFTER - (time.monotonic() - began)))
    return _show(request, "sign_in/forgotten.html", email=email, problem="", is_sent=True)


@get("/enter/{secret:str}", name="enter")
async def show(secret: FromPath[str], request: PageRequest) -> Response[Any]:
    """A form for a password, while the key opens something."""
    link = await _link(request, secret)
    if link is None or not _is_open(link):
        return _closed(request, link)
    return _form(request, secret, link)


@post("/enter/{secret:str}", name="enter-send")
async def enter(secret: FromPath[str], request: PageRequest) -> Response[Any]:
    """Set it. Whoever was invited is in; whoever forgot theirs signs in with it."""
    busy = await _too_many(request, "key", MOST_KEYS)
    link = await _link(request, secret) if busy is None else None
    if busy is not None:
        return _closed(request, None, _said_too_many(request, busy))
    if link is None or not _is_open(link):
        return _closed(request, link)
    password = str((await request.form()).get("password", ""))[:1000]
    tongue = _pages(request).tongue(link.locale)
    try:
        await _set(request, link, password)
    except Weak as weak:
        return _form(request, secret, link, said(weak.found, tongue), 422)
    except UsedMeanwhile:
        return _closed(request, await _link(request, secret))
    except Refused as refused:
        return _form(request, secret, link, refusal_words(refused.detail, tongue), 409)
    log.info("a key in a mail was used", kind=link.kind, person=link.person_id)
    return await _go_on(request, link)


async def _set(request: PageRequest, link: Link, password: str) -> None:
    """Hashing takes long on purpose: it is done before anything is locked."""
    state = request.app.state
    async with Work(state.pool) as work:
        await passwords.refuse_weak(work, link.person_id, password, [state.settings.supplier_name])
    async with checking:
        hashed = await asyncio.to_thread(passwords.hasher.hash, password)

    async def attempt() -> None:
        async with Work(state.pool, actor=link.email) as work:
            await inviting.accept(work, link, hashed, device_of(request))

    await patiently(attempt)


async def _go_on(request: PageRequest, link: Link) -> Response[Any]:
    async with request.app.state.pool.acquire() as acquired:
        person = await people.by_email(cast("Connection", acquired), link.email)
    if link.kind == "invitation" and person is not None and person.active:
        return await signing.after_password(request, person, "/", ("password", "mail"))
    response: Response[Any] = Redirect("/sign-in?set=1", status_code=303, headers=PRIVATE)
    if (session := session_of(request)) is not None:
        await signing.close(request, session)
        response.delete_cookie(request.app.state.sessions.cookie, path="/")
    return response


async def _link(request: PageRequest, secret: str) -> Link | None:
    """None when the key is none of ours, or whom it was sent to may not sign in any more."""
    state = request.app.state
    if not entry_links.is_ours(state.settings.secret_key, secret):
        return None
    async with state.pool.acquire() as acquired:
        link = await entries.find(cast("Connection", acquired), entry_links.digest(secret))
    return link if link and link.active else None


def _is_open(link: Link) -> bool:
    return link.used_at is None and link.expires_at > utc_now()


async def _too_many(request: PageRequest, what: str, most: int) -> int | None:
    """Seconds to wait for whoever asks too often from one address of the network."""
    throttle: Throttle = request.app.state.throttle
    address = request.client.host if request.client else "nowhere"
    try:
        await throttle.count(f"{what}:{address}", most, WITHIN_SECONDS)
    except TooMany as refused:
        return refused.retry_after
    return None


def _said_too_many(request: PageRequest, seconds: int) -> str:
    tongue = _pages(request).tongue(locale_of(request))
    minutes = max(1, round(seconds / 60))
    words = tongue.ngettext(
        "Too often from here. Wait {n} minute.", "Too often from here. Wait {n} minutes.", minutes
    )
    return words.format(n=minutes)


def _form(
    request: PageRequest, secret: str, link: Link, problem: str = "", status: int = 200
) -> Response[Any]:
    tongue = _pages(request).tongue(link.locale)
    return _show(
        request,
        "sign_in/enter.html",
        status,
        locale=link.locale,
        path=f"/enter/{secret}",
        link=link,
        problem=problem,
        advice=advice(tongue),
        until=tongue.moment(link.expires_at, tongue.on(utc_now())),
    )


def _closed(request: PageRequest, link: Link | None, busy: str = "") -> Response[Any]:
    """Used, too late, replaced by a later one, or never ours; or tried too often from there."""
    return _show(
        request,
        "sign_in/closed.html",
        429 if busy else 404 if link is None else 410,
        busy=busy,
        locale=link.locale if link else locale_of(request),
        link=link,
    )


def _show(
    request: PageRequest,
    template: str,
    status: int = 200,
    headers: dict[str, str] | None = None,
    *,
    locale: str = "",
    **values: object,
) -> Response[Any]:
    token, made = stranger_token(request)
    text = _pages(request).page(
        template,
        locale=locale or locale_of(request),
        reader=reader(request, csrf=token, here="/sign-in"),
        **values,
    )
    return with_cookies(
        html(
            request, text, status, {**(PRIVATE if "secret" in request.path_params else {}), **(headers or {})}
        ),
        made,
    )


def _pages(request: PageRequest) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


router = Router("/", route_handlers=[forgotten, send, show, enter], guards=[maybe_signed_in, ours])
