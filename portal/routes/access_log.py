"""Who of the supplier's looked as whom: a buyer reads it, ends it, and whoever administers the account switches it
off."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.clock import utc_now
from portal.db import impersonations, scopes
from portal.db.impersonations import Row
from portal.db.work import Connection, Work
from portal.domain.access import LEVELS, Viewer
from portal.domain.refusals import NotFound
from portal.operations import impersonating
from portal.pages import local_path
from portal.routes.asking import Asked, asking
from portal.routes.buying import named_account
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.impersonation import log as views

PATH = "/settings/access-log"
CONTROL = "impersonation:control"


@get(PATH, name="access-log")
async def index(request: PageRequest) -> Response[Any]:
    """The newest first: a buyer's own, and of the whole account for whoever administers it."""
    asked = await asking(request, needs="orders:read", is_own=True)
    return await _draw(asked)


@get(f"{PATH}/{{entry:str}}", name="access-log-entry")
async def show(entry: FromPath[str], request: PageRequest) -> Response[Any]:
    """One of them with every page that was looked at."""
    asked = await asking(request, needs="orders:read", is_own=True)
    async with asked.looking_back() as conn:
        found = await impersonations.one(conn, _number(entry))
        if found is None or not impersonating.may_see(asked.viewer, found):
            raise NotFound(f"There is no entry {entry}.")
        seen = await impersonations.views(conn, found.id, views.MOST_VIEWS)
    return asked.page(
        "impersonation/entry.html",
        section="settings",
        entry=_entry(asked, found),
        looks=[views.look(one, asked.tongue) for one in seen],
        more=found.views - len(seen),
        path=PATH,
    )


@post(f"{PATH}/{{entry:str}}/end", name="access-log-end")
async def end(entry: FromPath[str], request: PageRequest) -> Response[Any]:
    """At once: whoever looks sees nothing more."""
    asked = await asking(request, needs="orders:read", is_own=True)
    following = local_path(str((await request.form()).get("next", "")), f"{PATH}/{_number(entry)}")
    async with asked.work() as work:
        await impersonating.end(work, asked.viewer, _number(entry))
    return Redirect(following, status_code=303)


@post(PATH, name="access-log-control")
async def control(request: PageRequest) -> Response[Any]:
    """Switch it off for an account and those below it, or allow it."""
    asked = await asking(request, needs=CONTROL, is_own=True)
    form = await request.form()
    account = named_account(str(form.get("account", "")))
    level = str(form.get("level", ""))
    if level not in LEVELS:
        said = asked.tongue.gettext("Choose one of the three.")
        return await _draw(asked, account, said, 422)

    async def do(work: Work) -> Outcome:
        return {"level": level, "new": await impersonating.allow(work, asked.viewer, account, level)}

    await once(asked, form, PATH, do)
    return Redirect(f"{PATH}?{urlencode({'account': account, 'done': str(form['form'])})}", status_code=303)


async def _draw(asked: Asked, named: str = "", problem: str = "", status: int = 200) -> Response[Any]:
    viewer, query = asked.viewer, asked.request.query_params
    named = named or named_account(query.get("account", ""))
    before = _number(query.get("before", ""))
    controlled = viewer.accounts_where(CONTROL) or ()
    async with asked.looking_back() as conn:
        below = await scopes.accounts(conn, viewer, named or None)
        numbers = [number for number, _ in below]
        found = await impersonations.listed(
            conn,
            subject_id=None if viewer.is_supplier else viewer.person_id,
            accounts=_whose(viewer, numbers, named),
            before=before or None,
            limit=views.PER_PAGE + 1,
        )
        places = await impersonations.places(conn, list(viewer.accounts or (named,)))
    # Whoever controls it only further below begins there.
    first = viewer.account if viewer.account in controlled or not controlled else controlled[0]
    chosen = next((one for one in places if one.number == (named or first)), None)
    entries = [_entry(asked, one) for one in found[: views.PER_PAGE]]
    return asked.page(
        "impersonation/log.html",
        section="settings",
        status=status,
        entries=entries,
        lasts=not before and any(one.lasts for one in entries),
        following=found[views.PER_PAGE - 1].id if len(found) > views.PER_PAGE else None,
        accounts=[(one.number, one.name) for one in places if one.number in controlled],
        chosen=chosen,
        controls=chosen is not None and chosen.number in controlled,
        stands=views.stands(chosen, asked.tongue),
        levels=views.levels(asked.tongue, asked.request.app.state.settings.supplier_name),
        problem=problem,
        done=await came_of(asked, PATH, query.get("done")) is not None,
        named=named,
        form_id=new_form(),
        path=PATH,
    )


def _whose(viewer: Viewer, numbers: list[str], named: str) -> list[str] | None:
    """The accounts all of whose entries are shown; None for the supplier's people who name none: of every account."""
    if viewer.is_supplier:
        return numbers if named else None
    return [number for number in numbers if viewer.may(CONTROL, number)]


async def latest(conn: Connection, viewer: Viewer) -> Row | None:
    """The newest that the viewer would find in the log."""
    subject = None if viewer.is_supplier else viewer.person_id
    accounts = _whose(viewer, list(viewer.accounts or ()), "")
    found = await impersonations.listed(conn, subject_id=subject, accounts=accounts, before=None, limit=1)
    return found[0] if found else None


def _entry(asked: Asked, found: Row) -> views.Entry:
    may_end = impersonating.may_end(asked.viewer, found)
    return views.entry(found, utc_now(), asked.tongue, asked.today, may_end=may_end)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


router = Router(
    "/", route_handlers=[index, show, Router("/", route_handlers=[end, control], guards=[signed_in, ours])]
)
