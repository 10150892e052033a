"""Reading what may be a few seconds old, and never older than what the person has just done.

Whoever changes something carries on from there how far the log reached, in a cookie that lasts as long as a standby may
be late: until one has come so far, they read where it is written.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from litestar import Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.response import Redirect
from litestar.types import Message, Scope

from portal.adapters.replica import Replica
from portal.db.work import Connection
from portal.db.written import UNKNOWN, Written, written
from portal.domain.access import Viewer
from portal.routes.api import contract

AnyConnection = ASGIConnection[Any, Any, Any, State]
HERE = "portal_written"
# It lasts a little longer than the standby may be late, for the way there and back.
SPARE_SECONDS = 5
# A standby that is away, or that broke a query off because it had to make way for what it replays.
GONE = (
    asyncpg.SerializationError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)


def begin(connection: AnyConnection) -> None:
    """Note how far the changes of this request reach, where somebody wants to know: programs keep no cookies, and read
    where it is written."""
    if connection.app.state.replica.is_there and not connection.scope["path"].startswith(contract.PATH):
        here = connection.scope["state"][HERE] = Written()
        written.set(here)


@asynccontextmanager
async def reading(connection: AnyConnection, viewer: Viewer) -> AsyncIterator[Connection]:
    """For lists, history, figures and files, outside of any unit of work: from the standby where that will do."""
    replica: Replica = connection.app.state.replica
    readers = replica.readers(_seen(connection)) if replica.is_there else replica.primary
    here: Written | None = connection.scope["state"].get(HERE)
    if here is not None:
        here.is_late = readers is not replica.primary
    async with readers.reading(viewer) as conn:
        yield conn
    if here is not None:
        here.is_late = False


async def carry_on(message: Message, scope: Scope) -> None:
    """Whoever changed something is told how far the log reaches with it."""
    if message["type"] != "http.response.start":
        return
    here: Written | None = scope["state"].get(HERE)
    if here is None or not here.at:
        return
    made = _cookie(scope["litestar_app"].state, here.at)
    message["headers"] = [*message.get("headers", ()), (b"set-cookie", made.to_header(header="").encode())]


def instead(connection: AnyConnection, error: Exception) -> Response[Any] | None:
    """The standby failed in the middle of a page: the same page again, from where it is written."""
    here: Written | None = connection.scope["state"].get(HERE)
    if (
        here is None
        or not here.is_late
        or connection.scope.get("method") != "GET"
        or not isinstance(error, GONE)
    ):
        return None
    replica: Replica = connection.app.state.replica
    replica.gave_up()
    again = Redirect(_address(connection), status_code=307, headers={"Cache-Control": "no-store"})
    again.set_cookie(_cookie(connection.app.state, UNKNOWN))
    return again


def _address(connection: AnyConnection) -> str:
    path, query = (
        connection.scope["raw_path"].decode("latin-1").partition("?")[0],
        connection.scope["query_string"],
    )
    # Two slashes in front would name another machine.
    path = "/" + path.lstrip("/")
    return f"{path}?{query.decode('latin-1')}" if query else path


def _seen(connection: AnyConnection) -> int:
    """How far whoever asks has to be able to look."""
    text = connection.cookies.get(_name(connection.app.state), "")
    if not text:
        return 0
    try:
        return min(int(text[:20], 16), UNKNOWN)
    except ValueError:
        return UNKNOWN


def _cookie(state: State, at: int) -> Cookie:
    return Cookie(
        key=_name(state),
        value=f"{at:x}",
        path="/",
        max_age=state.settings.replica_lag_seconds + SPARE_SECONDS,
        secure=state.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def _name(state: State) -> str:
    return "__Host-written" if state.settings.secure_cookies else "written"
