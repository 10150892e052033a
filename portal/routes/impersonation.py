"""Looking as a buyer: how one of the supplier's people begins, and how it ends for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.clock import utc_now
from portal.db import impersonations, people
from portal.db.impersonations import Row
from portal.db.work import Connection, LawBroken, Work
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused
from portal.operations import impersonating
from portal.operations.impersonating import LONGEST_REASON, MINUTES, SHORTEST_REASON, Beginning
from portal.pages import local_path
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, session_of, signed_in
from portal.views.impersonation import beginning as views
from portal.views.impersonation.beginning import Typed

BEGIN = "/accounts/{number:str}/impersonate"
HERE = "/impersonation"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was typed and why it was not done."""

    typed: Typed = field(default_factory=Typed)
    problems: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None
    status: int = 200


@get(BEGIN, name="impersonate")
async def form(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Whose eyes, why, and for how long."""
    asked = await asking(request, needs="impersonate")
    query = request.query_params
    return await _form(asked, number, Sent(Typed(person=query.get("person", ""), next=query.get("next", ""))))


@post(BEGIN, name="impersonate-begin")
async def begin(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """From the next page on they see what that person sees. Sent twice, it begins once: the second time finds them as
    somebody else already."""
    path = f"/accounts/{number}/impersonate"
    sent = await request.form()
    typed = Typed.read(sent)
    themselves = await asking(request, as_themselves=True)
    if await came_of(themselves, path, str(sent.get("form", ""))) is not None:
        return Redirect(local_path(typed.next, "/"), status_code=303)
    asked = await asking(request, needs="impersonate")
    problems = views.problems(typed, asked.tongue)
    if problems:
        return await _form(asked, number, Sent(typed, problems, status=422))
    if (first := await asked.prove()) is not None:
        return first
    session = session_of(request)
    wanted = Beginning(
        session.key if session else "", number, int(typed.person), typed.reason, int(typed.minutes)
    )

    async def do(work: Work) -> Outcome:
        return {"id": await impersonating.begin(work, asked.viewer, wanted)}

    try:
        await once(asked, sent, path, do)
    except (NotFound, LawBroken):
        raise
    except Refused as refusal:
        status = 403 if isinstance(refusal, Forbidden) else 409 if isinstance(refusal, Conflict) else 422
        found = {one.pointer.strip("/"): one.detail for one in refusal.problems}
        return await _form(asked, number, Sent(typed, found, refusal, status))
    return Redirect(local_path(typed.next, "/"), status_code=303)


async def _form(asked: Asked, number: str, sent: Sent) -> Response[Any]:
    async with asked.reading() as conn:
        place = await impersonations.place(conn, number)
        members = await impersonations.members(conn, number)
    if place is None:
        raise NotFound(f"There is no account {number}.")
    return asked.page(
        "impersonation/new.html",
        section="accounts",
        status=sent.status,
        place=place,
        people=views.people(members, asked.tongue),
        allowed=views.allowed(place, asked.tongue),
        sent=sent,
        minutes=MINUTES,
        shortest=SHORTEST_REASON,
        longest=LONGEST_REASON,
        form_id=new_form(),
    )


@get(HERE, name="impersonation")
async def show(request: PageRequest) -> Response[Any]:
    """How it stands, told to whoever looks: it lasts, or who ended it. They go on as themselves from here."""
    asked = await asking(request, as_themselves=True)
    found, holds = await _own(asked)
    if found is None:
        return Redirect("/", status_code=303)
    return asked.page(
        "impersonation/show.html",
        section="accounts",
        standing=views.standing(found, holds, utc_now(), asked.tongue, asked.today),
        next=local_path(request.query_params.get("next"), ""),
    )


@get(f"{HERE}/left", name="impersonation-left")
async def left(request: PageRequest) -> Response[str]:
    """How many seconds are left, for the countdown; 0 when it is over."""
    asked = await asking(request, as_themselves=True)
    found, holds = await _own(asked)
    seconds = int((found.ends_at - utc_now()).total_seconds()) if found and holds else 0
    return Response(str(seconds), media_type="text/plain", headers={"Cache-Control": "no-store"})


@post(f"{HERE}/end", name="impersonation-end")
async def end(request: PageRequest) -> Response[Any]:
    """They are themselves again."""
    asked = await asking(request, as_themselves=True)
    session = session_of(request)
    following = local_path(str((await request.form()).get("next", "")), "")
    async with asked.work() as work:
        left = await impersonating.leave(work, session.key if session else "", asked.viewer.person_id or 0)
    if left is None:
        return Redirect("/", status_code=303)
    # An order is a page of both sides; most pages are of one.
    is_theirs = following.startswith("/orders/")
    return Redirect(following if is_theirs else f"/accounts/{quote(left.account, safe='')}", status_code=303)


async def _own(asked: Asked) -> tuple[Row | None, bool]:
    """Of this session, and whether it still holds."""
    session = session_of(asked.request)
    if session is None:
        return None, False
    async with asked.reading() as conn:
        found = await impersonations.of_session(conn, session.key, session.person_id)
    # Who sits behind a session is asked like who asks: beside any buyer's scope.
    async with asked.request.app.state.pool.acquire() as acquired:
        seen = await people.asker(cast("Connection", acquired), session.person_id, session.key, utc_now())
    return found, seen is not None and seen.behind.id != 0


router = Router(
    "/",
    route_handlers=[form, show, left, Router("/", route_handlers=[begin, end], guards=[signed_in, ours])],
)
