"""The buttons of an endpoint's page: change it, another secret, pause, try out, send again, take away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db.work import LawBroken, Work
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused
from portal.operations import connecting
from portal.operations.connecting import Arranged
from portal.routes import endpoint_page, shown_once
from portal.routes.asking import Asked
from portal.routes.endpoint_asked import Sent, acting, endpoint_of, is_simulated, mint, status_of
from portal.routes.once import Outcome, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.settings import endpoints as views
from portal.views.settings.endpoints import HERE, Typed


@dataclass(frozen=True, slots=True)
class Doing:
    """What a button does: its name, and where it leads when it is done."""

    name: str
    lead_to: str
    do: Any


async def done(asked: Asked, form: Mapping[str, Any], endpoint_id: str, doing: Doing) -> Response[Any]:
    """Do it once, and lead on; what is refused is said on an error page with its sentence."""
    key = f"{HERE}/{endpoint_id}:{doing.name}"
    outcome = await once(asked, form, key, doing.do)
    said = {"done": doing.name, **{name: str(outcome[name]) for name in outcome.keys() & {"n", "delivery"}}}
    path, _, fragment = doing.lead_to.format(**outcome).partition("#")
    address = f"{path}?{urlencode(said)}"
    return Redirect(f"{address}#{fragment}" if fragment else address, status_code=303)


@post(HERE + "/{endpoint_id:str}/changes", name="settings-webhook-change")
async def change(endpoint_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """Where it leads, what it hears of, what it is called."""
    asked = await acting(request)
    form = await request.form()
    found, typed = await endpoint_of(asked, endpoint_id), Typed.read(form)
    # What happens in the account would be told to somebody else.
    if typed.url != found.url and (first := await asked.prove()) is not None:
        return first
    arranged = Arranged(typed.url, typed.types or None, typed.description)

    async def do(work: Work) -> Outcome:
        await connecting.change(
            work, asked.viewer, endpoint_id, lambda _: arranged, simulated=is_simulated(asked)
        )
        return {}

    try:
        return await done(asked, form, endpoint_id, Doing("changed", f"{HERE}/{endpoint_id}", do))
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        problems = views.placed(refusal.problems, asked.tongue)
        return await endpoint_page.draw(
            asked, endpoint_id, Sent(typed, problems, refusal, status_of(refusal))
        )


@post(HERE + "/{endpoint_id:str}/rotation", name="settings-webhook-rotation")
async def rotate(endpoint_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """Another secret, shown on the page that answers and not again."""
    asked = await acting(request)
    if (first := await asked.prove()) is not None:
        return first
    form = await request.form()
    await endpoint_of(asked, endpoint_id)

    async def do(work: Work) -> Outcome:
        nonce = shown_once.new_nonce()
        await connecting.rotate(work, asked.viewer, endpoint_id, partial(mint, asked, nonce))
        return {"nonce": nonce}

    outcome = await once(asked, form, f"{HERE}/{endpoint_id}:rotated", do)
    secret = shown_once.endpoint_secret(asked, outcome["nonce"])
    return await endpoint_page.draw(asked, endpoint_id, Sent(made=endpoint_id, secret=secret))


TURNS = {"active": connecting.resume, "paused": connecting.pause, "disabled": connecting.disable}


@post(HERE + "/{endpoint_id:str}/state", name="settings-webhook-state")
async def turn(endpoint_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """Pause it, disable it, or make it active again, with what it missed if that is wished."""
    asked = await acting(request)
    form = await request.form()
    found = await endpoint_of(asked, endpoint_id)
    state = str(form.get("state", ""))

    async def do(work: Work) -> Outcome:
        if state not in TURNS:
            raise Conflict(f"There is no state {state!r}.")
        await TURNS[state](work, asked.viewer, endpoint_id)
        since = found.disabled_at
        many = 0
        if state == "active" and "catch_up" in form and since is not None:
            many = await connecting.replay_period(work, asked.viewer, endpoint_id, since, None)
        return {"n": many}

    return await done(asked, form, endpoint_id, Doing(state, f"{HERE}/{endpoint_id}", do))


@post(HERE + "/{endpoint_id:str}/tests", name="settings-webhook-test")
async def try_out(endpoint_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """Send a test, and show what becomes of it."""
    asked = await acting(request)
    form = await request.form()
    await endpoint_of(asked, endpoint_id)

    async def do(work: Work) -> Outcome:
        return {"delivery": await connecting.try_out(work, asked.viewer, endpoint_id)}

    lead_to = f"{HERE}/{endpoint_id}/deliveries/{{delivery}}"
    return await done(asked, form, endpoint_id, Doing("tested", lead_to, do))


@post(HERE + "/{endpoint_id:str}/replays", name="settings-webhook-replay")
async def replay(endpoint_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """Send one delivery again, or all that were given up, or what happened since a moment."""
    asked = await acting(request)
    form = await request.form()
    await endpoint_of(asked, endpoint_id)
    period, problems = views.period(form, asked.tongue)
    if problems:
        return await endpoint_page.draw(asked, endpoint_id, Sent(problems=problems, status=422))
    ids = _ids(form)

    async def do(work: Work) -> Outcome:
        if period is not None:
            many = await connecting.replay_period(work, asked.viewer, endpoint_id, *period)
        else:
            many = await connecting.tell_again(work, asked.viewer, endpoint_id, ids)
        return {"n": many}

    back = f"{HERE}/{endpoint_id}/deliveries/{ids[0]}" if ids and form.get("back") == "delivery" else ""
    doing = Doing("replayed", back or f"{HERE}/{endpoint_id}#log", do)
    try:
        return await done(asked, form, endpoint_id, doing)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        placed = views.placed(refusal.problems, asked.tongue)
        return await endpoint_page.draw(
            asked, endpoint_id, Sent(problems=placed, refusal=refusal, status=422)
        )


@post(HERE + "/{endpoint_id:str}/drops", name="settings-webhook-drop")
async def drop(endpoint_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """What was given up, or waits, is not sent any more; what waits behind it goes on."""
    asked = await acting(request)
    form = await request.form()
    await endpoint_of(asked, endpoint_id)
    ids = _ids(form)

    async def do(work: Work) -> Outcome:
        return {"n": await connecting.drop(work, asked.viewer, endpoint_id, ids)}

    back = f"{HERE}/{endpoint_id}/deliveries/{ids[0]}" if ids else f"{HERE}/{endpoint_id}#log"
    return await done(asked, form, endpoint_id, Doing("dropped", back, do))


def _ids(form: Mapping[str, Any]) -> Sequence[int] | None:
    """None means all that were given up: the form says so itself. A number that none has finds none."""
    if "all_dead" in form:
        return None
    raw = str(form.get("delivery", ""))
    return [int(raw)] if raw.isascii() and raw.isdigit() and len(raw) < 18 else [0]


@post(HERE + "/{endpoint_id:str}/deletion", name="settings-webhook-deletion")
async def delete(endpoint_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """Take it away. Sent twice, it is gone all the same."""
    asked = await acting(request)
    form = await request.form()

    async def do(work: Work) -> Outcome:
        account = await work.conn.fetchval("select account from connection where id = $1", endpoint_id[:80])
        await connecting.delete(work, asked.viewer, endpoint_id[:80])
        return {"account": account or ""}

    outcome = await once(asked, form, f"{HERE}/{endpoint_id}:deleted", do)
    said = {"gone": "1"} | ({"account": outcome["account"]} if outcome["account"] else {})
    return Redirect(f"{HERE}?{urlencode(said)}", status_code=303)


router = Router(
    "/",
    route_handlers=[change, rotate, turn, try_out, replay, drop, delete],
    guards=[signed_in, ours],
)
