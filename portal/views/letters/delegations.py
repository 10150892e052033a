"""Mails about delegation: somebody decides for somebody else from now on, or not any more."""

from datetime import date
from decimal import Decimal

from portal.db.mail import Mail
from portal.domain import mails
from portal.filters import Tongue
from portal.views.letters.letters import Letter, Way


def delegation_letter(mail: Mail, tongue: Tongue, today: date, page: str) -> Letter:
    """To whoever is to decide, and to whoever had it arranged for them."""
    _, data = tongue.gettext, mail.data
    who, whom = str(data.get("from") or ""), str(data.get("to") or "")
    first, last = (tongue.day(date.fromisoformat(str(data[name])), today) for name in ("from_on", "to_on"))
    facts = [(_("From"), first), (_("Up to and including"), last)]
    if data.get("cap"):
        cap = tongue.money(Decimal(str(data["cap"])), str(data.get("currency")))
        facts.append((_("Orders up to"), cap))
    note = str(data.get("note") or "")
    if mail.kind == mails.DELEGATED:
        title = _("{who} has delegated approvals to {whom}").format(who=who, whom=whom)
        paragraphs = [
            _("What {who} is asked to approve in these days, {whom} may decide as well.").format(
                who=who, whom=whom
            )
        ]
    else:
        title = _("The delegation of {who} to {whom} has ended").format(who=who, whom=whom)
        paragraphs = [_("What was decided stands. What is still open waits for {who} again.").format(who=who)]
    return Letter(
        subject=title,
        preview=f"{first} – {last}",
        title=title,
        paragraphs=paragraphs,
        quote=(_("{who} writes").format(who=who), note) if note else None,
        facts=facts,
        ways=[Way(_("Look at delegations"), f"{page}/settings/delegation")],
    )
