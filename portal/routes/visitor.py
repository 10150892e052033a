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
from portal.clock import utc_now
from portal.db.behind import Behind
from portal.filters import accepted
from portal.pages import THEMES, Reader, Ribbon, csrf_token

PageRequest = Request[Any, Any, State]
Connection = ASGIConnection[Any, Any, Any, State]
SESSION = "portal_session"
# Who is behind the session, once the database was asked; and as whom a form was drawn that was sent.
BEHIND, DRAWN_AS = "portal_behind", "portal_drawn_as"
YEAR = 365 * 24 * 3600
HOST = "__Host-"
NOBODY_ELSE = Behind()


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
    if not isinstance(given, str) or not _fits(connection, given):
        raise Forged


def _fits(connection: Connection, given: str) -> bool:
    """What a form of ours may carry: an error page does not know the session and binds to the visitor. A form that was
    drawn while somebody looked as a buyer names the impersonation, and is not taken for another's."""
    session, visitor = session_of(connection), connection.cookies.get(visitor_cookie(connection))
    token, _, drawn_as = given.partition(".")
    if drawn_as:
        subjects = [f"{session.key}:{drawn_as}"] if session else []
    else:
        own = (session.key, session.former) if session else ()
        subjects = [subject for subject in (*own, visitor) if subject]
    secret = connection.app.state.settings.secret_key
    # As octets: letters beyond ASCII are no reason to fail.
    said = token.encode(errors="replace")
    if not any(hmac.compare_digest(said, csrf_token(secret, subject).encode()) for subject in subjects):
        return False
    connection.scope["state"][DRAWN_AS] = int(drawn_as or 0)
    return True


def session_of(connection: Connection) -> Session | None:
    """The session that was found for this request."""
    session: Session | None = connection.scope["state"].get(SESSION)
    return session


def csrf_of(connection: Connection) -> str:
    """The token that forms of this session carry."""
    session, acting = session_of(connection), behind_of(connection).id
    if session is None:
        return ""
    secret = connection.app.state.settings.secret_key
    if acting:
        return f"{csrf_token(secret, f'{session.key}:{acting}')}.{acting}"
    return csrf_token(secret, session.key)


def behind_of(connection: Connection) -> Behind:
    """Who is behind the session, as far as the database was asked for this request."""
    behind: Behind = connection.scope["state"].get(BEHIND, NOBODY_ELSE)
    return behind


def visitor_cookie(connection: Connection) -> str:
    """A stranger's forms are bound to this cookie."""
    return name_of(connection, "visitor")


def name_of(connection: Connection, plain: str) -> str:
    """Of a cookie: over https a name that only we can have set, for this host and all of its paths."""
    is_bare = connection.app.state.settings.secure_cookies and not plain.startswith(HOST)
    return f"{HOST}{plain}" if is_bare else plain


def cookie_of(connection: Connection, plain: str) -> str | None:
    """What the browser has sent of a cookie that `cookie` has made."""
    return connection.cookies.get(name_of(connection, plain))


def cookie(connection: Connection, key: str, value: str, max_age: int | None = None) -> Cookie:
    return Cookie(
        key=name_of(connection, key),
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
        ribbon=_ribbon(behind_of(connection)),
        is_unreachable=behind_of(connection).is_unreachable,
    )


def _ribbon(behind: Behind) -> Ribbon | None:
    """Stands on every page while somebody looks as somebody else: for the one who looks, and for the other."""
    whose, company = behind.whose
    if (acting := behind.impersonator) is not None:
        left = max(0, int((acting.ends_at - utc_now()).total_seconds()))
        return Ribbon(
            acting.id, acting.name, whose, company, acting.reason, acting.ends_at, left, acting.level, True
        )
    if (one := behind.onlooker) is not None:
        return Ribbon(one.id, one.name, whose, company, one.reason, one.ends_at, 0, "", False, one.began_at)
    return None


def here_of(connection: Connection) -> str:
    path, query = connection.scope["path"], connection.scope["query_string"]
    return f"{path}?{query.decode('latin-1')}" if query else path


def theme_of(connection: Connection) -> str:
    theme = cookie_of(connection, "theme") or ""
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
