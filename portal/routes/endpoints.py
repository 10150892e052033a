"""The endpoints of an account: whoever administers it arranges them, the supplier's people look and help."""

from functools import partial
from typing import Any

from litestar import Response, Router, get, post

from portal.clock import utc_now
from portal.db import connections, policy_pages, scopes
from portal.db.work import LawBroken, Work
from portal.domain.refusals import Forbidden, NotFound, Refused
from portal.operations import connecting
from portal.operations.connecting import OWNER, Arranged
from portal.routes import shown_once
from portal.routes.asking import Asked
from portal.routes.buying import named_account
from portal.routes.endpoint_asked import Sent, acting, is_simulated, looking, mint, section_of, status_of
from portal.routes.once import Outcome, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.settings import endpoints as views
from portal.views.settings import event_types
from portal.views.settings.endpoints import HERE, Typed


@get(HERE, name="settings-webhooks")
async def index(request: PageRequest) -> Response[Any]:
    """The endpoints of an account, and a form for another one."""
    asked = await looking(request)
    account = named_account(request.query_params.get("account", ""))
    return await _draw(asked, account, Sent(), gone="gone" in request.query_params)


@post(HERE, name="settings-webhooks-make")
async def make(request: PageRequest) -> Response[Any]:
    """Make one. The page that answers shows its secret: it is not shown again."""
    asked = await acting(request)
    if (first := await asked.prove()) is not None:
        return first
    form = await request.form()
    account, typed = named_account(str(form.get("account", ""))), Typed.read(form)
    try:
        outcome = await once(asked, form, f"{HERE}:made", partial(_make, asked, account, typed))
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        problems = views.placed(refusal.problems, asked.tongue)
        return await _draw(asked, account, Sent(typed, problems, refusal, status_of(refusal)))
    secret = shown_once.endpoint_secret(asked, outcome["nonce"])
    return await _draw(asked, account, Sent(made=outcome["id"], secret=secret))


async def _make(asked: Asked, account: str, typed: Typed, work: Work) -> Outcome:
    nonce = shown_once.new_nonce()
    arranged = Arranged(typed.url, typed.types or None, typed.description)
    endpoint_id, _secret = await connecting.create(
        work,
        asked.viewer,
        account or None,
        arranged,
        partial(mint, asked, nonce),
        simulated=is_simulated(asked),
    )
    return {"id": endpoint_id, "nonce": nonce}


async def _draw(asked: Asked, account: str, sent: Sent, *, gone: bool = False) -> Response[Any]:
    viewer = asked.viewer
    async with asked.reading() as conn:
        accounts = [] if viewer.is_supplier else await scopes.accounts(conn, viewer, None)
        named = account or ("" if viewer.is_supplier else viewer.account or "")
        place = await policy_pages.place(conn, named) if named and viewer.sees(named) else None
        if named and place is None:
            raise NotFound(f"There is no account {named}.")
        if place is None:
            found = await connections.suppliers_own(conn, viewer, utc_now())
        else:
            found = await connections.endpoints(conn, viewer, utc_now(), account=place.number)
    owns = connecting.rights(viewer, place.number if place else None) == OWNER
    rows = [views.row(one, asked.tongue, asked.today) for one in found]
    return asked.page(
        "settings/webhooks.html",
        section=section_of(viewer),
        status=sent.status,
        place=place,
        accounts=accounts,
        rows=rows,
        owns=owns,
        sent=sent,
        typed=sent.typed,
        problems=sent.problems,
        made=next((row for row in rows if row.id == sent.made), None),
        groups=event_types.choices(sent.typed.types, asked.tongue),
        gone=gone,
        form_id=new_form(),
        path=HERE,
    )


router = Router("/", route_handlers=[index, Router("/", route_handlers=[make], guards=[signed_in, ours])])
