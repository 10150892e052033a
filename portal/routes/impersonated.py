"""Somebody looks as somebody else: what every page does about it, right after its look into the database.

What is looked at is written down before it is shown. A form is taken only from whom it was drawn for, and does only
what the account allows; everything else stays with the person whose pages they are.
"""

import logging
from dataclasses import dataclass
from typing import Any, cast

import structlog
from litestar.types import Message, Scope

from portal.clock import utc_now
from portal.db import impersonations
from portal.db.behind import Behind
from portal.db.work import Connection
from portal.domain.access import ACTS, Impersonator
from portal.domain.refusals import Conflict, Forbidden
from portal.routes import coming
from portal.routes.visitor import BEHIND, DRAWN_AS, PageRequest

# The row that was written for this request.
VIEW = "portal_view"
# Parts of addresses that open something.
SECRET = frozenset({"token", "secret"})
LONGEST_PATH = 500

log = logging.getLogger(__name__)


class Over(Conflict):
    """It has ended, and whoever impersonated somebody does not know yet: nothing is shown or done before they do."""


class DrawnForAnother(Forbidden):
    """The form was drawn before they began to look as somebody, or after they had ended it."""


class StaysWithThem(Forbidden):
    """Whose pages are shown does that themselves."""


@dataclass(frozen=True, slots=True)
class Names:
    """Whose pages they are, for the logs."""

    email: str
    account: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page needs, and whether it is its reader's alone."""

    needs: str | None = None
    is_own: bool = False


async def admit(
    request: PageRequest, conn: Connection | Any, behind: Behind, names: Names, wish: Wish = Wish()
) -> None:
    """Note who is behind the request; refuse what somebody who looks as somebody else may not do."""
    state = request.scope["state"]
    state[BEHIND] = behind
    await coming.note(request, conn, behind)
    acting = behind.impersonator
    _bind(acting, names)
    if behind.over is not None:
        raise Over("You do not look as somebody else any more.")
    if acting is not None:
        state[VIEW] = await impersonations.looked(
            conn, acting.id, utc_now(), request.method, path_of(request)
        )
        log.info("%s %s", request.method, path_of(request))
    if state.get(DRAWN_AS, behind.id) != behind.id and request.method not in {"GET", "HEAD"}:
        raise DrawnForAnother("This form was drawn for somebody else.")
    if acting is not None:
        _refuse(request, wish)


def _refuse(request: PageRequest, wish: Wish) -> None:
    if wish.is_own:
        raise StaysWithThem("This is theirs alone.")
    if request.method not in {"GET", "HEAD"} and wish.needs not in ACTS:
        raise StaysWithThem("Whoever looks as somebody else does nothing here in their name.")


def _bind(acting: Impersonator | None, names: Names) -> None:
    """In every line that is logged from here on."""
    who = {"actor": acting.email, "subject": names.email} if acting else {"actor": names.email}
    structlog.contextvars.bind_contextvars(**who, account=names.account)


def path_of(request: PageRequest) -> str:
    """Without its query, which may hold what was typed, and without what opens something."""
    path = str(request.scope["path"])
    for name, value in request.path_params.items():
        if name in SECRET:
            path = path.replace(str(value), "…")
    return "".join(c if c.isprintable() else "�" for c in path)[:LONGEST_PATH]


async def note_status(message: Message, scope: Scope) -> None:
    """What was answered, beside what was asked for. No browser keeps it: when it is over, going back shows nothing."""
    if message["type"] != "http.response.start" or (view := scope["state"].pop(VIEW, None)) is None:
        return
    headers = [
        (name, value) for name, value in message.get("headers", ()) if name.lower() != b"cache-control"
    ]
    message["headers"] = [*headers, (b"cache-control", b"private, no-store")]
    try:
        async with scope["litestar_app"].state.pool.acquire() as conn:
            await impersonations.answered(cast("Connection", conn), view, message["status"])
    except Exception:
        # It was looked at, and that is written; how it was answered is in the log.
        log.exception("the status %s of view %s could not be noted", message["status"], view)
