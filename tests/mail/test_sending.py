"""Mail that is due is sent once, by whichever worker claims it, and not lost while its server is away."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from portal.adapters.children import free_port
from portal.adapters.mailbox import Mailbox
from portal.db import mail
from portal.db.work import Pool, Work
from portal.domain import mails
from portal.jobs.mail import MOST_ATTEMPTS, send_mail
from portal.settings import Settings
from tests.mail.conftest import Send, person, rows

DATA = {
    "from": "Klaus Brandt",
    "to": "Anna Ek",
    "from_on": "2026-11-20",
    "to_on": "2026-11-27",
    "cap": "80000.00",
    "currency": "GBP",
    "note": "Fair in Hannover.",
}


async def due(pool: Pool, person_id: int, key: str = "delegation:1", **more: Any) -> None:
    work = Work(pool)
    async with work:
        await mail.due(
            work.conn, f"{key}:{person_id}", mails.DELEGATED, person_id, at=work.now, data=DATA | more
        )


async def test_what_is_due_arrives_in_text_and_in_html(
    pool: Pool, klaus: int, box: Mailbox, send: Send
) -> None:
    await due(pool, klaus)

    assert await send() == 1

    [name] = box.names()
    message = box.message(name)
    assert message is not None
    assert message["to"] == "Klaus Brandt <klaus@nordwind.example>"
    assert message["subject"] == "Klaus Brandt has delegated approvals to Anna Ek"
    assert message["auto-submitted"] == "auto-generated"
    text, html = (message.get_body([kind]) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    for body in (text.get_content(), html.get_content()):
        for said in ("£80,000.00", "20 Nov", "27 Nov", "Fair in Hannover."):
            assert said in body
    [row] = await rows(pool)
    assert row["state"] == "sent"


async def test_it_is_written_in_the_language_of_whoever_reads_it(
    pool: Pool, box: Mailbox, send: Send
) -> None:
    work = Work(pool)
    async with work:
        anna = await person(work, "anna@nordwind.example", "Änna Ek", locale="de")
    await due(pool, anna)

    await send()

    message = box.message(box.names()[0])
    assert message is not None
    assert message["content-language"] == "de-DE"
    body = message.get_body(["plain"])
    assert body is not None
    assert "80.000,00\xa0£" in body.get_content()


async def test_the_same_reason_is_one_mail(pool: Pool, klaus: int, box: Mailbox, send: Send) -> None:
    await due(pool, klaus)
    await due(pool, klaus)

    assert await send() == 1
    await due(pool, klaus)
    assert await send() == 0

    assert len(box.names()) == 1


async def test_workers_that_send_at_once_send_each_mail_once(
    pool: Pool, klaus: int, box: Mailbox, send: Send
) -> None:
    for number in range(24):
        await due(pool, klaus, key=f"delegation:{number}")

    counts = await asyncio.gather(*(send() for _ in range(4)))

    assert sum(counts) == 24
    assert len(box.names()) == 24
    ids = {box.message(name)["message-id"] for name in box.names()}  # type: ignore[index]
    assert len(ids) == 24


async def test_while_the_mail_server_is_away_mail_waits_and_then_goes_out(
    pool: Pool, klaus: int, box: Mailbox, send: Send, post_office: Settings
) -> None:
    await due(pool, klaus)
    away = post_office.replace(smtp_port=free_port())

    assert await send_mail({"pool": pool, "settings": away}) == 0
    [row] = await rows(pool)
    assert row["state"] == "waiting"
    assert row["due_at"] > row["created_at"]
    assert "does not answer" in row["problem"]
    assert await send() == 0, "it pauses first"

    await pool.execute("update mail set due_at = now() - interval '1 second'")
    assert await send() == 1
    assert len(box.names()) == 1


async def test_a_mail_server_that_is_away_for_days_is_given_up(
    pool: Pool, klaus: int, post_office: Settings
) -> None:
    await due(pool, klaus)
    await pool.execute("update mail set attempts = $1", MOST_ATTEMPTS)

    await send_mail({"pool": pool, "settings": post_office.replace(smtp_port=free_port())})

    [row] = await rows(pool)
    assert row["state"] == "failed"


@contextlib.asynccontextmanager
async def refusing(reply: str) -> AsyncIterator[int]:
    """A mail server that answers every recipient like this."""

    class Handler:
        async def handle_RCPT(self, *_: object) -> str:  # noqa: N802
            return reply

    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Handler()), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.mark.parametrize(
    ("reply", "state"), [("550 no such mailbox", "failed"), ("451 come back later", "waiting")]
)
async def test_what_is_refused_for_good_is_not_tried_again(
    pool: Pool, klaus: int, post_office: Settings, reply: str, state: str
) -> None:
    await due(pool, klaus)

    async with refusing(reply) as port:
        await send_mail({"pool": pool, "settings": post_office.replace(smtp_port=port)})

    [row] = await rows(pool)
    assert row["state"] == state
    assert reply[4:] in row["problem"]


async def test_one_address_that_is_refused_does_not_stop_the_others(
    pool: Pool, klaus: int, post_office: Settings
) -> None:
    work = Work(pool)
    async with work:
        anna = await person(work, "anna@nordwind.example", "Anna Ek")
    await due(pool, klaus)
    await due(pool, anna)

    async with refusing("550 no such mailbox") as port:
        await send_mail({"pool": pool, "settings": post_office.replace(smtp_port=port)})

    assert [row["state"] for row in await rows(pool)] == ["failed", "failed"]


async def test_what_a_killed_worker_had_claimed_is_sent_again_under_the_same_id(
    pool: Pool, klaus: int, box: Mailbox, send: Send
) -> None:
    await due(pool, klaus)
    assert await send() == 1
    await pool.execute(
        "update mail set state = 'sending', claimed_at = now() - interval '1 minute', sent_at = null"
    )
    assert await send() == 0, "somebody may still be at it"

    await pool.execute("update mail set claimed_at = now() - interval '1 hour'")
    assert await send() == 1

    ids = {box.message(name)["message-id"] for name in box.names()}  # type: ignore[index]
    assert len(ids) == 1


async def test_the_clock_of_a_demo_that_is_moved_ahead_abandons_nothing(
    pool: Pool, klaus: int, send: Send
) -> None:
    await due(pool, klaus)
    await pool.execute("update mail set state = 'sending', claimed_at = now()")
    days = timedelta(days=14) // timedelta(microseconds=1)
    await pool.execute("update clock set ahead_microseconds = $1", days)

    try:
        assert await send() == 0
    finally:
        await pool.execute("update clock set ahead_microseconds = 0")
        await send()


async def test_who_may_not_sign_in_any_more_is_not_written_to(
    pool: Pool, klaus: int, box: Mailbox, send: Send
) -> None:
    await due(pool, klaus)
    await pool.execute("update person set active = false")

    assert await send() == 0

    assert box.names() == []
    [row] = await rows(pool)
    assert row["state"] == "dropped"


async def test_a_name_with_a_line_break_adds_no_header(
    pool: Pool, klaus: int, box: Mailbox, send: Send
) -> None:
    await due(pool, klaus, to="Anna\r\nBcc: everybody@example.org")

    await send()

    message = box.message(box.names()[0])
    assert message is not None
    assert message["bcc"] is None
    assert message["subject"].endswith("Anna Bcc: everybody@example.org")


async def test_what_people_write_is_text_in_the_html(
    pool: Pool, klaus: int, box: Mailbox, send: Send
) -> None:
    await due(pool, klaus, note="<img src=x onerror=alert(1)>")

    await send()

    message = box.message(box.names()[0])
    assert message is not None
    body = message.get_body(["html"])
    assert body is not None
    assert "<img" not in body.get_content()


async def test_a_mail_that_cannot_be_written_does_not_stand_in_the_way(
    pool: Pool, klaus: int, box: Mailbox, send: Send
) -> None:
    await due(pool, klaus, key="broken", from_on="no day at all")
    await due(pool, klaus, key="sound")

    assert await send() == 1

    broken, sound = await rows(pool)
    assert broken["state"] == "waiting"
    assert "no day at all" in broken["problem"]
    assert sound["state"] == "sent"


async def test_whoever_was_too_slow_says_nothing_of_a_mail_that_somebody_else_has_sent(
    pool: Pool, klaus: int
) -> None:
    await due(pool, klaus)
    work = Work(pool)
    async with work:
        slow = await mail.claim(work.conn, work.now, timedelta(minutes=3))
    async with work:
        quick = await mail.claim(work.conn, work.now, timedelta())
    assert slow is not None
    assert quick is not None
    async with work:
        await mail.sent(work.conn, quick, work.now)
        await mail.try_again(work.conn, slow, work.now, "no answer")
        await mail.give_up(work.conn, slow, "no answer")
    [row] = await rows(pool)
    assert (row["state"], row["problem"]) == ("sent", None)
