"""What the pages about endpoints share: who may look, what was typed or made, and the secret that is shown once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.clock import utc_now
from portal.db import connections
from portal.db.connections import Endpoint
from portal.domain.access import Viewer
from portal.domain.refusals import Conflict, NotFound, Refused
from portal.routes import shown_once
from portal.routes.asking import Asked, asking
from portal.routes.visitor import PageRequest
from portal.views.settings.endpoints import Typed


@dataclass(frozen=True, slots=True)
class Sent:
    """What was typed, why it was not done, or what it made."""

    typed: Typed = field(default_factory=Typed)
    problems: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None
    status: int = 200
    made: str = ""
    secret: str = ""


async def looking(request: PageRequest) -> Asked:
    """An account's administrators, and the supplier's people."""
    return (await asking(request)).within(supplier="connections:read", buyer="webhooks:write")


async def acting(request: PageRequest) -> Asked:
    """Whoever may do something here at all; what exactly, is decided with the endpoint."""
    return (await asking(request)).within(supplier="connections:write", buyer="webhooks:write")


def section_of(viewer: Viewer) -> str:
    return "connections" if viewer.is_supplier else "settings"


async def endpoint_of(asked: Asked, endpoint_id: str) -> Endpoint:
    async with asked.reading() as conn:
        found = await connections.endpoint(conn, asked.viewer, endpoint_id[:80], utc_now())
    if found is None:
        raise NotFound(f"There is no endpoint {endpoint_id}.")
    return found


def mint(asked: Asked, nonce: str) -> tuple[str, bytes]:
    secret = shown_once.endpoint_secret(asked, nonce)
    return secret, shown_once.seal(asked, secret)


def is_simulated(asked: Asked) -> bool:
    return bool(asked.request.app.state.settings.has_simulated_clock)


def status_of(refusal: Refused) -> int:
    return 409 if isinstance(refusal, Conflict) else 422
