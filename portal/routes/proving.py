"""Step-up: before what is worth more than a session, whoever asks proves once more who they are.

What they had typed waits, sealed, and goes on by itself afterwards: see `routes.prove`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from litestar import Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from portal.adapters.pending import Typed
from portal.adapters.sessions import Session, Sessions, key_of
from portal.db import factors, logins
from portal.db.factors import Standing
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.proving import PASSWORD, Proof, is_enough
from portal.pages import local_path
from portal.routes.coming import device_of
from portal.routes.showing import passkeys_work, pending
from portal.routes.visitor import SESSION, PageRequest, cookie, here_of, recognise, session_of

HERE = "/prove"
# So long a form waits; a sign-in may lie in between.
KEPT_SECONDS = 20 * 60
# Of the form, not of what it says.
UNSAID = frozenset({"_csrf"})


async def standing_of(request: PageRequest, person_id: int) -> Standing | None:
    session = session_of(request)
    return await factors.standing(request.app.state.pool, person_id, session.key if session else "")


def is_fresh(request: PageRequest, standing: Standing) -> bool:
    """Whether what was proved in this session is enough for anything."""
    proof = standing.proof or _from_before(session_of(request))
    works = passkeys_work(request)
    return proof is not None and is_enough(proof, standing.held, standing.now, passkeys_work=works)


def _from_before(session: Session | None) -> Proof | None:
    """A session that began before sign-ins were remembered."""
    return Proof(datetime.fromtimestamp(session.started_at, UTC), (PASSWORD,)) if session else None


async def proved(request: PageRequest, by: Sequence[str]) -> Cookie:
    """They have just shown who they are with these factors. Their session goes on under a new id, which is in the
    cookie that the answer has to carry."""
    sessions: Sessions = request.app.state.sessions
    session = session_of(request) or await recognise(request)
    token = await sessions.renew(session)
    async with Work(request.app.state.pool) as work:
        # A session from before sign-ins were remembered has no row yet.
        await logins.insert(
            work.conn,
            key=session.key,
            person_id=session.person_id,
            at=work.now,
            factors=by,
            device=device_of(request),
        )
        await logins.proved(work.conn, session.key, by)
        await logins.move(work.conn, session.key, key_of(token))
    request.scope["state"][SESSION] = Session(
        key_of(token), session.person_id, session.epoch, session.started_at, session.key
    )
    return cookie(request, sessions.cookie, token)


async def renewed(request: PageRequest, epoch: int) -> Cookie:
    """Their session, which alone has not ended, goes on under a new id and this epoch; what was proved in it stays."""
    sessions: Sessions = request.app.state.sessions
    session = session_of(request) or await recognise(request)
    token = await sessions.renew(replace(session, epoch=epoch))
    async with Work(request.app.state.pool) as work:
        await logins.move(work.conn, session.key, key_of(token))
    request.scope["state"][SESSION] = Session(
        key_of(token), session.person_id, epoch, session.started_at, session.key
    )
    return cookie(request, sessions.cookie, token)


async def prove(request: PageRequest, viewer: Viewer) -> Response[Any] | None:
    """None when they have proved who they are a moment ago; else where they do it, with what they sent kept."""
    if viewer.person_id is None:
        return None
    standing = await standing_of(request, viewer.person_id)
    if standing is not None and is_fresh(request, standing):
        return None
    query = {"next": here_of(request)}
    if request.method != "GET":
        typed = Typed(viewer.person_id, here_of(request), await _fields(request))
        query = {"kept": await pending(request).keep(typed, KEPT_SECONDS), "next": _from_where(request)}
    target = f"{HERE}?{urlencode(query)}"
    if "hx-request" in request.headers:
        return Response(b"", status_code=403, headers={"HX-Redirect": target}, media_type="text/html")
    return Redirect(target, status_code=303)


async def _fields(request: PageRequest) -> list[tuple[str, str]]:
    form = await request.form()
    return [
        (name, value) for name, value in form.multi_items() if isinstance(value, str) and name not in UNSAID
    ]


def _from_where(request: PageRequest) -> str:
    """The page that the form stood on."""
    parts = urlsplit(request.headers.get("referer", ""))
    return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path, "/")
