"""Who stands behind a request for a page: session, forms that are really ours, language, and the way to sign in."""

import hmac
import secrets
from typing import Any

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from portal.adapters.sessions import Session, Sessions
from portal.filters import accepted
from portal.pages import THEMES, Reader, csrf_token

PageRequest = Request[Any, Any, State]
Connection = ASGIConnection[Any, Any, Any, State]
SESSION = "portal_session"
YEAR = 365 * 24 * 3600


class SignedOut(NotAuthorizedException):
    """Nobody is signed in, or not any more."""


class Forged(PermissionDeniedException):
    """A form that did not come from a page of this portal, or from one of an earlier session."""


async def recognise(connection: Connection) -> Session:
    """There is a session. Whether it still holds is seen with the first look into the database."""
    sessions: Sessions = connection.app.state.sessions
    session = await sessions.load(connection.cookies.get(sessions.cookie))
    if session is None:
        raise SignedOut
    connection.scope["state"][SESSION] = session
    return session


async def signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: there is a session."""
    await recognise(connection)


async def maybe_signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard for what also strangers may do."""
    sessions: Sessions = connection.app.state.sessions
    connection.scope["state"][SESSION] = await sessions.load(connection.cookies.get(sessions.cookie))


async def ours(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard, after one of the two above: a change comes from a form of ours in the same session."""
    if not isinstance(connection, Request) or connection.method in {"GET", "HEAD"}:
        return
    if connection.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forged
    given = connection.headers.get("x-csrftoken")
    if given is None:
        given = (await connection.form()).get("_csrf")
    if not isinstance(given, str) or not any(
        hmac.compare_digest(given, fits) for fits in _tokens(connection)
    ):
        raise Forged


def _tokens(connection: Connection) -> list[str]:
    """What a form of ours may carry: an error page does not know the session and binds to the visitor."""
    session, visitor = session_of(connection), connection.cookies.get(visitor_cookie(connection))
    subjects = [subject for subject in (session and session.key, visitor) if subject]
    return [csrf_token(connection.app.state.settings.secret_key, subject) for subject in subjects]


def session_of(connection: Connection) -> Session | None:
    """The session that was found for this request."""
    session: Session | None = connection.scope["state"].get(SESSION)
    return session


def csrf_of(connection: Connection) -> str:
    """The token that forms of this session carry."""
    session = session_of(connection)
    return csrf_token(connection.app.state.settings.secret_key, session.key) if session else ""


def visitor_cookie(connection: Connection) -> str:
    """A stranger's forms are bound to this cookie."""
    return "__Host-visitor" if connection.app.state.settings.secure_cookies else "visitor"


def cookie(connection: Connection, key: str, value: str, max_age: int | None = None) -> Cookie:
    return Cookie(
        key=key,
        value=value,
        path="/",
        max_age=max_age,
        secure=connection.app.state.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def reader(
    connection: Connection,
    *,
    name: str = "",
    company: str = "",
    csrf: str | None = None,
    here: str | None = None,
    may: frozenset[str] = frozenset(),
    is_supplier: bool = False,
) -> Reader:
    """What the frame of the page shows of whoever looks."""
    return Reader(
        csrf=csrf if csrf is not None else csrf_of(connection),
        here=here if here is not None else here_of(connection),
        name=name,
        company=company,
        theme=theme_of(connection),
        may=may,
        is_supplier=is_supplier,
    )


def here_of(connection: Connection) -> str:
    path, query = connection.scope["path"], connection.scope["query_string"]
    return f"{path}?{query.decode('latin-1')}" if query else path


def theme_of(connection: Connection) -> str:
    theme = connection.cookies.get("theme", "")
    return theme if theme in THEMES else ""


def locale_of(connection: Connection) -> str:
    """The language of somebody we do not know yet."""
    return accepted(connection.headers.get("accept-language", ""))


def stranger_token(connection: Connection) -> tuple[str, Cookie | None]:
    """The token for a stranger's form, and the cookie it is bound to when it has none yet."""
    name = visitor_cookie(connection)
    known = connection.cookies.get(name)
    value = known if known and len(known) < 100 else secrets.token_urlsafe(18)
    token = csrf_token(connection.app.state.settings.secret_key, value)
    return token, None if known == value else cookie(connection, name, value)


def with_cookies(response: Response[Any], *cookies: Cookie | None) -> Response[Any]:
    for one in cookies:
        if one is not None:
            response.set_cookie(one)
    return response
