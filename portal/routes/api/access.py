"""Who asks through the API: a token, its scope, and its rights. Everything is refused here before a body is read."""

from typing import Any

import structlog
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, TooManyRequestsException, ValidationException
from litestar.handlers import BaseRouteHandler

from portal.adapters import pace
from portal.clock import utc_now
from portal.db import people
from portal.domain.access import Viewer
from portal.domain.refusals import Forbidden
from portal.operations.tokens import digest
from portal.routes.subjects import find_subject

Asking = ASGIConnection[Any, Any, Any, Any]

# Options of a route: what its token needs.
NEEDS = "needs"
SUPPLIER_ONLY = "supplier_only"


async def bearer(connection: Asking, handler: BaseRouteHandler) -> None:
    """The guard of every API route: a valid token with the scope that the route's options ask for."""
    scheme, _, token = connection.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthorizedException("Send a token: `Authorization: Bearer <token>`.")
    async with connection.app.state.pool.acquire() as conn:
        viewer = await people.token_viewer(conn, digest(token.strip()), utc_now())
    if viewer is None:
        raise NotAuthorizedException("The token is not known, or was revoked.")
    structlog.contextvars.bind_contextvars(actor=viewer.actor, account=viewer.account)
    await _slow_down(connection, viewer)
    needs = handler.opt.get(NEEDS)
    if (needs or handler.opt.get(SUPPLIER_ONLY)) and not viewer.is_supplier:
        raise Forbidden("An account's token reads its own orders and events; this is the supplier's to do.")
    if needs:
        viewer.need(needs)
    connection.scope["state"]["viewer"] = viewer
    refuse_unknown_parameters(connection, handler)
    await find_subject(connection, viewer)


async def _slow_down(connection: Asking, viewer: Viewer) -> None:
    """Demo and test set no limit for the supplier's token: whoever tries the portal out may hurry."""
    state = connection.app.state
    if viewer.is_supplier and not state.settings.is_production:
        return
    wait = await pace.seconds_to_wait(state.valkey, viewer.actor, state.settings.api_requests_per_minute)
    if wait:
        raise TooManyRequestsException(
            f"More than {state.settings.api_requests_per_minute} requests a minute; wait {wait} s.",
            headers={"Retry-After": str(wait)},
        )


def refuse_unknown_parameters(connection: Asking, handler: BaseRouteHandler) -> None:
    """A mistyped query parameter is an error, never silently everything."""
    known = set(handler.opt.get("query", ()))
    unknown = sorted(set(connection.query_params) - known)
    if unknown:
        raise ValidationException(
            detail=f"Unknown query parameter {unknown[0]!r}.",
            extra=[{"message": f"unknown query parameter {name!r}", "key": name} for name in unknown],
        )


async def provide_viewer(request: Any) -> Viewer:
    """The viewer that the guard let in."""
    viewer: Viewer = request.scope["state"]["viewer"]
    return viewer
