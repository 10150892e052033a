"""The tokens of an account's own systems: made, shown once, revoked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.clock import utc_now
from portal.db import scopes, tokens
from portal.db.work import LawBroken, Work
from portal.domain.refusals import Forbidden, NotFound, Refused
from portal.operations import tokens as issuing
from portal.routes import shown_once
from portal.routes.asking import Asked, asking
from portal.routes.buying import named_account
from portal.routes.once import Outcome, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.settings import tokens as views
from portal.views.settings.tokens import Typed

HERE = "/settings/tokens"
NEEDS = "tokens:write"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was typed and why it was not done, or the token that it made."""

    typed: Typed = field(default_factory=Typed)
    problems: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None
    status: int = 200
    token: str = ""


@get(HERE, name="settings-tokens")
async def show(request: PageRequest) -> Response[Any]:
    """Which are in use, and a form for another one."""
    asked = await asking(request, needs=NEEDS)
    return await _draw(asked, Sent(), revoked="revoked" in request.query_params)


@post(HERE, name="settings-tokens-make")
async def make(request: PageRequest) -> Response[Any]:
    """Make one. The page that answers shows it: it is not shown again."""
    asked = await asking(request, needs=NEEDS)
    if (first := await asked.prove()) is not None:
        return first
    form = await request.form()
    account, typed = (
        named_account(str(form.get("account", ""))) or asked.viewer.account or "",
        Typed.read(form),
    )
    try:
        outcome = await once(asked, form, f"{HERE}:made", partial(_make, asked, account, typed))
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        return await _draw(asked, Sent(typed, views.placed(refusal.problems, asked.tongue), refusal, 422))
    return await _draw(asked, Sent(token=shown_once.token(asked, outcome["nonce"])))


async def _make(asked: Asked, account: str, typed: Typed, work: Work) -> Outcome:
    nonce = shown_once.new_nonce()
    await issuing.issue_own(
        work,
        asked.viewer,
        account,
        name=typed.name,
        scopes=typed.scopes,
        in_own_name=typed.in_own_name,
        token=shown_once.token(asked, nonce),
    )
    return {"nonce": nonce}


@post(HERE + "/{token_id:str}/revocation", name="settings-tokens-revoke")
async def revoke(token_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """It is refused from the next request on."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()

    async def do(work: Work) -> Outcome:
        await issuing.revoke_own(work, asked.viewer, token_id[:80])
        return {}

    await once(asked, form, f"{HERE}/{token_id[:80]}:revoked", do)
    return Redirect(f"{HERE}?revoked=1", status_code=303)


async def _draw(asked: Asked, sent: Sent, *, revoked: bool = False) -> Response[Any]:
    async with asked.reading() as conn:
        accounts = await scopes.accounts(conn, asked.viewer, None)
        found = await tokens.of_accounts(conn, [number for number, _ in accounts], utc_now())
    rows = [views.row(one, asked.tongue, asked.today) for one in found]
    return asked.page(
        "settings/tokens.html",
        section="settings",
        status=sent.status,
        accounts=accounts,
        rows=[row for row in rows if not row.revoked],
        former=[row for row in rows if row.revoked],
        sent=sent,
        typed=sent.typed,
        problems=sent.problems,
        revoked=revoked,
        form_id=new_form(),
        path=HERE,
    )


router = Router(
    "/", route_handlers=[show, Router("/", route_handlers=[make, revoke], guards=[signed_in, ours])]
)
