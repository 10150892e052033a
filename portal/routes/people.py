"""The people of an account: who they are, what each may do, and who may not sign in any more.

Whoever administers an account does it in the settings, for all accounts that they administer; the supplier's people on
the account's page. Both are the same pages under two addresses.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.clock import utc_now
from portal.db import members, policy_pages, scopes
from portal.db.work import LawBroken, Work
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused
from portal.operations import administering
from portal.operations.administering import WRITES
from portal.routes.asking import Asked, asking
from portal.routes.buying import choose_account, named_account
from portal.routes.once import Outcome, first_of, new_form, once
from portal.routes.proving import prove
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.settings import people as views
from portal.views.settings.people import Typed, Where

PATH, OF_ACCOUNT = "/settings/people", "/accounts/{number:str}/people"
ONE = "/{person:str}"
PER_PAGE = 100
# What can be done with somebody, beside changing what they may.
DEEDS = ("removal", "shutting-out", "letting-in", "invitation", "sessions", "factors")


@dataclass(frozen=True, slots=True)
class Sent:
    """What was typed and why it was not done."""

    typed: Typed = field(default_factory=Typed)
    refusal: Refused | None = None
    status: int = 200

    @classmethod
    def refused(cls, typed: Typed, refusal: Refused, asked: Asked) -> "Sent":
        problems = views.placed(refusal.problems, asked.tongue)
        status = 409 if isinstance(refusal, Conflict) else 422
        return cls(replace(typed, problems=problems), refusal, status)


@get([PATH, OF_ACCOUNT], name="people")
async def index(request: PageRequest) -> Response[Any]:
    """Who they are; `q` is part of a name or an address, `after` pages on. A form invites one more."""
    asked = await _asked(request)
    if asked.viewer.is_supplier and "number" not in request.path_params:
        account = named_account(request.query_params.get("account", ""))
        if account and await _exists(asked, account):
            return Redirect(views.account_href(account), status_code=303)
        return choose_account(asked, "accounts", PATH, account)
    return await _list(asked, Sent())


@post([PATH, OF_ACCOUNT], name="people-invite")
async def invite(request: PageRequest) -> Response[Any]:
    """Somebody becomes one of the account's people, and is written to."""
    asked = await _asked(request)
    where = await _where(asked)
    typed = Typed.read(await request.form())
    account = typed.account or where.numbers[0]
    if (again := await prove(request, asked.viewer)) is not None:
        return again
    limits, problems = views.limits(typed, await _currency(asked, account), asked.tongue)
    if problems:
        return await _list(asked, Sent(replace(typed, problems=problems), None, 422))

    async def do(work: Work) -> Outcome:
        return {
            "person": await administering.invite(
                work, asked.viewer, account, typed.email, typed.name, typed.roles, limits
            ),
            "name": typed.name,
        }

    return await _do(asked, f"{where.path}:invited", do, typed, partial(_list, asked), where.path)


@get([PATH + ONE, OF_ACCOUNT + ONE], name="people-one")
async def show(request: PageRequest) -> Response[Any]:
    """What one of them may do where, and what can be done about it."""
    return await _one(await _asked(request), Sent())


@post([PATH + ONE + "/roles", OF_ACCOUNT + ONE + "/roles"], name="people-roles")
async def change(request: PageRequest) -> Response[Any]:
    """Other roles and limits in one account, or a place in one more."""
    asked = await _asked(request)
    where, person = await _where(asked), await _person(asked)
    typed = Typed.read(await request.form())
    typed = replace(typed, account=typed.account or person.places[0].account)
    if (again := await prove(request, asked.viewer)) is not None:
        return again
    limits, problems = views.limits(typed, await _currency(asked, typed.account), asked.tongue)
    if problems:
        return await _one(asked, Sent(replace(typed, problems=problems), None, 422))
    is_new = typed.account not in {place.account for place in person.places}

    async def do(work: Work) -> Outcome:
        if is_new:
            await administering.invite(
                work, asked.viewer, typed.account, person.email, person.name, typed.roles, limits
            )
        else:
            await administering.change(work, asked.viewer, typed.account, person.id, typed.roles, limits)
        return {}

    path = f"{where.path}/{person.id}"
    return await _do(asked, f"{path}:roles", do, typed, partial(_one, asked), path)


@post([f"{PATH}{ONE}/{{deed:str}}", f"{OF_ACCOUNT}{ONE}/{{deed:str}}"], name="people-deed")
async def deal(request: PageRequest) -> Response[Any]:
    """Take them out of an account, shut them out or let them in, invite them again, end their sessions, remove their
    second factors."""
    asked = await _asked(request)
    where, person = await _where(asked), await _person(asked)
    deed = str(request.path_params["deed"])
    if deed not in DEEDS:
        raise NotFound("There is no such page.")
    typed = Typed.read(await request.form())
    if (again := await prove(request, asked.viewer)) is not None:
        return again
    account = typed.account or person.places[0].account

    async def do(work: Work) -> Outcome:
        match deed:
            case "removal":
                await administering.remove(work, asked.viewer, account, person.id)
            case "shutting-out":
                await administering.shut_out(work, asked.viewer, person.id)
            case "letting-in":
                await administering.let_in(work, asked.viewer, person.id)
            case "invitation":
                await administering.invite_again(work, asked.viewer, account, person.id)
            case "factors":
                await administering.remove_factors(work, asked.viewer, person.id)
            case _:
                await administering.end_sessions(work, asked.viewer, account, person.id)
        return {"name": person.name}

    path = f"{where.path}/{person.id}"
    # Whoever is taken out of the last account that is administered here has no page here any more.
    is_gone = deed == "removal" and len(person.places) == 1
    following = where.path if is_gone else path
    return await _do(asked, f"{following}:{deed}", do, Typed(), partial(_one, asked), following)


async def _do(
    asked: Asked,
    what: str,
    do: Callable[[Work], Awaitable[Outcome]],
    typed: Typed,
    again: Callable[[Sent], Awaitable[Response[Any]]],
    following: str,
) -> Response[Any]:
    form: Mapping[str, Any] = await asked.request.form()
    try:
        await once(asked, form, what, do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        return await again(Sent.refused(typed, refusal, asked))
    return Redirect(f"{following}?{urlencode({what.rpartition(':')[2]: str(form['form'])})}", status_code=303)


async def _asked(request: PageRequest) -> Asked:
    """On the account's page the supplier's people only."""
    asked = await asking(request, needs=WRITES, is_own=True)
    if "number" in request.path_params:
        asked.viewer.need("accounts:read")
    return asked


async def _where(asked: Asked) -> Where:
    """The accounts that are administered here: all of a buyer's, or the one of the address with those below it."""
    request, viewer = asked.request, asked.viewer
    number = request.path_params.get("number")
    if number is None and viewer.is_supplier:
        raise NotFound("Say whose people they are.")
    async with asked.reading() as conn:
        accounts = await scopes.accounts(conn, viewer, number)
    if not accounts:
        raise NotFound(f"There is no account {number!r}.")
    if number is None:
        return Where(PATH, accounts)
    return Where(views.account_href(number), accounts, account=number)


async def _exists(asked: Asked, account: str) -> bool:
    async with asked.reading() as conn:
        return bool(await scopes.accounts(conn, asked.viewer, account))


async def _currency(asked: Asked, account: str) -> str:
    async with asked.reading() as conn:
        place = await policy_pages.place(conn, account) if account and asked.viewer.sees(account) else None
    if place is None:
        raise NotFound(f"There is no account {account!r}.")
    return place.currency


async def _person(asked: Asked) -> members.Person:
    raw = str(asked.request.path_params["person"])
    where = await _where(asked)
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 16 else 0
    async with asked.reading() as conn:
        found = await members.one(conn, where.numbers, number)
    if found is None:
        raise NotFound("There is nobody of that number.")
    return found


async def _waiting(asked: Asked, people: list[int]) -> Mapping[int, members.Waiting]:
    """Who has not come yet. With the portal's own rights: a buyer's connection sees no keys and no passwords."""
    async with asked.request.app.state.pool.acquire() as conn:
        return await members.not_come_yet(conn, people)


async def _list(asked: Asked, sent: Sent) -> Response[Any]:
    where = await _where(asked)
    query = asked.request.query_params
    q = query.get("q", "").replace("\x00", "").strip()[: views.LONGEST]
    raw = query.get("after", "")
    after = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 16 else None
    async with asked.reading() as conn:
        found = await members.listed(conn, where.numbers, q, after, PER_PAGE + 1)
    shown = found[:PER_PAGE]
    waiting = await _waiting(asked, [one.id for one in shown])
    rows = views.rows(shown, waiting, where, asked.tongue, asked.today, utc_now())
    return asked.page(
        "settings/people.html",
        section="accounts" if asked.viewer.is_supplier else "settings",
        status=sent.status,
        where=where,
        rows=rows,
        truth=views.truth(rows, asked.tongue),
        q=q,
        following=shown[-1].id if len(found) > PER_PAGE else None,
        roles=views.choices(where, asked.tongue),
        periods=views.periods(asked.tongue),
        sent=sent,
        typed=sent.typed,
        done=await first_of(asked, where.path, ("invited", "removal")),
        form_id=new_form(),
    )


async def _one(asked: Asked, sent: Sent) -> Response[Any]:
    where, person = await _where(asked), await _person(asked)
    waiting = await _waiting(asked, [person.id])
    row = views.row(person, waiting, where, asked.tongue, asked.today, utc_now())
    typed = sent.typed
    path = f"{where.path}/{person.id}"
    own = {place.account for place in person.places}
    return asked.page(
        "settings/person.html",
        section="accounts" if asked.viewer.is_supplier else "settings",
        status=sent.status,
        where=where,
        person=person,
        row=row,
        is_self=person.id == asked.viewer.person_id,
        has_come=person.id not in waiting,
        places=[
            (
                place,
                typed
                if sent.status != 200 and typed.account == place.account
                else Typed.of(place, asked.tongue),
            )
            for place in person.places
        ],
        others=[(number, name) for number, name in where.accounts if number not in own],
        fresh=typed if typed.account and typed.account not in own else Typed(),
        roles=views.choices(where, asked.tongue),
        periods=views.periods(asked.tongue),
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
