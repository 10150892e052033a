"""The supplier's own people: who they are and what each may do, for whoever administers the portal."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.clock import utc_now
from portal.db import members
from portal.db.members import Place
from portal.db.work import LawBroken, Work
from portal.domain.refusals import Forbidden, NotFound, Refused
from portal.operations import administering
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, first_of, new_form, once
from portal.routes.people import PER_PAGE, Sent
from portal.routes.proving import prove
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.settings import people as views
from portal.views.settings.people import Typed, Where
from portal.views.settings.roles import STAFF

PATH = "/settings/staff"
ONE = f"{PATH}/{{person:str}}"
WHERE = Where(PATH, (), STAFF, is_staff=True)
DEEDS: dict[str, Callable[[Work, Any, int], Awaitable[None]]] = {
    "shutting-out": administering.shut_out_staff,
    "letting-in": administering.let_in_staff,
    "invitation": administering.invite_staff_again,
    "sessions": administering.end_sessions_of_staff,
    "factors": administering.remove_factors_of_staff,
}


@get(PATH, name="staff")
async def index(request: PageRequest) -> Response[Any]:
    """Who they are; `q` is part of a name or an address, `after` pages on. A form invites one more."""
    return await _list(await _asked(request), Sent())


@post(PATH, name="staff-invite")
async def invite(request: PageRequest) -> Response[Any]:
    """Somebody becomes one of the supplier's people, and is written to."""
    asked = await _asked(request)
    typed = Typed.read(await request.form())
    if (again := await prove(request, asked.viewer)) is not None:
        return again

    async def do(work: Work) -> Outcome:
        await administering.invite_staff(work, asked.viewer, typed.email, typed.name, typed.roles)
        return {}

    return await _do(asked, f"{PATH}:invited", do, typed, partial(_list, asked))


@get(ONE, name="staff-one")
async def show(person: FromPath[str], request: PageRequest) -> Response[Any]:
    """What one of them may do, and what can be done about it."""
    return await _one(await _asked(request), person, Sent())


@post(f"{ONE}/roles", name="staff-roles")
async def change(person: FromPath[str], request: PageRequest) -> Response[Any]:
    """Other roles, from the next request on."""
    asked = await _asked(request)
    found = await _person(asked, person)
    typed = Typed.read(await request.form())
    if (again := await prove(request, asked.viewer)) is not None:
        return again

    async def do(work: Work) -> Outcome:
        await administering.change_staff(work, asked.viewer, found.id, typed.roles)
        return {}

    return await _do(asked, f"{PATH}/{found.id}:roles", do, typed, partial(_one, asked, person))


@post(f"{ONE}/{{deed:str}}", name="staff-deed")
async def deal(person: FromPath[str], deed: FromPath[str], request: PageRequest) -> Response[Any]:
    """Shut them out or let them in, invite them again, end their sessions."""
    asked = await _asked(request)
    found = await _person(asked, person)
    if deed not in DEEDS:
        raise NotFound("There is no such page.")
    if (again := await prove(request, asked.viewer)) is not None:
        return again

    async def do(work: Work) -> Outcome:
        await DEEDS[deed](work, asked.viewer, found.id)
        return {}

    return await _do(asked, f"{PATH}/{found.id}:{deed}", do, Typed(), partial(_one, asked, person))


async def _do(
    asked: Asked,
    what: str,
    do: Callable[[Work], Awaitable[Outcome]],
    typed: Typed,
    again: Callable[[Sent], Awaitable[Response[Any]]],
) -> Response[Any]:
    form = await asked.request.form()
    try:
        await once(asked, form, what, do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        return await again(Sent.refused(typed, refusal, asked))
    path, _, name = what.rpartition(":")
    return Redirect(f"{path}?{urlencode({name: str(form['form'])})}", status_code=303)


async def _asked(request: PageRequest) -> Asked:
    return await asking(request, needs=administering.WRITES_STAFF, is_own=True)


async def _person(asked: Asked, raw: str) -> members.Person:
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 16 else 0
    async with asked.reading() as conn:
        found = await members.one_of_staff(conn, number)
    if found is None:
        raise NotFound("There is nobody of that number.")
    return found


async def _list(asked: Asked, sent: Sent) -> Response[Any]:
    query = asked.request.query_params
    q = query.get("q", "").replace("\x00", "").strip()[: views.LONGEST]
    raw = query.get("after", "")
    after = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 16 else None
    async with asked.reading() as conn:
        found = await members.staff(conn, q, after, PER_PAGE + 1)
        waiting = await members.not_come_yet(conn, [one.id for one in found])
    rows = views.rows(found[:PER_PAGE], waiting, WHERE, asked.tongue, asked.today, utc_now())
    return asked.page(
        "settings/people.html",
        section="settings",
        status=sent.status,
        where=WHERE,
        rows=rows,
        truth=views.truth(rows, asked.tongue),
        q=q,
        following=rows[-1].id if len(found) > PER_PAGE else None,
        roles=views.choices(WHERE, asked.tongue),
        periods=(),
        sent=sent,
        typed=sent.typed,
        done=await first_of(asked, PATH, ("invited",)),
        form_id=new_form(),
    )


async def _one(asked: Asked, raw: str, sent: Sent) -> Response[Any]:
    person = await _person(asked, raw)
    async with asked.reading() as conn:
        waiting = await members.not_come_yet(conn, [person.id])
    path = f"{PATH}/{person.id}"
    typed = sent.typed if sent.typed.problems or sent.typed.roles else Typed(roles=person.supplier_roles)
    return asked.page(
        "settings/person.html",
        section="settings",
        status=sent.status,
        where=WHERE,
        person=person,
        row=views.row(person, waiting, WHERE, asked.tongue, asked.today, utc_now()),
        is_self=person.id == asked.viewer.person_id,
        has_come=person.id not in waiting,
        places=[(Place("", "", person.supplier_roles, None, None), typed)],
        others=(),
        fresh=Typed(),
        roles=views.choices(WHERE, asked.tongue),
        periods=(),
        sent=sent,
        done=await first_of(asked, path, ("roles", *DEEDS)),
        path=path,
        form_id=new_form(),
    )


router = Router(
    "/",
    route_handlers=[
        index,
        show,
        Router("/", route_handlers=[invite, change, deal], guards=[signed_in, ours]),
    ],
)
