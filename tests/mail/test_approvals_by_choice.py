"""Mails about approvals obey what their readers chose: at once, with the mail of the morning, or never."""

from datetime import timedelta
from decimal import Decimal

import pytest

from portal.adapters.mailbox import Mailbox
from portal.clock import utc_now
from portal.db.work import Pool
from portal.domain.policies import Above, Rule, Step, When
from portal.settings import Settings
from tests.approvals.office import Office
from tests.mail.conftest import Send
from tests.mail.newsroom import gather_all, one, text, to


@pytest.fixture
async def office(pool: Pool) -> Office:
    """Ben orders; what is above 1,000 Klaus agrees to. Ada administers."""
    opened = Office(pool)
    await opened.open()
    for name, role in (("ben", "buyer"), ("klaus", "approver"), ("ada", "account_admin")):
        await opened.person(name, role)
    steps = (Step(("klaus@example.test",), None, "all"),)
    await opened.policy(Rule("Large orders", steps, When(total_above=Above(Decimal(1000), "GBP"))))
    return opened


async def choose(pool: Pool, email: str, kind: str, how: str, whose: str = "own") -> None:
    await pool.execute(
        """insert into notification_choice (person_id, kind, how, whose, changed_at)
           select id, $2, $3, $4, now() from person where email = $1""",
        email, kind, how, whose,
    )  # fmt: skip


async def test_who_wants_none_is_not_mailed(office: Office, pool: Pool, box: Mailbox, send: Send) -> None:
    await choose(pool, "klaus@example.test", "approval_needed", "never")
    await office.order("ben")

    assert await send() == 0

    assert box.names() == []
    [row] = await pool.fetch("select state, problem from mail")
    assert (row["state"], row["problem"]) == ("dropped", "they chose not to be mailed")


async def test_who_wants_it_daily_finds_it_in_the_mail_of_the_morning_while_it_waits(
    office: Office, pool: Pool, box: Mailbox, send: Send, post_office: Settings
) -> None:
    await choose(pool, "klaus@example.test", "approval_needed", "digest")
    open_still = await office.order("ben", purchase_order_number="4500118236")
    decided = await office.order("ben")
    assert await send() == 0
    await gather_all(pool, post_office.replace(news_after_seconds=0))
    await office.decide("klaus", decided, "reject")
    await pool.execute("update mail set due_at = $1 where kind = 'digest'", utc_now() - timedelta(seconds=1))

    await send()

    messages = [found for name in box.names() if (found := box.message(name))]
    message = one(messages, "klaus@example.test")
    said = text(message)
    assert "PO 4500118236" in message["subject"]
    assert "Ben asks you to approve £1,200.00" in said
    assert open_still in said
    assert said.count("asks you to approve") == 1, "the other is decided"


async def test_who_hears_of_the_whole_account_hears_of_decisions_that_are_not_theirs(
    office: Office, pool: Pool, box: Mailbox, send: Send, post_office: Settings
) -> None:
    for kind in ("approval_needed", "approval_decided"):
        await choose(pool, "ada@example.test", kind, "at_once", "account")
    order = await office.order("ben")
    await office.decide("klaus", order)

    await gather_all(pool, post_office.replace(news_after_seconds=0))
    await send()

    messages = [found for name in box.names() if (found := box.message(name))]
    assert one(messages, "ada@example.test")["subject"].startswith(f"{order}: ")
    # Ben hears that it is approved, and with that what becomes of it: not a second time that it is placed.
    assert [str(m["subject"]) for m in to(messages, "ben@example.test")] == [f"Approved: {order}, £1,200.00"]
    assert to(messages, "klaus@example.test") == [], "he decided before he was asked by mail"
