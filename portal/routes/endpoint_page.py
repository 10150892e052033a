"""One endpoint: how it stands, what it was told, and each delivery with what was sent and answered."""

from dataclasses import replace
from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath

from portal.db import delivery_log
from portal.db.delivery_log import STATES, Delivery
from portal.db.work import Connection
from portal.domain import webhooks
from portal.domain.refusals import NotFound
from portal.operations import connecting
from portal.operations.connecting import OWNER
from portal.routes.asking import Asked
from portal.routes.endpoint_asked import Sent, endpoint_of, looking, section_of
from portal.routes.once import new_form
from portal.routes.visitor import PageRequest
from portal.views.settings import endpoints as views
from portal.views.settings import event_types
from portal.views.settings.endpoints import HERE, PAGE


@get(HERE + "/{endpoint_id:str}", name="settings-webhook")
async def show(endpoint_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """How it stands, and the log of what it was told."""
    asked = await looking(request)
    return await draw(asked, endpoint_id, Sent())


async def draw(asked: Asked, endpoint_id: str, sent: Sent) -> Response[Any]:
    """The page, with what was typed when something is wrong with it."""
    found = await endpoint_of(asked, endpoint_id)
    query = asked.request.query_params
    state = query.get("state", "") if query.get("state", "") in STATES else ""
    async with asked.reading() as conn:
        listed, following = await delivery_log.deliveries(
            conn, found.id, state=state or None, before=_number(query.get("before", "")), limit=PAGE
        )
    held = connecting.rights(asked.viewer, found.account)
    typed = sent.typed
    if not typed.url:
        typed = replace(typed, url=found.url, description=found.description, types=tuple(found.types or ()))
    return asked.page(
        "settings/webhook.html",
        section=section_of(asked.viewer),
        status=sent.status,
        endpoint=views.row(found, asked.tongue, asked.today),
        account=found.account,
        entries=[views.entry(one, found.id, asked.tongue, asked.today) for one in listed],
        filters=views.filters(found.id, state, asked.tongue),
        state=state,
        following=views.older(found.id, state, following),
        is_first=not query.get("before"),
        owns=held == OWNER,
        helps=held is not None,
        sent=sent,
        typed=typed,
        groups=event_types.choices(typed.types, asked.tongue),
        problems=sent.problems,
        done=views.done_words(query, asked.tongue),
        form_id=new_form(),
        path=f"{HERE}/{found.id}",
    )


def _number(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else None


@get(HERE + "/{endpoint_id:str}/deliveries/{delivery_id:str}", name="settings-webhook-delivery")
async def delivery(
    endpoint_id: FromPath[str], delivery_id: FromPath[str], request: PageRequest
) -> Response[Any]:
    """What was sent, and what was answered each time."""
    asked = await looking(request)
    found = await endpoint_of(asked, endpoint_id)
    async with asked.reading() as conn:
        one = await delivery_log.delivery(conn, found.id, _number(delivery_id) or 0)
        if one is None:
            raise NotFound(f"There is no delivery {delivery_id}.")
        body = await _body(conn, one)
    return asked.page(
        "settings/webhook_delivery.html",
        section=section_of(asked.viewer),
        endpoint=views.row(found, asked.tongue, asked.today),
        account=found.account,
        entry=views.entry(one, found.id, asked.tongue, asked.today),
        attempts=[views.attempt(tried, asked.tongue, asked.today) for tried in reversed(one.attempts)],
        body=views.pretty(body),
        is_open=one.state in ("waiting", "sending"),
        helps=connecting.rights(asked.viewer, found.account) is not None,
        # That a test is on its way is no news any more when it has been answered.
        done=""
        if one.attempts and asked.request.query_params.get("done") == "tested"
        else views.done_words(asked.request.query_params, asked.tongue),
        form_id=new_form(),
        path=f"{HERE}/{found.id}",
    )


async def _body(conn: Connection, one: Delivery) -> bytes:
    """The same each time it is sent."""
    if one.event_id is None:
        return webhooks.body(one.type, one.created_at, await delivery_log.body_of_test(conn, one.id))
    event = await delivery_log.event_of(conn, one.event_id)
    return webhooks.body(event.type, event.at, event.told()) if event else b"{}"


router = Router("/", route_handlers=[show, delivery])
