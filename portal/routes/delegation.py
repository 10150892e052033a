"""Who decides for whom while they are away: one's own delegations, and for admins everybody's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import policies, policy_pages, scopes
from portal.db.work import LawBroken, Work
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused
from portal.operations import delegating
from portal.operations.delegating import Delegating
from portal.routes.asking import Asked, asking
from portal.routes.buying import choose_account, named_account
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.settings import delegations as views
from portal.views.settings.delegations import Typed

PATH = "/settings/delegation"
MOST = 2**62
UNLIMITED = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Sent:
    """What was typed and why it was not done."""

    typed: Typed = field(default_factory=Typed)
    problems: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None
    status: int = 200


@get(PATH, name="settings-delegation")
async def show(request: PageRequest) -> Response[Any]:
    """What is in force, what comes, and a form for more."""
    asked = await asking(request, needs="approvals:read")
    return await _draw(asked, named_account(request.query_params.get("account", "")), Sent())


@post(PATH, name="settings-delegation-begin")
async def begin(request: PageRequest) -> Response[Any]:
    """Somebody decides for the reader, or an admin arranges it for somebody else."""
    asked = await asking(request, needs="approvals:decide")
    form = await request.form()
    account, typed = named_account(str(form.get("account", ""))), Typed.read(form)
    place = await _place(asked, account)
    if place is None:
        raise NotFound(f"There is no account {account}.")
    wanted, problems = views.wanted(typed, account, place.currency, asked.viewer, asked.tongue, asked.today)
    if wanted is None:
        return await _draw(asked, account, Sent(typed, problems, None, 422))
    # Whoever it is given to decides on so much, in their own session.
    given = wanted.cap if wanted.cap is not None else UNLIMITED
    if (first := await asked.prove_above([(account, given, wanted.currency or place.currency)])) is not None:
        return first
    return await _do(asked, account, form, typed, partial(_begin, asked, wanted), "begun")


async def _begin(asked: Asked, wanted: Delegating, work: Work) -> Outcome:
    await delegating.delegate(work, asked.viewer, wanted)
    return {"what": "begun"}


@post(PATH + "/{delegation_id:str}/end", name="settings-delegation-end")
async def end(delegation_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """It ends now; what was decided stands."""
    asked = await asking(request, needs="approvals:decide")
    form = await request.form()
    account = named_account(str(form.get("account", "")))

    async def do(work: Work) -> Outcome:
        known = int(delegation_id) if delegation_id.isascii() and delegation_id.isdigit() else 0
        of = await policy_pages.account_of_delegation(work.conn, min(known, MOST))
        if of is None:
            raise NotFound("There is no such delegation.")
        await delegating.end(work, asked.viewer, of, delegation_id)
        return {"what": "ended"}

    return await _do(asked, account, form, Typed(), do, "ended")


async def _do(
    asked: Asked, account: str, form: Mapping[str, Any], typed: Typed, do: Any, what: str
) -> Response[Any]:
    try:
        await once(asked, form, f"{PATH}:{what}", do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        status = 409 if isinstance(refusal, Conflict) else 422
        return await _draw(asked, account, Sent(typed, views.placed(refusal.problems), refusal, status))
    said = {"account": account, what: str(form["form"])}
    return Redirect(f"{PATH}?{urlencode(said)}", status_code=303)


async def _place(asked: Asked, account: str) -> policy_pages.Place | None:
    if not account or not asked.viewer.sees(account):
        return None
    async with asked.reading() as conn:
        return await policy_pages.place(conn, account)


async def _draw(asked: Asked, account: str, sent: Sent) -> Response[Any]:
    viewer = asked.viewer
    place = await _place(asked, account or viewer.account or "")
    if place is None:
        if viewer.is_supplier:
            return choose_account(asked, "settings", PATH, account)
        raise NotFound(f"There is no account {account}.")
    administered = () if viewer.is_supplier else viewer.accounts_where("policy:write") or ()
    listed = [place.number] if viewer.is_supplier else administered
    async with asked.reading() as conn:
        members = await policies.members(conn, place.path)
        found = await policy_pages.delegations(conn, viewer.person_id or 0, listed, asked.today)
        accounts = [] if viewer.is_supplier else await scopes.accounts(conn, viewer, None)
    own, to_me, others = views.rows(found, viewer, asked.tongue, asked.today)
    decides = viewer.may("approvals:decide", place.number)
    done = await _done(asked)
    return asked.page(
        "settings/delegation.html",
        section="settings",
        status=sent.status,
        place=place,
        accounts=accounts,
        truth="" if viewer.is_supplier else views.truth(own, asked.tongue, decides=decides),
        own=own,
        to_me=to_me,
        others=others,
        people=views.people(members),
        decides=decides,
        administers=place.number in administered,
        sent=sent,
        problems=sent.problems,
        done=done,
        form_id=new_form(),
        path=PATH,
    )


async def _done(asked: Asked) -> str:
    """What the form that led here has done."""
    for what in ("begun", "ended"):
        if await came_of(asked, f"{PATH}:{what}", asked.request.query_params.get(what)):
            return what
    return ""


router = Router(
    "/", route_handlers=[show, Router("/", route_handlers=[begin, end], guards=[signed_in, ours])]
)
