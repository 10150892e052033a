"""What can ship now, by location and mode, and the form that asks for many at once."""

import secrets
from typing import Any, cast

from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.adapters.queue import nudge
from portal.db import bulk as runs
from portal.db import ready, warehouse
from portal.db.work import Connection
from portal.domain.refusals import Refused, Unacceptable
from portal.operations import bulk
from portal.routes.asking import Asked, asking
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.desk.form import ID
from portal.views.desk.ready import PER_PAGE, VERBS, Asking, TypedBulk, asked_rows, page

LONGEST = 200


@get("/ready", name="desk-ready")
async def show(request: PageRequest) -> Response[Any]:
    """Counts by place and mode on top, then the orders, the oldest promise first."""
    asked = await asking(request, needs="desk:read")
    return await _answer(asked, TypedBulk())


@post("/ready", name="desk-ready-run", status_code=200)
async def run(request: PageRequest) -> Response[Any]:
    """Ask for one verb on the rows that are ticked. The same form asks once, however often it is sent."""
    asked = await asking(request, needs="shipments:write")
    form = await request.form()
    ticked = [str(value) for value in form.getall("row", [])]
    typed = TypedBulk(frozenset(ticked), *(_text(form.get(name, "")) for name in ("carrier", "service")))
    what, form_id = str(form.get("do", "")), str(form.get("form", ""))
    try:
        if what not in VERBS or not ID.fullmatch(form_id):
            raise Unacceptable(asked.tongue.gettext("This form is too old. Load the page again."))
        rows = asked_rows(ticked)
        if not rows:
            raise Unacceptable(asked.tongue.gettext("Select at least one row."))
        if what == "ship" and not typed.carrier:
            raise Unacceptable(asked.tongue.gettext("Say which carrier takes them."))
        shared = {"carrier": typed.carrier, "service": typed.service or None} if what == "ship" else {}
        run_id = await start(asked, what, shared, rows, form_id)
    except Refused as refusal:
        return await _answer(
            asked, typed, refusal.detail, 422, is_about_carrier=bool(ticked and what == "ship")
        )
    return Redirect(f"/desk/runs/{run_id}", status_code=303)


async def start(asked: Asked, what: str, shared: runs.Parameters, rows: list[runs.Asked], form: str) -> int:
    """Write the run down, and tell the worker once it is committed."""
    async with asked.work() as work:
        run_id, is_new = await bulk.ask(work, asked.viewer, what, shared, rows, form)
    if is_new:
        await nudge(asked.request.app.state.valkey, "carry_on_bulk", run_id, job_id=f"bulk-{run_id}")
    return run_id


def _text(raw: object) -> str:
    return "".join(letter for letter in str(raw) if letter.isprintable()).strip()[:LONGEST]


async def _answer(
    asked: Asked, typed: TypedBulk, problem: str = "", status: int = 200, *, is_about_carrier: bool = False
) -> Response[Any]:
    wanted = Asking.read(asked.request.query_params)
    async with asked.request.app.state.pool.acquire() as acquired:
        conn = cast("Connection", acquired)
        counts = await ready.counts(conn)
        found, following = await ready.rows(conn, wanted.wanted(asked.today), PER_PAGE)
        names = await ready.places(conn)
        carriers = await warehouse.carriers(conn)
        under_way = await runs.unfinished(conn, asked.viewer.person_id)
    shown = page(asked.tongue, asked.today, wanted, counts, found, following, names, typed)
    return asked.page(
        "desk/ready.html",
        section="desk",
        status=status,
        ready=shown,
        problem=problem,
        is_about_carrier=is_about_carrier,
        carriers=carriers,
        under_way=under_way,
        may=asked.viewer.may("shipments:write"),
        form=secrets.token_urlsafe(12),
    )


router = Router(
    "/",
    route_handlers=[show, Router("/", route_handlers=[run], guards=[signed_in, ours])],
)
