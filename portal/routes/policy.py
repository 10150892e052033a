"""An account's approval policy: everybody who sees approvals may read it, and whoever holds `policy:write` edits it.

Every button of the form sends all of it; only one of them saves.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.db import policies, policy_pages, scopes
from portal.db.work import LawBroken, Work
from portal.domain.chains import Policy
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, Refused, Unacceptable
from portal.domain.working_time import WorkingTime
from portal.operations import regulating
from portal.routes import trying
from portal.routes.asking import Asked, asking
from portal.routes.buying import choose_account, named_account
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.desk.words import Mistyped
from portal.views.settings import policy_draft, policy_form
from portal.views.settings.policy_draft import Button, Draft, Edited
from portal.views.settings.policy_page import Known, page
from portal.views.settings.policy_read import read
from portal.views.settings.policy_sent import TRIAL, Sent
from portal.views.settings.policy_tried import Tried, tried
from portal.views.settings.typed_money import amount

PATH = "/settings/approvals"
# Many rules with many people ticked are a long form.
LARGEST_FORM = 512 * 1024
UNLIMITED = Decimal("Infinity")


@get(PATH, name="settings-approvals")
async def show(request: PageRequest) -> Response[Any]:
    """The policy of one account, in words and as a form."""
    asked = await asking(request, needs="approvals:read")
    return await _draw(asked, named_account(request.query_params.get("account", "")), Sent())


@post(PATH, name="settings-approvals-save", request_max_body_size=LARGEST_FORM)
async def send(request: PageRequest) -> Response[Any]:
    """Add or remove a part, try an order out, or save."""
    asked = await asking(request, needs="approvals:read")
    form: Any = await request.form()
    account = named_account(str(form.get("account", "")))
    button = Button.read(str(form.get("do", "")))
    if not account and asked.viewer.is_supplier:
        raise Unacceptable("Say which account's policy it is.", [Problem("/account", "needed")])
    if not asked.viewer.may("policy:write", account or asked.viewer.account):
        if button.what == "save":
            raise Forbidden("This needs the permission 'policy:write'.")
        return await _draw(asked, account, await _try(asked, account, form, None, Sent()))
    draft = read(form)
    if button.what == "save":
        return await _save(asked, account, form, draft)
    edited: Edited = policy_draft.edit(draft, button)
    sent = Sent(draft=edited.draft, at=edited.at, trial=_trial(form))
    if button.what in ("try", "check"):
        made, problems = await _made(asked, account, draft)
        sent = replace(sent, problems=problems, status=422 if problems else 200)
        if not problems and (button.what == "try" or sent.trial["total"]):
            sent = await _try(asked, account, form, made, sent)
    return await _draw(asked, account, sent)


async def _save(asked: Asked, account: str, form: Mapping[str, Any], draft: Draft) -> Response[Any]:
    made, problems = await _made(asked, account, draft)
    if problems:
        return await _draw(
            asked, account, Sent(draft=draft, problems=problems, trial=_trial(form), status=422)
        )
    # Where nobody is asked any more, no decision needs a proof: so this one does.
    if (first := await asked.prove_above([(account, UNLIMITED, "")])) is not None:
        return first

    async def do(work: Work) -> Outcome:
        await regulating.put_policy(work, asked.viewer, made, draft.version)
        return {"account": account}

    try:
        await once(asked, form, PATH, do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        status = 409 if isinstance(refusal, Conflict) else 422
        found = policy_form.placed(refusal.problems)
        return await _draw(asked, account, Sent(draft, "", found, refusal, _trial(form), None, status))
    said = {"account": account, "done": str(form["form"])}
    return Redirect(f"{PATH}?{urlencode(said)}", status_code=303)


async def _made(asked: Asked, account: str, draft: Draft) -> tuple[Policy, dict[str, str]]:
    async with asked.reading() as conn:
        place = await policy_pages.place(conn, account)
    if place is None or not asked.viewer.sees(account):
        raise NotFound(f"There is no account {account}.")
    return policy_form.policy(draft, account, place.currency, asked.tongue)


def _trial(form: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(form.get(f"try-{name}", "")).replace("\x00", "").strip()[:80] for name in TRIAL}


async def _try(
    asked: Asked, account: str, form: Mapping[str, Any], policy: Policy | None, sent: Sent
) -> Sent:
    """With the chain that the order would get, or with what is wrong with it."""
    _, trial = asked.tongue.gettext, _trial(form)
    sent = replace(sent, trial=trial)
    try:
        total = amount(trial["total"], asked.tongue)
    except Mistyped as wrong:
        return replace(sent, problems={**sent.problems, "try-total": str(wrong)}, status=422)
    if total is None:
        problem = _("How much does the order come to?")
        return replace(sent, problems={**sent.problems, "try-total": problem}, status=422)
    async with asked.reading() as conn:
        place = await policy_pages.place(conn, account)
    if place is None or not asked.viewer.sees(account):
        raise NotFound(f"There is no account {account}.")
    requester = (
        int(trial["requester"]) if trial["requester"].isascii() and trial["requester"].isdigit() else None
    )
    order = trying.Order(account, total, requester, trial["category"], trial["ship_to"], trial["cost_centre"])
    try:
        chain = await trying.chain_of(asked.work(), asked.viewer, order, policy)
    except LawBroken:
        raise
    except Refused as refusal:
        found = policy_form.placed(refusal.problems) if policy is not None else {}
        return replace(
            sent,
            problems={**sent.problems, **{name: said for name, said in found.items() if name != "policy"}},
            tried=Tried(_("It could not be ordered"), problem=refusal.detail),
        )
    return replace(sent, tried=tried(chain, place.names, place.currency, asked.tongue, asked.today))


async def _draw(asked: Asked, account: str, sent: Sent) -> Response[Any]:
    viewer = asked.viewer
    if not account:
        if viewer.is_supplier:
            return choose_account(asked, "settings", PATH, "")
        account = viewer.account or ""
    known = await _known(asked, account)
    if known is None:
        if viewer.is_supplier:
            return choose_account(asked, "settings", PATH, account)
        raise NotFound(f"There is no account {account}.")
    stands = (
        policy_draft.of_policy(known.own, asked.tongue)
        if known.own
        else policy_draft.fresh(_usual(asked, known))
    )
    draft = sent.draft or stands
    shown = known.own
    if sent.draft is not None:
        # In words as far as it can be read.
        shown = policy_form.policy(draft, account, known.account.currency, asked.tongue)[0]
    return asked.page(
        "settings/approvals.html",
        section="settings",
        status=sent.status,
        page=page(known, draft, shown, asked.tongue, asked.today, viewer.accounts or (account,)),
        sent=sent,
        is_changed=sent.draft is not None and replace(sent.draft, version=stands.version) != stands,
        problems=sent.problems,
        may_write=viewer.may("policy:write", account) and not viewer.is_supplier,
        done=await came_of(asked, PATH, asked.request.query_params.get("done")),
        form_id=new_form(),
        path=PATH,
    )


def _usual(asked: Asked, known: Known) -> WorkingTime:
    """The working time of the nearest policy above; the supplier's zone where there is none."""
    above = next(iter(known.policies), None)
    if above is not None:
        return above.working
    return WorkingTime(time_zone=asked.request.app.state.settings.supplier_time_zone)


async def _known(asked: Asked, account: str) -> Known | None:
    if not asked.viewer.sees(account):
        return None
    async with asked.reading() as conn:
        place = await policy_pages.place(conn, account)
        if place is None:
            return None
        return Known(
            account=place,
            accounts=[] if asked.viewer.is_supplier else await scopes.accounts(conn, asked.viewer, None),
            policies=await policies.of_path(conn, place.path),
            members=await policies.members(conn, place.path),
            categories=await policy_pages.categories(conn),
            ship_tos=await policy_pages.ship_tos(conn, account),
            cost_centres=await policy_pages.cost_centres(conn, account),
        )


router = Router("/", route_handlers=[show, Router("/", route_handlers=[send], guards=[signed_in, ours])])
