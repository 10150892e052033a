"""The mail to somebody whose way of signing in was changed, or tried."""

from datetime import date, datetime

from portal.db.mail import Mail
from portal.filters import Tongue
from portal.views.devices import device_words
from portal.views.letters.letters import Letter, Way


def security_letter(mail: Mail, tongue: Tongue, today: date, page: str) -> Letter:
    """What, when, and what to do if it was somebody else."""
    _, data = tongue.gettext, mail.data
    what = str(data["what"])
    title, paragraph = _words(what, mail, tongue)
    facts = [(_("When"), tongue.moment(datetime.fromisoformat(str(data["at"])), today))]
    if data.get("address"):
        facts.append((_("From"), f"{data['address']}, {device_words(str(data.get('agent', '')), tongue)}"))
    if what == "guessed":
        advice = _("If it was not you, choose a new password at once: somebody knows the present one.")
    elif what == "factors_removed":
        advice = _(
            "Sign in with your password and set up another one. If you know nothing of this, tell them."
        )
    else:
        advice = _(
            "If it was not you, change your password, end all other sessions, and tell your administrator."
        )
    return Letter(
        subject=title,
        preview=paragraph,
        title=title,
        paragraphs=[paragraph, advice],
        facts=facts,
        ways=[Way(_("See how you sign in"), f"{page}/settings/security")],
        small=[
            _("You are told of every change to how you sign in, whatever else you have chosen to hear of.")
        ],
    )


def _words(what: str, mail: Mail, tongue: Tongue) -> tuple[str, str]:
    _, data = tongue.gettext, mail.data
    name = str(data.get("name", ""))
    left = int(data.get("left", 0))
    by = str(data.get("by", ""))
    found = {
        "passkey_added": (
            _("A passkey was added"),
            _("“{name}” signs in as you from now on, without your password.").format(name=name),
        ),
        "passkey_removed": (
            _("A passkey was removed"),
            _("“{name}” does not sign in as you any more.").format(name=name),
        ),
        "authenticator_added": (
            _("An authenticator app was set up"),
            _("A code of the app is asked for after your password from now on."),
        ),
        "authenticator_replaced": (
            _("Your authenticator app was replaced"),
            _("Codes of the former one are not taken any more."),
        ),
        "authenticator_removed": (
            _("Your authenticator app was removed"),
            _("Its codes are not asked for any more."),
        ),
        "codes_made": (
            _("New recovery codes were made"),
            _("Ten new ones; earlier codes are worth nothing any more."),
        ),
        "code_used": (
            _("A recovery code was used"),
            tongue.ngettext(
                "Somebody has signed in or proved to be you with one of your codes; {n} is left.",
                "Somebody has signed in or proved to be you with one of your codes; {n} are left.",
                left,
            ).format(n=tongue.number(left)),
        ),
        "password_changed": (
            _("Your password was changed"),
            _("You were signed out everywhere but where it was changed."),
        ),
        "factors_removed": (
            _("Your second factors were removed"),
            _("{who} has removed your passkeys, your authenticator app and your recovery codes.").format(
                who=by
            ),
        ),
        "guessed": (
            _("Somebody tried to sign in with your password"),
            _("Your password was right, and the second factor was wrong several times. Nobody has got in."),
        ),
    }
    return found[what]
