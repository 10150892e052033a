"""A person's own sessions: where they are signed in, and how to end that."""

import contextlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.adapters.sessions import IDLE_SECONDS, Sessions, SessionsAway
from portal.clock import utc_now
from portal.db import logins
from portal.db.logins import Login
from portal.domain.refusals import NotFound
from portal.operations import leaving
from portal.routes.asking import Asked, asking
from portal.routes.visitor import PageRequest, ours, session_of, signed_in
from portal.views.settings import sessions as views

PATH = "/settings/sessions"
FORMER = 20


@get(PATH, name="settings-sessions")
async def show(request: PageRequest) -> Response[Any]:
    """Where they are signed in, and where they were."""
    asked = await asking(request, is_own=True)
    me = asked.viewer.person_id or 0
    async with asked.reading() as conn:
        lasting = await logins.lasting(conn, me)
        ended = await logins.ended(conn, me, FORMER)
    page = views.page(await _living(asked, lasting), ended, _here(request), asked.tongue, asked.today)
    count = request.query_params.get("ended", "")
    return asked.page(
        "settings/sessions.html",
        section="settings",
        page=page,
        ended=int(count) if count.isascii() and count.isdigit() and len(count) < 6 else None,
        path=PATH,
    )


@post(PATH + "/{login_id:str}/end", name="settings-sessions-end")
async def end(login_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """One of them. Whoever ends the one they sit in is signed out."""
    asked = await asking(request, is_own=True)
    known = int(login_id) if login_id.isascii() and login_id.isdigit() and len(login_id) < 18 else 0
    keys: list[str] = []
    with contextlib.suppress(NotFound):  # it has ended meanwhile, which is what was wanted
        async with asked.work() as work:
            keys = await leaving.end_one(work, asked.viewer.person_id or 0, known)
    await _forget(request, keys)
    return _back(len(keys))


@post(f"{PATH}/end-others", name="settings-sessions-end-others")
async def end_others(request: PageRequest) -> Response[Any]:
    """All but the one they sit in."""
    asked = await asking(request, is_own=True)
    async with asked.work() as work:
        keys = await leaving.end_others(work, asked.viewer.person_id or 0, but=_here(request))
    await _forget(request, keys)
    return _back(len(keys))


def _here(request: PageRequest) -> str:
    session = session_of(request)
    return session.key if session else ""


def _back(count: int) -> Response[Any]:
    return Redirect(f"{PATH}?{urlencode({'ended': count})}", status_code=303)


async def _living(asked: Asked, lasting: Sequence[Login]) -> list[Login]:
    """Without those that were left alone for too long. What Valkey has lost is brought back when it is used, and lasts
    as long."""
    sessions: Sessions = asked.request.app.state.sessions
    try:
        living = await sessions.living([one.key for one in lasting])
    except SessionsAway:
        return list(lasting)
    since = utc_now() - timedelta(seconds=IDLE_SECONDS)
    return [one for one in lasting if one.key in living or one.seen_at > since]


async def _forget(request: PageRequest, keys: Sequence[str]) -> None:
    """In Valkey, too. They are refused already, whether it answers or not."""
    sessions: Sessions = request.app.state.sessions
    with contextlib.suppress(SessionsAway):
        for key in keys:
            await sessions.end(key)


router = Router("/", route_handlers=[show, end, end_others], guards=[signed_in, ours])
