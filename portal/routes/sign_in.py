"""Signing in and out."""

import asyncio
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.adapters.sessions import Sessions
from portal.adapters.throttle import Throttle, TooMany
from portal.db import people
from portal.db.glance import glance
from portal.db.work import Work
from portal.operations import impersonating
from portal.pages import Pages, local_path
from portal.routes.answers import html
from portal.routes.visitor import (
    YEAR,
    PageRequest,
    cookie,
    locale_of,
    maybe_signed_in,
    ours,
    reader,
    session_of,
    stranger_token,
    with_cookies,
)

# Each check takes memory and a core for a moment: so many at once, the others wait their turn.
AT_ONCE = 2
# Where one goes who was not on the way to anywhere.
HOME = "/"
hasher = PasswordHasher()
# Somebody unknown takes as long as somebody known.
NOBODY = hasher.hash("nobody has this password")
checking = asyncio.Semaphore(AT_ONCE)


@get("/sign-in", name="sign-in")
async def show(request: PageRequest) -> Response[Any]:
    """The form; somebody who is signed in goes on."""
    following = local_path(request.query_params.get("next"), HOME)
    session = session_of(request)
    seen = await glance(request.app.state.pool, session.person_id) if session else None
    if session and seen and seen.epoch == session.epoch:
        return Redirect(following, status_code=303)
    return _form(request, following=following)


@post("/sign-in", name="sign-in-try")
async def enter(request: PageRequest) -> Response[Any]:
    """Check the password and start a session under a new id."""
    form = await request.form()
    email, password = str(form.get("email", "")).strip()[:320], str(form.get("password", ""))[:1000]
    following = local_path(str(form.get("next", "")), HOME)
    _ = _pages(request).tongue(locale_of(request)).gettext
    throttle: Throttle = request.app.state.throttle
    address = request.client.host if request.client else "nowhere"
    device = request.cookies.get("device")
    try:
        await throttle.admit(email, address, device)
    except TooMany as refused:
        minutes = max(1, round(refused.retry_after / 60))
        said = _("Too many tries. Wait {n} minutes, or ask your administrator for a new password.").format(
            n=minutes
        )
        return _form(request, email, said, following, 429, {"Retry-After": str(refused.retry_after)})

    person = await _check(request, email, password)
    if person is None:
        await throttle.failed(email, address, device)
        said = _("E-mail and password do not fit together. Check both and try again.")
        return _form(request, email, said, following, 422)

    await throttle.succeeded(email, address)
    sessions: Sessions = request.app.state.sessions
    if former := session_of(request):
        await sessions.end(former.key)
    token = await sessions.start(person.id, person.session_epoch)
    known = cookie(request, "device", throttle.device_token(email), YEAR)
    return with_cookies(Redirect(following, status_code=303), cookie(request, sessions.cookie, token), known)


@post("/sign-out", name="sign-out")
async def leave(request: PageRequest) -> Response[Any]:
    """End the session here and in every other process."""
    sessions: Sessions = request.app.state.sessions
    if (session := session_of(request)) is not None:
        async with Work(request.app.state.pool) as work:
            await impersonating.leave(work, session.key, session.person_id)
        await sessions.end(session.key)
        await request.app.state.pool.execute("select pg_notify('portal_session', $1)", session.key)
    response = Redirect("/sign-in", status_code=303)
    response.delete_cookie(sessions.cookie, path="/")
    return response


async def _check(request: PageRequest, email: str, password: str) -> people.Person | None:
    """The person whose password this is; it takes the same time when there is nobody."""
    async with request.app.state.pool.acquire() as conn:
        person = await people.by_email(conn, email) if email else None
    stored = person.password_hash if person and person.active else None
    async with checking:
        fits = await asyncio.to_thread(_fits, stored or NOBODY, password)
    return person if fits and stored else None


def _fits(stored: str, password: str) -> bool:
    try:
        return hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _form(
    request: PageRequest,
    email: str = "",
    problem: str = "",
    following: str = HOME,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    token, made = stranger_token(request)
    page = _pages(request).page(
        "sign_in/show.html",
        locale=locale_of(request),
        reader=reader(request, csrf=token, here="/sign-in"),
        email=email,
        problem=problem,
        next=following,
    )
    return with_cookies(html(request, page, status, headers), made)


def _pages(request: PageRequest) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


router = Router("/", route_handlers=[show, enter, leave], guards=[maybe_signed_in, ours])
