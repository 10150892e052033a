"""Mails about getting in: keys, and word of what was done with somebody's access."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.db.mail import Mail
from portal.domain import mails
from portal.filters import Tongue
from portal.views.devices import device_words
from portal.views.letters.letters import Letter, Way


@dataclass(frozen=True, slots=True)
class About:
    """What such a mail needs to know. `company` is whose people its reader is one of, `page` where the portal is."""

    mail: Mail
    tongue: Tongue
    today: date
    supplier: str
    company: str
    page: str

    @property
    def by(self) -> str:
        return str(self.mail.data.get("by") or self.supplier)

    def moment(self, at: datetime) -> str:
        return self.tongue.moment(at, self.today)


def with_key(about: About, href: str, until: datetime) -> Letter:
    """An invitation, or a way back in."""
    return (_invitation if about.mail.kind == mails.INVITED else _reset)(about, href, until)


def _invitation(about: About, href: str, until: datetime) -> Letter:
    _ = about.tongue.gettext
    return Letter(
        subject=_("{who} invites you to the order portal of {supplier}").format(
            who=about.by, supplier=about.supplier
        ),
        preview=_("Choose a password, and you are in."),
        title=_("You are invited"),
        paragraphs=[
            _(
                "{who} has made you one of the people of {company} in the order portal of {supplier}. Choose a "
                "password, and you are in."
            ).format(who=about.by, company=about.company, supplier=about.supplier)
        ],
        facts=[
            (_("You sign in as"), about.mail.email),
            (_("The link opens once, until"), about.moment(until)),
        ],
        ways=[Way(_("Choose a password"), href)],
        small=[
            _("Nobody else needs this link: do not pass it on."),
            _("If you do not know what this is about, do nothing. Without you it stays closed."),
        ],
    )


def _reset(about: About, href: str, until: datetime) -> Letter:
    _ = about.tongue.gettext
    return Letter(
        subject=_("A new password for {supplier}").format(supplier=about.supplier),
        preview=_("The link opens once, until {moment}.").format(moment=about.moment(until)),
        title=_("Choose a new password"),
        paragraphs=[
            _("Somebody, hopefully you, has forgotten the password of {email}.").format(
                email=about.mail.email
            ),
            _("A new password signs you out everywhere. What proves you beside it stays as it is."),
        ],
        facts=[(_("The link opens once, until"), about.moment(until))],
        ways=[Way(_("Choose a new password"), href)],
        small=[
            _("If it was not you, do nothing: your password has not changed, and nobody else has this link.")
        ],
    )


def by_company(about: About, href: str) -> Letter:
    """Their company signs them in: there is no password to choose."""
    _ = about.tongue.gettext
    if about.mail.kind == mails.INVITED:
        subject = _("{who} invites you to the order portal of {supplier}").format(
            who=about.by, supplier=about.supplier
        )
        said = _("{who} has made you one of the people of {company} in the order portal of {supplier}.")
        first = said.format(who=about.by, company=about.company, supplier=about.supplier)
    else:
        subject = _("How you sign in at {supplier}").format(supplier=about.supplier)
        first = _("Somebody, hopefully you, has asked for a new password. You do not need one.")
    return Letter(
        subject=subject,
        preview=_("Your company signs you in."),
        title=_("Your company signs you in"),
        paragraphs=[first, _("You come in with what you sign in with at your company.")],
        facts=[(_("You sign in as"), about.mail.email)],
        ways=[Way(_("Sign in with your company"), href)],
    )


def told(about: About) -> Letter:
    """What was done, by them or by somebody else."""
    return {
        mails.WELCOMED: _welcomed,
        mails.PASSWORD_SET: _password_set,
        mails.NEW_DEVICE: _new_device,
        mails.SESSIONS_ENDED: _sessions_ended,
    }[about.mail.kind](about)


def _welcomed(about: About) -> Letter:
    _ = about.tongue.gettext
    return Letter(
        subject=_("You are one of the people of {company} now").format(company=about.company),
        preview=_("Nothing else changes: you sign in as before."),
        title=_("You are one of the people of {company} now").format(company=about.company),
        paragraphs=[
            _("{who} has added you. Nothing else changes: you sign in as before.").format(who=about.by)
        ],
        ways=[Way(_("Go to the portal"), about.page)],
    )


def _password_set(about: About) -> Letter:
    _ = about.tongue.gettext
    return Letter(
        subject=_("Your password was changed"),
        preview=_("All sessions have ended."),
        title=_("Your password was changed"),
        paragraphs=[
            _("A new password was set with a link that was mailed to you. Every session has ended."),
            _(
                "If it was not you, somebody reads your mail: change the password of your mailbox first, then this one."
            ),
        ],
        facts=_device(about),
        ways=[Way(_("I forgot my password"), f"{about.page}/sign-in/forgotten")],
    )


def _new_device(about: About) -> Letter:
    _ = about.tongue.gettext
    return Letter(
        subject=_("You signed in on another device"),
        preview=device_words(str(about.mail.data.get("agent") or ""), about.tongue),
        title=_("You signed in on another device"),
        paragraphs=[
            _("If it was you, there is nothing to do."),
            _("If it was not, end that session and choose a new password."),
        ],
        facts=_device(about),
        ways=[Way(_("Look at your sessions"), f"{about.page}/settings/sessions")],
        small=[
            _("Cannot sign in? {address} sends you a new password's link, which ends every session.").format(
                address=f"{about.page}/sign-in/forgotten"
            )
        ],
    )


def _sessions_ended(about: About) -> Letter:
    _ = about.tongue.gettext
    return Letter(
        subject=_("You were signed out everywhere"),
        preview=_("{who} has ended your sessions.").format(who=about.by),
        title=_("You were signed out everywhere"),
        paragraphs=[
            _("{who} has ended your sessions. You sign in again as before.").format(who=about.by),
        ],
        ways=[Way(_("Sign in"), f"{about.page}/sign-in")],
    )


def _device(about: About) -> list[tuple[str, str]]:
    _, data = about.tongue.gettext, about.mail.data
    facts = [(_("When"), about.moment(datetime.fromisoformat(str(data["at"]))))]
    facts.append((_("With"), device_words(str(data.get("agent") or ""), about.tongue)))
    if data.get("address"):
        facts.append((_("From the address"), str(data["address"])))
    return facts
