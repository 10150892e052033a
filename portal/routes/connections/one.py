"""One connection: its figures, what failed for good, who is told, and what can be done about it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath

from portal.clock import utc_now
from portal.db import dead_letters, delivery_log, health, parked
from portal.db.work import Connection, LawBroken, Work
from portal.domain.health import Health
from portal.domain.refusals import Forbidden, NotFound, Problem, Refused, Unacceptable
from portal.operations import mending, watching
from portal.routes.asking import Asked, asking
from portal.routes.connections.doing import PATH, back_to, done, led, refused, text_of
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.connections import figures, letters

HERE = "/{connection_id:str}"
READS, WRITES = "connections:read", "connections:write"
PER_PAGE = 50
LATEST = 20
# Alerts that are over.
PAST = 10
LONGEST_ID = 40


@get(HERE, name="connection")
async def show(connection_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """How it stands; `after` pages through what failed."""
    asked = await asking(request, needs=READS)
    raw = request.query_params.get("after", "")
    after = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else 0
    async with asked.reading() as conn:
        found = await health.of(conn, connection_id[:LONGEST_ID].replace("\x00", ""), utc_now())
        if found is None:
            raise NotFound(f"There is no connection {connection_id!r}.")
        past = await health.history(conn, found.id, PAST)
        people = await health.watchers(conn, found.id)
        failed = await _failed(asked, conn, found, after)
    may_write = asked.viewer.may(WRITES)
    return asked.page(
        "connections/one.html",
        section="connections",
        headers={"Cache-Control": "private, no-cache"},
        one=found,
        row=figures.row(found, asked.tongue, asked.today),
        past=[figures.alert(alert, found, asked.tongue, asked.today) for alert in past],
        people=people,
        may_note=may_write or any(one.is_told and one.id == asked.viewer.person_id for one in people),
        may_write=may_write,
        first=f"{PATH}/{found.id}" if after else "",
        done=done(await came_of(asked, PATH, request.query_params.get("done")), asked.tongue),
        form_id=new_form(),
        **failed,
    )


async def _failed(asked: Asked, conn: Connection, one: Health, after: int) -> dict[str, Any]:
    """What waits for a person, as the template of this kind of connection needs it."""
    tongue, today = asked.tongue, asked.today
    shown: dict[str, Any] = {
        "letters": [],
        "customers": [],
        "mails": [],
        "cases": [],
        "waiting": [],
        "log": [],
    }
    following: int | None = None
    if one.kind == "mail":
        mails, following = await dead_letters.failed_mail(conn, after, PER_PAGE)
        shown["mails"] = letters.mail_rows(mails, tongue, today)
    elif one.kind == "inbound":
        cases, following = await parked.cases(conn, "case", after, PER_PAGE)
        waiting, _ = await parked.cases(conn, "parked", 0, PER_PAGE)
        shown["cases"] = letters.case_rows(cases, tongue, today)
        shown["waiting"] = letters.case_rows(waiting, tongue, today)
    else:
        dead, following = await dead_letters.deliveries(conn, one.id, after, PER_PAGE)
        shown["letters"] = letters.rows(dead, one.id, tongue, today)
    if one.kind == "erp":
        shown["customers"] = letters.unknown_customers(dead, tongue)
        latest, _ = await delivery_log.deliveries(conn, one.id, limit=LATEST)
        shown["log"] = letters.log(latest, tongue, today)
    return shown | {"following": f"{PATH}/{one.id}?after={following}" if following else ""}


@post(f"{HERE}/dead-letters", name="connection-dead-letters", status_code=200)
async def mend(connection_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """`again-<id>` and `drop-<id>` are of one, `again` and `drop` of all that failed for good."""
    asked = await asking(request, needs=WRITES)
    form = await request.form()
    what, _, which = text_of(form, "do", 40).partition("-")

    async def act(work: Work) -> Outcome:
        if what not in ("again", "drop") or (
            which and not (which.isascii() and which.isdigit() and len(which) < 18)
        ):
            raise NotFound("There is no such thing to do.")
        ids = [int(which)] if which else None
        if what == "again":
            return {
                "what": "again",
                "count": await mending.send_again(work, asked.viewer, connection_id, ids),
            }
        return {"what": "gone", "count": await mending.let_go(work, asked.viewer, connection_id, ids)}

    return await _done(asked, form, connection_id, act)


@post(f"{HERE}/tries", name="connection-tries", status_code=200)
async def hurry(connection_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """Try now what waits for its next try."""
    asked = await asking(request, needs=WRITES)
    form = await request.form()

    async def act(work: Work) -> Outcome:
        return {"what": "hurried", "count": await mending.try_now(work, asked.viewer, connection_id)}

    return await _done(asked, form, connection_id, act)


@post(f"{HERE}/state", name="connection-state", status_code=200)
async def turn(connection_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """Pause it (`paused`), or let it go on (`active`)."""
    asked = await asking(request, needs=WRITES)
    form = await request.form()
    state = text_of(form, "do", 10)

    async def act(work: Work) -> Outcome:
        if state not in ("paused", "active"):
            raise NotFound("There is no such state.")
        do = mending.pause if state == "paused" else mending.resume
        await do(work, asked.viewer, connection_id)
        return {"what": state}

    return await _done(asked, form, connection_id, act)


@post("/customers", name="connection-customers", status_code=200)
async def name_customer(request: PageRequest) -> Response[Any]:
    """Keep under which number the ERP knows an account, and send again what it refused of it."""
    asked = await asking(request, needs=WRITES)
    form = await request.form()

    async def act(work: Work) -> Outcome:
        account, number = text_of(form, "account", 60), text_of(form, "erp_number", 200)
        return {"what": "customer", "count": await mending.name_customer(work, asked.viewer, account, number)}

    return await _done(asked, form, "erp", act)


@post(f"{HERE}/limits", name="connection-limits", status_code=200)
async def set_limits(connection_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """From when on somebody is told: minutes, messages, percent."""
    asked = await asking(request, needs=WRITES)
    form = await request.form()

    async def act(work: Work) -> Outcome:
        limits = {name: _number(form, name) for name in watching.LIMITS}
        limits["oldest"] *= 60
        await watching.set_limits(work, asked.viewer, connection_id, limits)
        return {"what": "limits"}

    return await _done(asked, form, connection_id, act)


def _number(form: Mapping[str, Any], name: str) -> int:
    raw = text_of(form, name, 10)
    if not raw.isascii() or not raw.isdigit():
        raise Unacceptable(
            f"A limit is a whole number; {raw!r} is none.", [Problem(f"/{name}", "a whole number")]
        )
    return int(raw)


@post(f"{HERE}/watchers", name="connection-watchers", status_code=200)
async def choose(connection_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """Say who is told; nobody in particular means whoever runs things."""
    asked = await asking(request, needs=WRITES)
    form = await request.form()
    people = [
        int(name.removeprefix("person-"))
        for name in form
        if name.startswith("person-") and name[7:].isascii() and name[7:].isdigit() and len(name) < 25
    ]

    async def act(work: Work) -> Outcome:
        await watching.choose_watchers(work, asked.viewer, connection_id, people)
        return {"what": "watchers"}

    return await _done(asked, form, connection_id, act)


async def _done(
    asked: Asked, form: Mapping[str, Any], connection_id: str, act: Callable[[Work], Awaitable[Outcome]]
) -> Response[Any]:
    """It is done once, or a page says why it was not."""
    back = back_to(form, f"{PATH}/{connection_id}")
    try:
        await once(asked, form, PATH, act)
    except (Forbidden, NotFound, LawBroken):
        raise
    except Refused as refusal:
        return refused(asked, refusal, back)
    return led(form, back)


router = Router(
    "/",
    route_handlers=[
        show,
        Router(
            "/",
            route_handlers=[mend, hurry, turn, name_customer, set_limits, choose],
            guards=[signed_in, ours],
        ),
    ],
)
