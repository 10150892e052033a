"""Endpoints of customers' systems through the API: a token of the account arranges its own, the supplier's any.

An account's token may, whatever its scopes: an endpoint shows nothing that the token could not read.
"""

from typing import Annotated, Any

from litestar import Request, Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.exceptions import ValidationException
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import UNSET

from portal.adapters import sealed, signing
from portal.db import connections, delivery_log
from portal.db.connections import Endpoint
from portal.db.delivery_log import Attempt, Delivery
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import NotFound, Problem, Unacceptable
from portal.operations import connecting
from portal.operations.connecting import Arranged, Mint
from portal.routes.api import shapes
from portal.routes.api import webhook_bodies as sent
from portal.routes.api.commands import Answer, command
from portal.routes.api.orders import Cursor, Limit, read_cursor, write_cursor

ApiRequest = Request[Any, Any, Any]
Json = dict[str, Any]
DeliveryState = Annotated[sent.DeliveryState | None, QueryParameter(name="state")]
# What a forged cursor or a mistyped id holds may be any number.
FURTHEST = 2**62


def minting(request: ApiRequest) -> Mint:
    """Makes secrets that are kept sealed with the portal's own key."""

    def mint() -> tuple[str, bytes]:
        secret = signing.new_secret()
        return secret, sealed.seal(secret, request.app.state.settings.secret_key)

    return mint


@post("/webhook-endpoints", status_code=201)
async def create(
    request: ApiRequest,
    data: sent.PostEndpoint,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    simulated: NamedDependency[bool],
) -> Response[bytes]:
    """Make an endpoint; its secret is shown this once. It hears of its account and those below it, or, when a
    supplier's token names none, of all."""

    async def do() -> Answer:
        arranged = Arranged(data.url, data.types, data.description)
        endpoint_id, secret = await connecting.create(
            work, viewer, data.account, arranged, minting(request), simulated=simulated
        )
        made = await _found(work, viewer, endpoint_id)
        headers = {"Location": f"/api/v1/webhook-endpoints/{endpoint_id}"}
        return Answer(201, document(made) | {"secret": secret}, headers)

    return await command(request, work, viewer, do, tells_secret=True)


@get("/webhook-endpoints", opt={"query": ("account",)})
async def list_endpoints(
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    account: FromQuery[str | None] = None,
) -> Json:
    """The endpoints within the token's scope, newest first."""
    _need(viewer)
    async with work:
        found = await connections.endpoints(work.conn, viewer, work.now, account=account)
    return {"items": [document(one) for one in found], "next": None}


@get("/webhook-endpoints/{endpoint_id:str}")
async def read(
    endpoint_id: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> Json:
    """An endpoint and how it stands. Its secret is not told again."""
    async with work:
        return document(await _found(work, viewer, endpoint_id))


@patch("/webhook-endpoints/{endpoint_id:str}", status_code=200)
async def change(
    endpoint_id: FromPath[str],
    data: sent.PatchEndpoint,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    simulated: NamedDependency[bool],
) -> Json:
    """Change what is named. `state` `paused`: nothing is sent, and what happens waits; `disabled`: it is not kept for
    it either; `active`: it is sent again, and a replay catches up on what a disabled one has missed."""
    async with work:
        if data.url is not UNSET or data.types is not UNSET or data.description is not UNSET:
            await connecting.change(
                work, viewer, endpoint_id, lambda before: _changed(before, data), simulated=simulated
            )
        if data.state is not UNSET:
            turn = {
                "active": connecting.resume,
                "paused": connecting.pause,
                "disabled": connecting.disable,
            }[data.state]
            await turn(work, viewer, endpoint_id)
        return document(await _found(work, viewer, endpoint_id))


def _changed(before: Arranged, data: sent.PatchEndpoint) -> Arranged:
    return Arranged(
        before.url if data.url is UNSET else data.url,
        before.types if data.types is UNSET else data.types,
        before.description if data.description is UNSET else data.description,
    )


@delete("/webhook-endpoints/{endpoint_id:str}", status_code=204)
async def take_away(
    endpoint_id: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> None:
    """It is told nothing more."""
    async with work:
        await connecting.delete(work, viewer, endpoint_id)


@post("/webhook-endpoints/{endpoint_id:str}/secret-rotation", status_code=200)
async def rotate(
    request: ApiRequest,
    endpoint_id: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Another secret, shown this once. For 24 hours deliveries are signed with both."""

    async def do() -> Answer:
        secret, _until = await connecting.rotate(work, viewer, endpoint_id, minting(request))
        return Answer(200, document(await _found(work, viewer, endpoint_id)) | {"secret": secret})

    return await command(request, work, viewer, do, tells_secret=True)


@post("/webhook-endpoints/{endpoint_id:str}/test", status_code=201)
async def try_out(
    request: ApiRequest,
    endpoint_id: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Send something that says that it is a test (`endpoint.test`). What came of it is among the deliveries."""

    async def do() -> Answer:
        made = await connecting.try_out(work, viewer, endpoint_id)
        found = await delivery_log.delivery(work.conn, endpoint_id, made)
        assert found is not None
        return Answer(201, delivery_document(found))

    return await command(request, work, viewer, do)


@post("/webhook-endpoints/{endpoint_id:str}/replay", status_code=200)
async def replay(
    request: ApiRequest,
    endpoint_id: FromPath[str],
    data: sent.PostReplay,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Tell an event, or what happened in a period, again or for the first time. The `webhook-id` stays the event's, so
    that a receiver knows what it has."""
    is_period = data.since is not None
    if [data.event, data.since, data.state].count(None) != 2 or (data.until is not None and not is_period):
        raise Unacceptable(
            "Name one event, or since when (and until when), or the state of what is to be sent again.",
            [Problem("", "one of event, since, state")],
        )

    async def do() -> Answer:
        return Answer(200, {"replayed": await _replay(work, viewer, endpoint_id, data)})

    return await command(request, work, viewer, do)


async def _replay(work: Work, viewer: Viewer, endpoint_id: str, data: sent.PostReplay) -> int:
    if data.event is not None:
        return await connecting.replay_event(work, viewer, endpoint_id, event_number(data.event))
    if data.since is not None:
        return await connecting.replay_period(work, viewer, endpoint_id, data.since, data.until)
    return await connecting.tell_again(work, viewer, endpoint_id)


def event_number(event: str) -> int:
    """Of `evt_1204`; a number that no event has for what is none."""
    bare = event.removeprefix("evt_")
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 18 else 0


@get("/webhook-endpoints/{endpoint_id:str}/deliveries", opt={"query": ("state", "limit", "cursor")})
async def deliveries(
    endpoint_id: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    delivery_state: DeliveryState = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Json:
    """What it was told, newest first, with each attempt: request, answer (cut at 20 kB), and how long it took. A page
    ends early when the answers on it are long."""
    key = read_cursor(cursor)
    if key is not None and not 0 <= key < FURTHEST:
        raise ValidationException(extra=[{"message": "not a cursor of ours", "key": "cursor"}])
    async with work:
        await _found(work, viewer, endpoint_id)
        found, following = await delivery_log.deliveries(
            work.conn, endpoint_id, state=delivery_state, before=key, limit=limit
        )
        told = await delivery_log.with_attempts(work.conn, found)
    return {"items": [delivery_document(one) for one in told], "next": write_cursor(following)}


async def _found(work: Work, viewer: Viewer, endpoint_id: str) -> Endpoint:
    _need(viewer)
    found = await connections.endpoint(work.conn, viewer, endpoint_id, work.now)
    if found is None:
        raise NotFound(f"There is no endpoint {endpoint_id!r}.")
    return found


def _need(viewer: Viewer) -> None:
    """A supplier's token sees every account's endpoints or none."""
    if viewer.is_supplier:
        viewer.need("webhooks:write")


def document(found: Endpoint) -> Json:
    """An endpoint as JSON."""
    return {
        "id": found.id,
        "account": found.account,
        "url": found.url,
        "types": None if found.types is None else list(found.types),
        "description": found.description,
        "state": found.state,
        "disabled_because": found.disabled_because,
        "disabled_at": shapes.instant(found.disabled_at),
        "failing_since": shapes.instant(found.failing_since),
        "last_success_at": shapes.instant(found.last_success_at),
        "waiting": found.waiting,
        "dead": found.dead,
        "oldest_waiting_since": shapes.instant(found.oldest_at),
        "old_secret_until": shapes.instant(found.old_secret_until),
        "created_at": shapes.instant(found.made_at),
        "created_by": found.made_by,
    }


def delivery_document(one: Delivery) -> Json:
    """A delivery with its attempts as JSON."""
    return {
        "id": str(one.id),
        "webhook_id": one.webhook_id,
        "event": None if one.event_id is None else f"evt_{one.event_id}",
        "sequence": one.sequence,
        "type": one.type,
        "account": one.account,
        "order": one.order,
        "state": one.state,
        "created_at": shapes.instant(one.created_at),
        "due_at": shapes.instant(one.due_at) if one.state == "waiting" else None,
        "settled_at": shapes.instant(one.settled_at),
        "first_attempt_ms": one.first_attempt_ms,
        "replays": one.replays,
        "problem": one.problem,
        "attempts": [_attempt(attempt) for attempt in one.attempts],
    }


def _attempt(attempt: Attempt) -> Json:
    return {
        "number": attempt.number,
        "at": shapes.instant(attempt.at),
        "duration_ms": attempt.duration_ms,
        "status": attempt.status,
        "problem": attempt.problem,
        "address": attempt.address,
        "request_headers": attempt.request_headers,
        "response_headers": attempt.response_headers,
        "response_body": attempt.response_body,
    }


router = Router(
    path="",
    tags=["Webhooks"],
    route_handlers=[
        create,
        list_endpoints,
        read,
        change,
        take_away,
        rotate,
        try_out,
        replay,
        deliveries,
    ],
)
