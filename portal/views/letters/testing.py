"""The mail that somebody sends to themselves, to see that it arrives."""

from portal.db.mail import Mail
from portal.filters import Tongue
from portal.settings import Settings
from portal.views.letters.letters import Letter, Way


def test_letter(mail: Mail, tongue: Tongue, settings: Settings) -> Letter:
    """It says no more than that it is here."""
    _ = tongue.gettext
    return Letter(
        subject=_("Mail from {supplier} reaches you").format(supplier=settings.supplier_name),
        preview=_("You asked for this mail in your settings."),
        title=_("It works"),
        paragraphs=[
            _(
                "You asked for this mail in your settings. What happens to your orders comes to {email} the same way."
            ).format(email=mail.email)
        ],
        ways=[Way(_("Choose what you hear of"), f"{settings.base_url}/settings/notifications")],
    )
