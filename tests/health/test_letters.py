"""What is mailed about connections: what passed its limit, why, and where to act; in the reader's language."""

from itertools import product

import pytest

from portal.adapters.mailbox import Mailbox
from portal.db.mail import Mail
from portal.db.tables.outbound import KINDS
from portal.db.work import Pool
from portal.domain import health, mails
from portal.filters import tongue
from portal.operations import watching
from portal.views.letters.alerts import alert_letter, disabled_letter
from tests.health.conftest import Send, Ward
from tests.mail.test_letters import letters, text


async def test_an_alert_and_its_all_clear_are_one_thread(
    ward: Ward, pool: Pool, send: Send, box: Mailbox
) -> None:
    await ward.queue(1, ago=372)
    await watching.watch(pool)
    await send()
    await pool.execute("update delivery set state = 'delivered', settled_at = now()")
    await watching.watch(pool)
    await send()
    raised, cleared = letters(box)["dev"]
    assert raised["subject"] == "Nordwind: hooks.nordwind.example: The oldest has waited 6 minutes"
    said = text(raised)
    for words in (
        "told from 5 minutes on",
        "/connections/we_1",
        "Nothing is lost",
        "The all-clear comes by itself",
    ):
        assert words in said
    assert cleared["subject"] == "All clear: Nordwind: hooks.nordwind.example"
    assert cleared["references"] == raised["references"]


async def test_an_alert_that_is_over_before_it_is_told_is_not_told(
    ward: Ward, pool: Pool, send: Send, box: Mailbox
) -> None:
    """While the mail server is away nobody learns of it; afterwards one mail says what it was."""
    await ward.queue(1, ago=372)
    await watching.watch(pool)
    await pool.execute("update delivery set state = 'delivered', settled_at = now()")
    await watching.watch(pool)
    await send()
    assert [letter["subject"] for letter in letters(box)["dev"]] == [
        "All clear: Nordwind: hooks.nordwind.example"
    ]


async def test_whoever_administers_the_account_reads_that_their_endpoint_is_disabled(
    ward: Ward, pool: Pool, send: Send, box: Mailbox
) -> None:
    await pool.execute("insert into person (email, name) values ('rita@nordwind.example', 'Rita')")
    await pool.execute(
        """insert into membership (person_id, account, roles)
           select id, 'NORDWIND', '{account_admin}' from person where name = 'Rita'"""
    )
    await pool.execute(
        """update connection set state = 'disabled', disabled_because = 'failing', disabled_at = now()
           where id = 'we_1'"""
    )
    await watching.watch(pool)
    await send()
    (letter,) = letters(box)["rita"]
    assert letter["subject"] == "Your endpoint at hooks.nordwind.example is disabled"
    assert "/settings/webhooks/we_1" in text(letter)
    assert "nothing has gone through for five days" in text(letter)


@pytest.mark.parametrize("locale", ["en", "de"])
def test_each_alert_can_be_said(locale: str) -> None:
    words = tongue(locale, "Europe/London")
    for kind, measure, sort in product(KINDS, health.MEASURES, sorted(mails.ABOUT_CONNECTIONS)):
        value = "gone" if measure == "disabled" else 1
        data = {"alert": 1, "connection": kind, "kind": kind, "measure": measure, "value": value, "limit": 0}
        mail = Mail(**dict.fromkeys(Mail.__dataclass_fields__) | {"kind": sort, "data": data})
        said = disabled_letter if sort == mails.ENDPOINT_DISABLED else alert_letter
        letter = said(mail, words, "https://portal.example")
        assert letter.subject
        assert "{" not in f"{letter.subject}{letter.title}{letter.paragraphs}{letter.facts}"
