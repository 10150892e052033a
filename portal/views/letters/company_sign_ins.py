"""Mails about how a company's people sign in: to whoever administers its account, and to those who agree to domains."""

from datetime import date, datetime

from portal.db.mail import Mail
from portal.domain import mails
from portal.filters import Tongue
from portal.views.letters.letters import Letter, Way
from portal.views.problems import account_path


def company_sign_in_letter(mail: Mail, tongue: Tongue, today: date, page: str) -> Letter:
    """What was changed, by whom, and where to look at it."""
    if mail.kind == mails.DOMAINS_NAMED:
        return _domains(mail, tongue, page)
    _, data = tongue.gettext, mail.data
    company = str(data["account_name"])
    said = _said(mail, tongue, today).format(company=company)
    when = tongue.moment(datetime.fromisoformat(str(data["at"])), today)
    return Letter(
        subject=_("How people of {company} sign in has changed").format(company=company),
        preview=said,
        title=_("How people of {company} sign in has changed").format(company=company),
        paragraphs=[said],
        facts=[(_("By"), str(data["by"])), (_("When"), when)],
        ways=[Way(_("Look at it"), f"{page}/settings/sign-in?account={mail.account}")],
        small=[
            _(
                "You are told because you administer the account. If nobody of yours meant this, tell us at once."
            )
        ],
    )


def _said(mail: Mail, tongue: Tongue, today: date) -> str:
    _, data = tongue.gettext, mail.data
    until = tongue.moment(datetime.fromisoformat(str(data["until"])), today) if "until" in data else ""
    domains = ", ".join(str(one) for one in data.get("domains", ()))
    known = {
        "arranged": _("Its own identity provider was connected or changed."),
        "on": _("Its own sign-in is switched on."),
        "off": _("Its own sign-in is switched off."),
        "only_way": _("Its own sign-in is the only way in: passwords and passkeys are refused."),
        "not_only_way": _("Passwords and passkeys are good beside its own sign-in."),
        "removed": _("Its own identity provider was taken away."),
        "rules": _(
            "What is asked of everybody has changed: a second factor, or a proof before large decisions."
        ),
        "confirmed": _("We have confirmed that {domains} belongs to the company.").replace(
            "{domains}", domains
        ),
        "way_back": _(
            "We have opened a way back in: until {until} its people can sign in by passwords and passkeys, too."
        ).replace("{until}", until),
        "way_back_closed": _("The way back in is closed: its people sign in by its provider alone again."),
    }
    return known.get(str(data["what"]), _("Something of it was changed."))


def _domains(mail: Mail, tongue: Tongue, page: str) -> Letter:
    _, data = tongue.gettext, mail.data
    company, domains = str(data["account_name"]), ", ".join(str(one) for one in data["domains"])
    return Letter(
        subject=_("{company} asks to confirm a mail domain").format(company=company),
        preview=domains,
        title=_("{company} asks to confirm a mail domain").format(company=company),
        paragraphs=[
            _("{who} has connected its identity provider and says that this is its own: {domains}.").format(
                who=data["by"], domains=domains
            ),
            _(
                "Once it is confirmed the provider can let in whoever has an address there. Make sure that it is "
                "theirs, for instance by an address that you have written to before."
            ),
        ],
        ways=[Way(_("Look at the account"), f"{page}{account_path(str(data['account']))}#sign-in")],
    )
