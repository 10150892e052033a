"""What finance decides: bill an order now, lift a hold with or without billing, have a document made again."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.clock import utc_now
from portal.db import finance, standing_holds
from portal.db.work import LawBroken, Work
from portal.domain.finance import first_run
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused, Stale
from portal.operations import billing, printing_again, unblocking
from portal.pages import local_path
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.finance import holds as views

PATH = "/finance"
PER_PAGE = 20


@get("/holds", name="finance-holds")
async def index(request: PageRequest) -> Response[Any]:
    """Holds that wait for a decision of finance, each with what lifting it would bill; `after` pages on."""
    asked = await asking(request, needs="finance:read")
    return await _holds(asked)


@post("/holds", name="finance-hold-decision", status_code=200)
async def decide(request: PageRequest) -> Response[Any]:
    """Lift a hold (`lift`), or lift it and bill what can be billed (`bill`)."""
    asked = await asking(request, needs="holds:finance")
    form = await request.form()
    do, _, hold = str(form.get("do", "")).partition("-")
    note = str(form.get("note", "")).replace("\x00", "").strip()[:500] or None

    async def act(work: Work) -> Outcome:
        number = await _order_of(work, hold)
        issued = await unblocking.decide(work, asked.viewer, number, hold, note, bill=do == "bill")
        return {"what": "lifted", "order": number, "issued": list(issued)}

    try:
        if do not in ("lift", "bill"):
            raise NotFound("There is no such decision.")
        await once(asked, form, PATH, act)
    except (Forbidden, LawBroken):
        raise
    except Refused as refusal:
        return await _holds(asked, refusal)
    return _led(form, f"{PATH}/holds")


async def _order_of(work: Work, hold: str) -> str:
    is_number = hold.isascii() and hold.isdigit() and len(hold) < 18
    number = await standing_holds.order_of(work.conn, int(hold)) if is_number else None
    if number is None:
        raise NotFound(f"There is no hold {hold}.")
    return number


async def _holds(asked: Asked, refusal: Refused | None = None) -> Response[Any]:
    query = asked.request.query_params
    raw = query.get("after", "")
    after = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 18 else 0
    async with asked.reading() as conn:
        found, following = await finance.stopped(conn, after, PER_PAGE)
        orders = await finance.billings(conn, [one.order_id for one in found])
    ahead = [unblocking.foresee(orders[one.order_id], one.lines) for one in found]
    return asked.page(
        "finance/holds.html",
        section="finance",
        status=_status(refusal),
        headers={"Cache-Control": "private, no-cache"},
        rows=views.rows(
            list(zip(found, ahead, strict=True)),
            asked.tongue,
            asked.today,
            first_run(asked.tongue.local(utc_now())),
        ),
        following=f"{PATH}/holds?after={following}" if following else "",
        first=f"{PATH}/holds" if after else "",
        may_lift=asked.viewer.may("holds:finance"),
        refusal=refusal,
        done=await came_of(asked, PATH, query.get("done")),
        form_id=new_form(),
    )


@post("/bills", name="finance-bill", status_code=200)
async def bill(request: PageRequest) -> Response[Any]:
    """Bill an order now, whatever its terms would wait for; `next` is where the form stood."""
    asked = await asking(request, needs="invoices:write")
    form = await request.form()
    number = str(form.get("order", "")).replace("\x00", "").strip()[:40]

    async def act(work: Work) -> Outcome:
        return {
            "what": "billed",
            "order": number,
            "issued": await billing.bill_now(work, asked.viewer, number),
        }

    return await _done(asked, form, act)


@post("/documents", name="finance-document", status_code=200)
async def print_again(request: PageRequest) -> Response[Any]:
    """Make the files of an invoice after all."""
    asked = await asking(request, needs="invoices:write")
    form = await request.form()
    number = str(form.get("invoice", "")).replace("\x00", "").strip()[:40]

    async def act(work: Work) -> Outcome:
        await printing_again.print_again(work, asked.viewer, number)
        return {"what": "printing", "invoice": number}

    return await _done(asked, form, act)


async def _done(
    asked: Asked, form: Mapping[str, Any], act: Callable[[Work], Awaitable[Outcome]]
) -> Response[Any]:
    """It is done once, or a page says why it was not."""
    try:
        await once(asked, form, PATH, act)
    except (Forbidden, LawBroken):
        raise
    except Refused as refusal:
        return asked.page(
            "finance/refused.html",
            section="finance",
            status=_status(refusal),
            refusal=refusal,
            back=_back(form, PATH),
        )
    return _led(form, _back(form, PATH))


def _back(form: Mapping[str, Any], otherwise: str) -> str:
    found = local_path(str(form.get("next", "")), otherwise)
    return found if found.startswith(PATH) else otherwise


def _led(form: Mapping[str, Any], path: str) -> Redirect:
    sign = "&" if "?" in path else "?"
    return Redirect(f"{path}{sign}{urlencode({'done': str(form['form'])})}", status_code=303)


def _status(refusal: Refused | None) -> int:
    if refusal is None:
        return 200
    if isinstance(refusal, NotFound):
        return 404
    return 409 if isinstance(refusal, Conflict | Stale) else 422


router = Router(
    "/",
    route_handlers=[
        index,
        Router("/", route_handlers=[decide, bill, print_again], guards=[signed_in, ours]),
    ],
)
