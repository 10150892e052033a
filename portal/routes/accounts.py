"""Accounts for those who look after them: which have a problem now, one with its people, and how it is arranged."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.clock import utc_now
from portal.db import account_board, account_page, providers, tasks
from portal.db.work import LawBroken, Work
from portal.domain.problems import LATELY
from portal.domain.refusals import Forbidden, NotFound, Problem, Refused, Unacceptable
from portal.operations import arranging
from portal.operations.letting_back_in import HELPS
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.accounts.asked import AskedAccounts
from portal.views.accounts.board import board
from portal.views.accounts.page import Typed, page
from portal.views.accounts.sign_in import sign_in
from portal.views.problems import account_path

NEEDS = "accounts:read"
PATH = "/accounts"
PER_PAGE = 50
# Of each kind of problem on an account's page, tasks beside the board, and tasks that are done already.
FEW = 5
FIELDS = ("manager", "silence_days", "impersonation", "erp_number")


@get("/accounts", name="accounts")
async def index(request: PageRequest) -> Response[Any]:
    """`whose` is mine, all or nobodys; `problem` a kind of problem; `show=all` also accounts without any; `after` pages
    on."""
    asked = await asking(request, needs=NEEDS)
    me = asked.viewer.person_id
    query = AskedAccounts.read(request.query_params)
    async with asked.reading() as conn:
        manages = await account_board.manages_any(conn, me)
        found, following = await account_board.board(
            conn, me, query.wanted(manages_any=manages), asked.today, utc_now() - LATELY, PER_PAGE
        )
        mine, more = await tasks.open_of(conn, me if manages else None, 0, FEW)
    return asked.page(
        "accounts/index.html",
        section="accounts",
        headers={"Cache-Control": "private, no-cache"},
        board=board(
            query,
            query.chosen(manages_any=manages),
            found,
            following,
            mine,
            me,
            asked.tongue,
            asked.today,
            may_look=asked.viewer.may("impersonate"),
            tasks_more=more is not None,
        ),
        form_id=new_form(),
        done=None,
    )


@get("/accounts/{number:str}", name="account")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What is wrong, who its people are, what is to be done, and how it is arranged."""
    asked = await asking(request, needs=NEEDS)
    return await _show(asked, number)


@post("/accounts/{number:str}/settings", name="account-settings", status_code=200)
async def arrange(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Who looks after it, how long it may be silent, what we may see, and its number in the ERP."""
    asked = await asking(request, needs="accounts:write")
    form = await request.form()
    typed = Typed.read(form)
    path = account_path(number)

    async def do(work: Work) -> Outcome:
        await arranging.arrange(work, asked.viewer, number, _changes(typed, asked))
        return {"what": "arranged"}

    try:
        await once(asked, form, f"{PATH}/settings", do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        errors = {one.pointer.lstrip("/"): refusal.detail for one in refusal.problems}
        return await _show(asked, number, Typed(**_said(typed), errors=errors), refusal)
    return Redirect(f"{path}?{urlencode({'done': str(form['form'])})}", status_code=303)


def _said(typed: Typed) -> dict[str, str]:
    return {name: getattr(typed, name) for name in FIELDS}


def _changes(typed: Typed, asked: Asked) -> dict[str, object]:
    """What the form says; without days an account is never alarmed."""
    days = typed.silence_days
    if days and not (days.isascii() and days.isdigit() and len(days) < 6):
        _ = asked.tongue.gettext
        raise Unacceptable(
            _("Write a number of days, or nothing."), [Problem("/silence_days", "not a number")]
        )
    changes: dict[str, object] = {
        "manager": typed.manager or None,
        "silence_days": int(days) if days else None,
        "erp_number": typed.erp_number or None,
    }
    if typed.impersonation:
        changes["impersonation"] = typed.impersonation
    return changes


async def _show(
    asked: Asked, number: str, typed: Typed | None = None, refusal: Refused | None = None
) -> Response[Any]:
    async with asked.reading() as conn:
        account = await account_page.account(conn, number)
        if account is None:
            raise NotFound(f"There is no account {number!r}.")
        found = await account_page.found(conn, number, asked.today, utc_now() - LATELY, FEW)
        people = await account_page.people(conn, number)
        listed = await tasks.of_account(conn, number, FEW)
        managers = await account_page.managers(conn)
        provider = await providers.of_account(conn, number)
    return asked.page(
        "accounts/show.html",
        section="accounts",
        status=422 if refusal else 200,
        headers={"Cache-Control": "private, no-cache"},
        page=page(
            account,
            found,
            people,
            listed,
            managers,
            typed,
            asked.tongue,
            asked.today,
            may_look=asked.viewer.may("impersonate"),
        ),
        may_write=asked.viewer.may("accounts:write"),
        may_do=asked.viewer.may("tasks:do"),
        sign_in=sign_in(provider, utc_now(), asked.tongue, asked.today) if provider else None,
        may_help=asked.viewer.may(HELPS),
        refusal=refusal,
        done=await came_of(asked, f"{PATH}/settings", asked.request.query_params.get("done"))
        or await came_of(asked, "/tasks", asked.request.query_params.get("done"))
        or await came_of(asked, f"{PATH}/sign-in", asked.request.query_params.get("done")),
        form_id=new_form(),
    )


router = Router(
    "/",
    route_handlers=[index, show, Router("/", route_handlers=[arrange], guards=[signed_in, ours])],
)
