"""Holds: those that wait for me first, then the others; lift one or many with a note, or set one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.db import standing_holds
from portal.db.bulk import Asked as Row
from portal.db.standing_holds import HoldFilter
from portal.db.work import Work
from portal.domain.because import LIFTED_BY
from portal.domain.credit import Heard
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, Refused, Stale, Unacceptable
from portal.operations import holding, lifting
from portal.routes.asking import Asked, asking
from portal.routes.desk.board import mine_to_lift
from portal.routes.desk.ready import start
from portal.routes.heard import hear_for_order
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.desk import holds as views
from portal.views.desk import words as desk_words
from portal.views.desk.holds import Sent

PER_PAGE = 50
PATH = "/desk/holds"
WHOSE = ("mine", "others")


@get("/holds", name="desk-holds")
async def index(request: PageRequest) -> Response[Any]:
    """`whose` is one of the two lists, to page through it; `order` fills the form that sets a hold."""
    asked = await asking(request, needs="desk:read")
    return await _draw(asked, Sent())


@post("/holds", name="desk-hold-set")
async def create(request: PageRequest) -> Response[Any]:
    """Stop an order, or some of its lines."""
    asked = await asking(request, needs="holds:set")
    form = await request.form()
    try:
        await once(asked, form, PATH, partial(_set, asked, form))
    except Refused as refusal:
        return await _draw(asked, _sent("set", form, refusal))
    return Redirect(f"{PATH}?{urlencode({'done': str(form['form'])})}", status_code=303)


@post("/holds/releases", name="desk-hold-releases")
async def lift(request: PageRequest) -> Response[Any]:
    """Lift one hold at once; many become a run that tells of each."""
    asked = await asking(request, needs="desk:read")
    form = await request.form()
    try:
        ids = views.ticked(form)
        if not ids:
            raise Unacceptable(asked.tongue.gettext("Tick at least one hold."))
        if len(ids) > 1:
            return Redirect(f"/desk/runs/{await _lift_many(asked, ids, form)}", status_code=303)
        heard = await _hear(asked, ids[0])
        await once(asked, form, PATH, partial(_lift, asked, ids[0], _note(form), heard))
    except Forbidden:
        raise
    except Refused as refusal:
        return await _draw(asked, _sent("lift", form, refusal))
    return Redirect(f"{PATH}?{urlencode({'done': str(form['form'])})}", status_code=303)


async def _set(asked: Asked, form: Mapping[str, Any], work: Work) -> Outcome:
    _ = asked.tongue.gettext
    number, reason = _said(form, "order").upper(), _said(form, "reason")
    if reason not in LIFTED_BY:
        raise _beside(_("Choose a reason."), "reason")
    try:
        lines = views.typed_lines(_said(form, "lines"))
    except ValueError as wrong:
        raise _beside(_("Write line numbers, such as 1, 4-6."), "lines") from wrong
    try:
        await holding.hold(work, asked.viewer, number, reason, _note(form), lines)
    except NotFound as wrong:
        raise _beside(_("There is no order {number}.").format(number=number), "order") from wrong
    return {"what": "set", "order": number, "reason": reason}


async def _hear(asked: Asked, hold_id: int) -> Heard | None:
    """What the ERP says, before the work begins: lifting a credit hold checks the credit again."""
    async with asked.reading() as conn:
        number = await standing_holds.order_of(conn, hold_id)
    return await hear_for_order(asked.request.app.state, number) if number is not None else None


async def _lift(asked: Asked, hold_id: int, note: str | None, heard: Heard | None, work: Work) -> Outcome:
    number = await standing_holds.order_of(work.conn, hold_id)
    if number is None:
        raise NotFound(f"There is no hold {hold_id}.")
    reason = await lifting.lift(work, asked.viewer, number, str(hold_id), note, heard)
    return {"what": "lifted", "order": number, "reason": reason}


async def _lift_many(asked: Asked, ids: Sequence[int], form: Mapping[str, Any]) -> int:
    """Each is its own transaction, and says what came of it; the rights are asked for again there."""
    async with asked.reading() as conn:
        known = await standing_holds.these(conn, ids)
    rows = [
        # Who credit is judged for is asked of the ERP before the row's work begins.
        Row(
            number, {"hold": hold_id, "reason": reason} | ({"account": account} if reason == "credit" else {})
        )
        for hold_id, number, reason, account in known
    ]
    return await start(asked, "lift_hold", {"note": _note(form)}, rows, str(form.get("form", "")))


def _sent(name: str, form: Mapping[str, Any], refusal: Refused) -> Sent:
    status = 409 if isinstance(refusal, Conflict | Stale) else 404 if isinstance(refusal, NotFound) else 422
    return Sent(name, {key: str(value) for key, value in form.items()}, refusal, status)


def _beside(said: str, name: str) -> Unacceptable:
    return Unacceptable(said, [Problem(f"/{name}", said)])


def _said(form: Mapping[str, Any], name: str) -> str:
    return str(form.get(name, "")).replace("\x00", "").strip()[:500]


def _note(form: Mapping[str, Any]) -> str | None:
    return _said(form, "note") or None


async def _draw(asked: Asked, sent: Sent) -> Response[Any]:
    query = asked.request.query_params
    mine = mine_to_lift(asked)
    whose = query.get("whose", "") if query.get("whose", "") in WHOSE else ""
    wanted = HoldFilter(
        q=query.get("q", "").replace("\x00", "").strip()[:80],
        reason=query.get("reason", "") if query.get("reason", "") in LIFTED_BY else "",
        after=_number(query.get("after")) if whose else 0,
    )
    done = await came_of(asked, PATH, query.get("done"))
    lists = []
    async with asked.reading() as conn:
        counts = await standing_holds.counts(conn)
        for name in WHOSE:
            if whose in ("", name):
                among = mine if name == "mine" else [reason for reason in LIFTED_BY if reason not in mine]
                found, following = await standing_holds.search(conn, replace(wanted, among=among), PER_PAGE)
                address = _address(name, wanted, following) if following else None
                lists.append((name, found, sum(counts.get(reason, 0) for reason in among), address))
    return asked.page(
        "desk/holds.html",
        section="desk",
        status=sent.status,
        lists=lists,
        whose=whose,
        wanted=wanted,
        reasons=list(LIFTED_BY),
        lifted_by=LIFTED_BY,
        sent=sent,
        done=done,
        order=query.get("order", "")[:80],
        form_id=new_form(),
        listed=views.listed,
        words=desk_words,
    )


def _address(whose: str, wanted: HoldFilter, after: int) -> str:
    said = {"whose": whose, "q": wanted.q, "reason": wanted.reason, "after": str(after)}
    return f"{PATH}?{urlencode({name: value for name, value in said.items() if value})}"


def _number(raw: str | None) -> int:
    return int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) < 18 else 0


router = Router(
    "/",
    route_handlers=[index, Router("/", route_handlers=[create, lift], guards=[signed_in, ours])],
)
