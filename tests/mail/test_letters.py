"""Mails about approvals: to those who are asked, and to whoever asked, with what is so when they are written."""

import re
from decimal import Decimal
from email.message import EmailMessage

import pytest

from portal.adapters.mailbox import Mailbox
from portal.db.work import Pool
from portal.domain.policies import Above, Rule, Step, When
from portal.operations import minding
from portal.operations.revising import ChangedLine
from tests.approvals.office import Office
from tests.mail.conftest import Send, rows


@pytest.fixture
async def office(pool: Pool) -> Office:
    """Ben orders; what is above 1,000 Klaus and Anna agree to, then somebody of finance."""
    opened = Office(pool)
    await opened.open()
    await opened.person("ben", "buyer")
    klaus = await opened.person("klaus", "approver")
    anna = await opened.person("anna", "approver")
    await opened.person("tom", "finance")
    above = When(total_above=Above(Decimal(1000), "GBP"))
    steps = (Step((klaus, anna), None, "all"), Step((), "finance", "any"))
    await opened.policy(Rule("Large orders", steps, above), remind_after_hours=4, expires_after_hours=40)
    return opened


def letters(box: Mailbox) -> dict[str, list[EmailMessage]]:
    """By the first name of whoever they are for, oldest first."""
    found: dict[str, list[EmailMessage]] = {}
    for name in reversed(box.names()):
        message = box.message(name)
        assert message is not None
        found.setdefault(str(message["to"]).split()[0].split("@")[0].lower(), []).append(message)
    return found


def text(message: EmailMessage) -> str:
    body = message.get_body(["plain"])
    assert body is not None
    return str(body.get_content())


def link(message: EmailMessage) -> str:
    found = re.search(r"\S+/approvals/by-mail/\S+", text(message))
    assert found is not None, text(message)
    return found[0]


async def test_those_who_are_asked_first_are_written_to_and_the_others_later(
    office: Office, box: Mailbox, send: Send
) -> None:
    order = await office.order("ben", purchase_order_number="4500118236")

    assert await send() == 2
    first = letters(box)
    assert first.keys() == {"klaus", "anna"}
    said = text(first["klaus"][0])
    for words in (
        "Ben asks you to approve an order of £1,200.00",
        "Large orders",
        "4500118236",
        order,
        "Open until",
    ):
        assert words in said

    await office.decide("klaus", order)
    await office.decide("anna", order)
    assert await send() == 1
    assert "So far agreed: Anna, Klaus." in re.sub(
        r"Klaus, Anna", "Anna, Klaus", text(letters(box)["tom"][0])
    )


async def test_each_reader_has_a_link_of_their_own(office: Office, box: Mailbox, send: Send) -> None:
    await office.order("ben")

    await send()

    found = letters(box)
    assert link(found["klaus"][0]) != link(found["anna"][0])
    assert "by-mail" not in "".join(f"{name}: {value}" for name, value in found["klaus"][0].items())


async def test_the_mails_of_one_request_stand_together(office: Office, box: Mailbox, send: Send) -> None:
    order = await office.order("ben")
    await send()
    await office.decide("klaus", order)
    await office.decide("anna", order)
    await send()

    threads = {str(one["references"]) for found in letters(box).values() for one in found}
    assert len(threads) == 1


async def test_a_question_goes_to_the_requester_and_the_answer_to_those_who_are_asked(
    office: Office, box: Mailbox, send: Send
) -> None:
    order = await office.order("ben")
    await send()

    await office.decide("klaus", order, "ask", comment="Why twelve pumps?")
    await send()
    question = letters(box)["ben"][0]
    assert "Klaus asks you something before deciding" in text(question)
    assert "> Why twelve pumps?" in text(question)
    assert "by-mail" not in text(question)

    await office.answer("ben", order, "Two lines stand still.")
    await send()
    answer = letters(box)["klaus"][-1]
    assert "Ben has answered" in str(answer["subject"])
    assert "> Two lines stand still." in text(answer)
    assert link(answer)


@pytest.mark.parametrize(
    ("what", "words"), [("approve", "approved and placed"), ("reject", "Tom has not approved your order")]
)
async def test_the_requester_is_told_how_it_ended(
    office: Office, box: Mailbox, send: Send, what: str, words: str
) -> None:
    await office.stock()
    order = await office.order("ben")
    await office.decide("klaus", order)
    await office.decide("anna", order)
    await office.decide("tom", order, what, comment="As agreed.")

    await send()

    told = letters(box)["ben"][-1]
    assert words in text(told)
    assert "As agreed." in text(told)


async def test_who_has_decided_meanwhile_is_not_asked_any_more(
    office: Office, box: Mailbox, send: Send, pool: Pool
) -> None:
    order = await office.order("ben")
    await office.decide("klaus", order)

    await send()

    assert letters(box).keys() == {"anna"}
    states = {(row["kind"], row["state"]) for row in await rows(pool)}
    assert ("approval.asked", "dropped") in states


async def test_who_is_asked_is_told_when_it_is_taken_back(office: Office, box: Mailbox, send: Send) -> None:
    order = await office.order("ben")
    await send()

    await office.withdraw("ben", order)
    await send()

    told = letters(box)
    assert "Ben has withdrawn the request" in text(told["klaus"][-1])
    assert "by-mail" not in text(told["klaus"][-1])


async def test_time_reminds_and_ends_by_mail(office: Office, box: Mailbox, send: Send, pool: Pool) -> None:
    await office.order("ben")
    await send()

    await pool.execute("update approval_step set remind_at = now() - interval '1 hour' where state = 'open'")
    await minding.mind(pool)
    await send()
    assert "Still waiting for you" in str(letters(box)["klaus"][-1]["subject"])

    await pool.execute("update approval_request set expires_at = now() - interval '1 minute'")
    await minding.mind(pool)
    await send()
    assert "Nobody decided in time" in str(letters(box)["ben"][-1]["subject"])


async def test_a_change_asks_anew_with_the_new_total(office: Office, box: Mailbox, send: Send) -> None:
    order = await office.order("ben")
    await send()

    await office.change("ben", order, ChangedLine(Decimal(20), 1))
    await send()

    assert "£2,400.00" in text(letters(box)["klaus"][-1])
