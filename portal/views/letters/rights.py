"""Mails about what somebody may do in an account: other roles, no place there any more, the door shut or open."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from portal.db.mail import Mail
from portal.domain import mails
from portal.filters import Tongue
from portal.views.letters.letters import Letter, Way
from portal.views.settings.roles import role_word, up_to


def letter(mail: Mail, tongue: Tongue, company: str, supplier: str, page: str) -> Letter:
    """`company` is where they belong, which for the supplier's people is the supplier."""
    by = str(mail.data.get("by") or supplier)
    if mail.kind == mails.SHUT_OUT:
        return _shut_out(tongue, by, supplier)
    if mail.kind == mails.LET_IN:
        return _let_in(tongue, by, supplier, page)
    if not mail.data.get("roles"):
        return _removed(tongue, by, company, page)
    return _changed(mail.data, tongue, by, company, page)


def _changed(data: Mapping[str, Any], tongue: Tongue, by: str, company: str, page: str) -> Letter:
    _ = tongue.gettext
    roles = ", ".join(role_word(str(role), tongue) for role in data["roles"])
    facts = [(_("You are"), roles)]
    if data.get("limit_per_order"):
        facts.append((_("You decide on orders up to"), _limit(data["limit_per_order"], tongue)))
    if data.get("limit_per_period"):
        facts.append((_("And altogether up to"), _limit(data["limit_per_period"], tongue)))
    return Letter(
        subject=_("What you may do for {company} has changed").format(company=company),
        preview=roles,
        title=_("What you may do for {company} has changed").format(company=company),
        paragraphs=[
            _("{who} has changed it. It holds from now on; you sign in again as before.").format(who=by)
        ],
        facts=facts,
        ways=[Way(_("What each role may do"), f"{page}/settings/roles")],
    )


def _removed(tongue: Tongue, by: str, company: str, page: str) -> Letter:
    _ = tongue.gettext
    return Letter(
        subject=_("You no longer belong to {company}").format(company=company),
        preview=_("What you did there stays under your name."),
        title=_("You no longer belong to {company}").format(company=company),
        paragraphs=[
            _("{who} has taken you out. What you did there stays under your name.").format(who=by),
            _("If you belong to other accounts, you sign in to these as before."),
        ],
        ways=[Way(_("Go to the portal"), page)],
    )


def _shut_out(tongue: Tongue, by: str, supplier: str) -> Letter:
    _ = tongue.gettext
    return Letter(
        subject=_("You cannot sign in to the order portal of {supplier} any more").format(supplier=supplier),
        preview=_("{who} has shut you out.").format(who=by),
        title=_("You cannot sign in any more"),
        paragraphs=[
            _(
                "{who} has shut you out. Your sessions have ended, and systems that act in your name are refused."
            ).format(who=by),
            _("If that is a mistake, ask {who}.").format(who=by),
        ],
    )


def _let_in(tongue: Tongue, by: str, supplier: str, page: str) -> Letter:
    _ = tongue.gettext
    return Letter(
        subject=_("You can sign in to the order portal of {supplier} again").format(supplier=supplier),
        preview=_("{who} has let you in again.").format(who=by),
        title=_("You can sign in again"),
        paragraphs=[_("{who} has let you in again. You sign in as before.").format(who=by)],
        ways=[Way(_("Sign in"), f"{page}/sign-in")],
    )


def _limit(told: Mapping[str, Any], tongue: Tongue) -> str:
    return up_to(Decimal(str(told["amount"])), str(told["currency"]), told.get("period"), tongue)
