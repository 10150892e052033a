"""The mail to somebody whose pages one of the supplier's people sees."""

from datetime import date, datetime

from portal.db.mail import Mail
from portal.filters import Tongue
from portal.views.letters.letters import Letter, Way


def impersonation_letter(mail: Mail, tongue: Tongue, today: date, page: str) -> Letter:
    """Who, why, until when at the latest, and how to end it."""
    _, data = tongue.gettext, mail.data
    who = str(data["by"])
    until = tongue.moment(datetime.fromisoformat(str(data["until"])), today)
    if data.get("level") == "order":
        allowed = _(
            "Your account lets them order, announce returns and dispute in your name. All of it is marked."
        )
    else:
        allowed = _("They can look, and do nothing in your name.")
    return Letter(
        subject=_("{who} looks at the portal as you").format(who=who),
        preview=str(data["reason"]),
        title=_("{who} looks at the portal as you").format(who=who),
        paragraphs=[
            allowed,
            _(
                "Decisions, secrets and addresses stay with you. You can end it at any time, and read what was looked "
                "at."
            ),
        ],
        quote=(_("{who} writes").format(who=who), str(data["reason"])),
        facts=[(_("Until"), until)],
        ways=[Way(_("See what was looked at"), f"{page}/settings/access-log")],
        small=[_("Whoever administers your account can switch this off for good, on the same page.")],
    )
