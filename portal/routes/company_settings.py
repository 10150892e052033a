"""How an account's people sign in, arranged by whoever administers it: its own provider, tried out and switched on, and
what is asked of everybody."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.adapters import sealed
from portal.adapters.identity import Identity
from portal.clock import utc_now
from portal.db import providers, scopes
from portal.db.work import LawBroken, Work
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, Refused, Unacceptable
from portal.operations import letting_back_in, providing
from portal.operations.providing import NEEDS, Arranged
from portal.routes.asking import Asked, asking
from portal.routes.buying import named_account
from portal.routes.company_clients import BACK, set_out
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.desk.words import Mistyped
from portal.views.settings import sign_in as views
from portal.views.settings.sign_in import HERE, Typed, TypedRules
from portal.views.settings.typed_money import amount


@dataclass(frozen=True, slots=True)
class Sent:
    """What was typed, and why it was not done."""

    typed: Typed | None = None
    rules: TypedRules | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None


@get(HERE, name="settings-sign-in")
async def show(request: PageRequest) -> Response[Any]:
    """How it stands, and how to change it."""
    asked = await asking(request, needs=NEEDS)
    return await _draw(asked, _account(asked, request.query_params), Sent())


def _account(asked: Asked, given: Mapping[str, Any]) -> str:
    account = named_account(str(given.get("account", ""))) or asked.viewer.account or ""
    if not account or not asked.viewer.sees(account):
        raise NotFound(f"There is no account {account!r}.")
    return account


@post(HERE, name="settings-sign-in-arrange", status_code=200)
async def arrange(request: PageRequest) -> Response[Any]:
    """Where its provider is, and what that may decide."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    settings = request.app.state.settings
    account, typed = _account(asked, form), _sealed(Typed.read(form), settings.secret_key)
    if (away := await asked.prove()) is not None:
        return away

    async def do(work: Work) -> Outcome:
        secret = typed.sealed.encode() or None
        arranged = _arranged(asked, account, typed)
        simulated = settings.has_simulated_clock
        await providing.arrange(work, asked.viewer, account, arranged, secret, simulated=simulated)
        return {"what": "arranged"}

    identity: Identity = request.app.state.identity
    identity.issuers.forget(typed.issuer)
    return await _done(asked, form, account, "arranged", do, Sent(typed))


def _sealed(typed: Typed, secret_key: str) -> Typed:
    """With the secret that was typed now, or before the form came back; what we have not sealed is none."""
    if typed.secret:
        return replace(typed, sealed=sealed.seal(typed.secret, secret_key).decode())
    try:
        return replace(typed, sealed=typed.sealed if sealed.unseal(typed.sealed.encode(), secret_key) else "")
    except sealed.CannotUnseal:
        return replace(typed, sealed="")


def _arranged(asked: Asked, account: str, typed: Typed) -> Arranged:
    _ = asked.tongue.gettext
    try:
        role_map = views.read_map(typed.role_map, account)
    except views.Unreadable as unread:
        said = _("Write one value in a line, such as Purchasing = buyer. This cannot be read: {line}")
        raise Unacceptable(
            said.format(line=unread.line), [Problem("/role_map", said.format(line=unread.line))]
        ) from None
    return Arranged(
        typed.issuer,
        typed.client_id,
        typed.named_scopes,
        typed.named_domains,
        typed.role_claim or None,
        role_map,
        typed.default_roles,
        typed.makes_people,
    )


TURNS: Mapping[str, Any] = {
    "on": partial(providing.switch, on=True),
    "off": partial(providing.switch, on=False),
    "only_way": partial(providing.be_only_way, on=True),
    "not_only_way": partial(providing.be_only_way, on=False),
    "way_back_closed": letting_back_in.close_way_back,
    "removed": providing.remove,
}


@post(HERE + "/state", name="settings-sign-in-state", status_code=200)
async def turn(request: PageRequest) -> Response[Any]:
    """Switch it on or off, make it the only way, take it away."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    account, state = _account(asked, form), str(form.get("state", ""))
    if (away := await asked.prove()) is not None:
        return away

    async def do(work: Work) -> Outcome:
        if state not in TURNS:
            raise Conflict(f"There is no state {state[:40]!r}.")
        await TURNS[state](work, asked.viewer, account)
        return {"what": state}

    return await _done(asked, form, account, "state", do, Sent())


@post(HERE + "/rules", name="settings-sign-in-rules", status_code=200)
async def require(request: PageRequest) -> Response[Any]:
    """A second factor for everybody, and a fresh proof before large decisions."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    account = _account(asked, form)
    said = str(form.get("step_up_above", "")).strip()[:60]
    typed = TypedRules("needs_second_factor" in form, said)
    try:
        above = amount(said, asked.tongue)
    except Mistyped as wrong:
        problems = {"step_up_above": str(wrong)}
        return await _draw(asked, account, Sent(rules=typed, problems=problems))
    if (away := await asked.prove()) is not None:
        return away

    async def do(work: Work) -> Outcome:
        await providing.require(
            work,
            asked.viewer,
            account,
            needs_second_factor=typed.needs_second_factor,
            step_up_above=above,
        )
        return {"what": "rules"}

    return await _done(asked, form, account, "rules", do, Sent(rules=typed))


async def _done(
    asked: Asked, form: Mapping[str, Any], account: str, what: str, do: Any, sent: Sent
) -> Response[Any]:
    try:
        await once(asked, form, f"{HERE}:{account}:{what}", do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        problems = views.placed(refusal.problems, asked.tongue)
        return await _draw(asked, account, Sent(sent.typed, sent.rules, problems, refusal))
    query = {"account": account, "done": f"{what}.{form['form']}"}
    return Redirect(f"{HERE}?{urlencode(query)}#done", status_code=303)


@get(HERE + "/try", name="settings-sign-in-try")
async def try_out(request: PageRequest) -> Response[Any]:
    """Go through it as its people would; on the way back it is shown what it says. Nothing is changed."""
    asked = await asking(request, needs=NEEDS, is_own=True)
    account = _account(asked, request.query_params)
    async with asked.reading() as conn:
        provider = await providers.of_account(conn, account)
    if provider is None:
        raise NotFound(f"Account {account!r} has no provider of its own.")
    identity: Identity = request.app.state.identity
    identity.issuers.forget(provider.issuer)
    return await set_out(request, provider, "try", HERE, {}, asked.viewer.person_id or 0)


async def _draw(asked: Asked, account: str, sent: Sent) -> Response[Any]:
    now, tongue = utc_now(), asked.tongue
    async with asked.reading() as conn:
        accounts = await scopes.accounts(conn, asked.viewer, None)
        provider = await providers.of_account(conn, account)
        rules = await providers.rules(conn, account)
        stranded = await providers.stranded(conn, provider) if provider and provider.trusted else []
        people = await providers.count_of_people(conn, account)
    if rules is None:
        raise NotFound(f"There is no account {account!r}.")
    what, _, key = asked.request.query_params.get("done", "").partition(".")
    done = await came_of(asked, f"{HERE}:{account}:{what[:20]}", key) if key else None
    base = asked.request.app.state.settings.base_url
    typed = sent.typed or (Typed.of(provider) if provider else Typed())
    return asked.page(
        "settings/sign_in.html",
        section="settings",
        status=422 if sent.refusal or sent.problems else 200,
        account=account,
        name=dict(accounts).get(account, account),
        accounts=accounts,
        provider=provider,
        standing=views.standing(provider, now, tongue, asked.today) if provider else None,
        has_way_back=bool(provider and provider.open_until and provider.open_until > now),
        stranded=stranded,
        people=people,
        typed=typed,
        roles=views.roles(typed.default_roles, tongue),
        rules=sent.rules or TypedRules.of(rules, tongue),
        currency=rules.currency,
        problems=sent.problems,
        refusal=sent.refusal,
        done=(done or {}).get("what", ""),
        addresses=(
            f"{base}{BACK}",
            f"{base}/sign-in",
            f"{base}/sign-in/company/backchannel/{account}",
            f"{base}/sign-in/company/{account}",
        ),
        form_id=new_form(),
        path=HERE,
    )


router = Router(
    "/",
    route_handlers=[
        show,
        try_out,
        Router("/", route_handlers=[arrange, turn, require], guards=[signed_in, ours]),
    ],
)
