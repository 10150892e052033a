"""What somebody reads whose company signs them in, when it does not work: what happened, and whom to ask."""

from dataclasses import dataclass

from portal.domain import company_sign_in as rules
from portal.filters import Tongue

# Why nobody came in, beside the words of `domain.company_sign_in`.
LOST, DENIED, REFUSED, AWAY, NONE, OFF, OTHER, STALE, BUSY, ONLY = (
    "lost", "denied", "refused", "away", "none", "off", "other", "stale", "busy", "only",
)  # fmt: skip
STATUS = {LOST: 400, AWAY: 502, NONE: 404, OFF: 404, BUSY: 429, STALE: 409, ONLY: 422}


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    text: str
    status: int = 403


def words(why: str, company: str, tongue: Tongue) -> Words:
    """`company` is what the account is called; empty where none was found."""
    _ = tongue.gettext
    company = company or _("Your company")
    title, text = _of_person(why, tongue) or _of_way(why, tongue)
    return Words(title.format(company=company), text.format(company=company), STATUS.get(why, 403))


def _of_person(why: str, tongue: Tongue) -> tuple[str, str] | None:
    """The company knows them, and they are not let in."""
    _ = tongue.gettext
    title = _("{company} knows you, and you are not let in")
    known = {
        rules.UNVERIFIED: _(
            "{company} does not tell us an e-mail address of yours that it has verified. Ask your IT department."
        ),
        rules.FOREIGN: _(
            "The address that {company} tells us is of another mail domain than those that we agreed on. Ask your IT "
            "department."
        ),
        rules.ELSEWHERE: _(
            "You also belong to another company here, for which {company} cannot speak. Sign in with your password or "
            "a passkey."
        ),
        rules.UNKNOWN: _(
            "Nobody here has your address yet. Whoever administers your company's account can invite you."
        ),
        rules.UNPLACED: _(
            "Nothing that {company} tells us says what you may do here. Ask your IT department for a role."
        ),
        rules.INACTIVE: _(
            "You were switched off here. Whoever administers your company's account can change that."
        ),
        rules.TAKEN: _(
            "Somebody else of {company} has signed in with your address before. Whoever administers your company's "
            "account can unlink them."
        ),
    }
    return (title, known[why]) if why in known else None


def _of_way(why: str, tongue: Tongue) -> tuple[str, str]:
    _ = tongue.gettext
    return {
        LOST: (
            _("This sign-in cannot go on"),
            _(
                "It began more than ten minutes ago, in another window or browser, or it was completed already. "
                "Begin again."
            ),
        ),
        DENIED: (_("{company} did not let you in"), _("It was refused there, or you have cancelled it.")),
        REFUSED: (
            _("{company} did not let you in"),
            _("Its sign-in has answered with an error. Try again, or ask your IT department."),
        ),
        AWAY: (
            _("The sign-in of {company} does not work right now"),
            _(
                "We have written down why, where your administrators and we see it. Try again in a moment; if it "
                "stays so, ask your IT department."
            ),
        ),
        NONE: (
            _("There is no such sign-in"),
            _("No company signs in here. Go by your e-mail address instead."),
        ),
        OFF: (
            _("{company} does not sign in this way"),
            _("Its own sign-in is not switched on. Sign in with your password or a passkey."),
        ),
        OTHER: (
            _("That was somebody else"),
            _(
                "{company} says that you are another person than the one who is signed in here. Nothing was done."
            ),
        ),
        STALE: (
            _("This sign-in was changed meanwhile"),
            _("Somebody has changed how {company} signs in since you began. Begin again."),
        ),
        BUSY: (_("Too many at once"), _("Too many sign-ins begin in your network. Wait a few minutes.")),
        ONLY: (
            _("Sign in with {company}"),
            _(
                "Your company lets its people in by its own sign-in only. Passwords and passkeys do not open it."
            ),
        ),
    }[why]
