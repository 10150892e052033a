"""Signing in and out."""

import asyncio
from typing import Any

import structlog
from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.adapters.sessions import Sessions
from portal.adapters.throttle import Throttle, TooMany
from portal.db import people
from portal.db.glance import glance
from portal.operations import passwords
from portal.pages import Pages, local_path
from portal.routes import company_leaving, signing
from portal.routes.answers import html
from portal.routes.showing import checking
from portal.routes.visitor import (
    PageRequest,
    cookie,
    cookie_of,
    locale_of,
    maybe_signed_in,
    ours,
    reader,
    session_of,
    stranger_token,
    with_cookies,
)

log = structlog.get_logger()

# Where one goes who was not on the way to anywhere.
HOME = "/"


@get("/sign-in", name="sign-in")
async def show(request: PageRequest) -> Response[Any]:
    """The form; somebody who is signed in goes on."""
    following = local_path(request.query_params.get("next"), HOME)
    session = session_of(request)
    seen = await glance(request.app.state.pool, session.person_id, session=session.key) if session else None
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
    device = cookie_of(request, "device")
    try:
        await throttle.admit(email, address, device)
        person = await _check(request, email, password, address)
    except TooMany as refused:
        log.warning("nobody was let in", because="too many tries", factor="password", address=address)
        minutes = max(1, round(refused.retry_after / 60))
        said = _("Too many tries. Wait {n} minutes, or ask your administrator for a new password.").format(
            n=minutes
        )
        return _form(request, email, said, following, 429, {"Retry-After": str(refused.retry_after)})

    if person is None:
        log.warning("nobody was let in", because="wrong", factor="password", address=address)
        said = _("E-mail and password do not fit together. Check both and try again.")
        return _form(request, email, said, following, 422)

    await throttle.succeeded(email, address)
    return await signing.after_password(request, person, following)


@post("/sign-out", name="sign-out")
async def leave(request: PageRequest) -> Response[Any]:
    """End the session here and in every other process."""
    sessions: Sessions = request.app.state.sessions
    onward = None
    if (session := session_of(request)) is not None:
        began_there = await company_leaving.begun_by(request, session)
        await signing.close(request, session)
        onward = await company_leaving.way_out(request, began_there) if began_there else None
    response = onward or Redirect("/sign-in", status_code=303)
    # What the browser has kept of pages goes with the session. A cookie is deleted as it was set.
    response.headers["Clear-Site-Data"] = '"cache"'
    return with_cookies(response, cookie(request, sessions.cookie, "", 0))


async def _check(request: PageRequest, email: str, password: str, address: str) -> people.Person | None:
    """The person whose password this is; it takes the same time when there is nobody. Counted, where it is not, before
    the next one is looked at."""
    throttle: Throttle = request.app.state.throttle
    device = cookie_of(request, "device")
    async with request.app.state.pool.acquire() as conn:
        person = await people.by_email(conn, email) if email else None
    stored = person.password_hash if person and person.active else None
    if person is not None:
        # Whose password was tried, in the line that tells of it; what somebody typed that is nobody's may be a secret.
        structlog.contextvars.bind_contextvars(subject=person.email)
    async with checking:
        await throttle.refuse(email, address, device)
        fits = await asyncio.to_thread(passwords.fits, stored, password)
        if not fits:
            await throttle.failed(email, address, device)
        elif person and stored:
            await passwords.refresh(request.app.state.pool, person.id, stored, password)
    return person if fits else None


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
        notice=_pages(request).tongue(locale_of(request)).gettext("Your password is set. Sign in with it.")
        if request.method == "GET" and "set" in request.query_params
        else "",
    )
    return with_cookies(html(request, page, status, headers), made)


def _pages(request: PageRequest) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


router = Router("/", route_handlers=[show, enter, leave], guards=[maybe_signed_in, ours])
