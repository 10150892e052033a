"""Whoever's way of signing in is changed reads about it, in their language, whatever else they chose to hear of."""

import pytest

from portal.clock import utc_now
from portal.db.mail import Mail
from portal.filters import LOCALES, tongue
from portal.views.letters.security import security_letter

WHATS = (
    "passkey_added", "passkey_removed", "authenticator_added", "authenticator_replaced", "authenticator_removed",
    "codes_made", "code_used", "password_changed", "factors_removed", "guessed",
)  # fmt: skip


@pytest.mark.parametrize("what", WHATS)
def test_each_change_has_its_words(what: str) -> None:
    now = utc_now()
    data = {
        "what": what,
        "at": now.isoformat(),
        "name": "Phone",
        "left": 9,
        "by": "Ines",
        "address": "192.0.2.7",
    }
    mail = Mail(
        1, "k", "security.changed", 7, None, None, None, data, 1, now, "p@x.example", "Petra", "en", True
    )
    for code in LOCALES:
        letter = security_letter(mail, tongue(code, "Europe/London"), now.date(), "https://portal.example")
        assert letter.title
        assert letter.ways[0].href == "https://portal.example/settings/security"
        assert "{" not in " ".join([letter.title, *letter.paragraphs])
