"""A session begins and ends, by whatever way somebody came in.

Who they are was proved before: by password, passkey or second factor here, or by their company's provider.
"""

import contextlib
from collections.abc import Sequence
from typing import Any

import structlog
from litestar import Response
from litestar.response import Redirect

from portal.adapters.sessions import Session, Sessions, SessionsAway, key_of
from portal.adapters.throttle import Throttle
from portal.clock import utc_now
from portal.db import logins, providers
from portal.db.logins import Via
from portal.db.people import Person
from portal.db.work import Work
from portal.operations import entering, impersonating
from portal.operations.entering import Entry, Overtaken
from portal.routes.coming import device_of
from portal.routes.company_pages import only_by
from portal.routes.visitor import YEAR, PageRequest, cookie, cookie_of, session_of, with_cookies

log = structlog.get_logger()


async def begin(
    request: PageRequest,
    person: Person,
    factors: Sequence[str],
    provider: Via | None = None,
    *,
    following: str = "/",
) -> Response[Any]:
    """A session under a new id, and on to `following` (an address of ours: `pages.local_path`).

    `factors` are what was proved just now: `password`, `passkey`, `totp`, `recovery`, `provider`, `mail`. Whatever
    session this browser had has ended. The browser is known from here on, and a mail tells of one that was not.
    """
    if provider is None and (way := await providers.only_way(request.app.state.pool, person.id, utc_now())):
        # Whatever they have proved: their company lets nobody in by it.
        return only_by(request, way, following)
    sessions: Sessions = request.app.state.sessions
    throttle: Throttle = request.app.state.throttle
    if former := session_of(request):
        await close(request, former)
    token = await sessions.start(person.id, person.session_epoch)
    known = cookie_of(request, "device")
    entry = Entry(
        key_of(token),
        person.id,
        person.session_epoch,
        tuple(factors),
        device_of(request),
        provider,
        is_known=throttle.knows(known, person.email),
    )
    try:
        async with Work(request.app.state.pool, actor=person.email) as work:
            await entering.enter(work, entry)
    except Overtaken:
        await sessions.end(entry.key)
        return Redirect("/sign-in", status_code=303)
    log.info("signed in", actor=person.email, factors=entry.factors, address=entry.device.address)
    response = Redirect(following, status_code=303)
    return with_cookies(
        response,
        cookie(request, sessions.cookie, token),
        cookie(request, "device", throttle.device_cookie(known, person.email), YEAR),
    )


async def after_password(
    request: PageRequest, person: Person, following: str, factors: Sequence[str] = ("password",)
) -> Response[Any]:
    """Their password was right, or was set just now by a key from their mailbox: on to what else they have to show."""
    from portal.routes import second  # it comes back here, to begin

    # Before anything is asked or set up: whom only their company lets in has nothing to show here.
    if way := await providers.only_way(request.app.state.pool, person.id, utc_now()):
        return only_by(request, way, following)
    further = await second.ask(request, person, following, factors)
    return further or await begin(request, person, factors, following=following)


async def close(request: PageRequest, session: Session, why: logins.Why = "signed_out") -> None:
    """End this session here and in every other process; whoever looked as somebody else does so no more."""
    async with Work(request.app.state.pool) as work:
        await impersonating.leave(work, session.key, session.person_id)
        if not await logins.end(work.conn, session.key, work.now, why):
            # One that began before sign-ins were remembered.
            await work.conn.execute("select pg_notify('portal_session', $1)", session.key)
    sessions: Sessions = request.app.state.sessions
    with contextlib.suppress(SessionsAway):  # it is refused by its row
        await sessions.end(session.key)
