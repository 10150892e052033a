"""Mail that has become due is sent: each by whoever claims it, and once.

A mail is claimed in one transaction and marked as sent in another, because nothing is asked of another machine within
one. Whoever is killed between the two leaves it claimed; it is sent again with the same id, by which a mailbox that
has it knows it.
"""

import logging
import time
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from portal import bounce_addresses, clock
from portal.adapters.smtp import Later, Never, Post, Server
from portal.clock import utc_now
from portal.db import mail as mails
from portal.db.mail import Mail
from portal.db.work import Pool, Work
from portal.domain.bounces import Report, kind_of
from portal.jobs.writing import Dropped, write
from portal.operations import bouncing
from portal.settings import Settings

log = logging.getLogger(__name__)

# Seconds; a mail that has begun is finished.
SLICE = 12.0
# Far longer than a worker takes with one mail.
ABANDONED = timedelta(minutes=3)
# A day and more of a mail server that is away.
MOST_ATTEMPTS = 32
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_PROBLEM = 500


async def send_mail(ctx: dict[str, Any]) -> int:
    """Send what is due, as far as a slice of time goes; answers how many mails went out."""
    settings: Settings = ctx["settings"]
    if settings.has_simulated_clock:
        await clock.refresh(ctx["pool"])
    server = Server(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password,
    )
    until, count = time.monotonic() + SLICE, 0
    async with Post(server) as post:
        while time.monotonic() < until:
            mail = await _claim(ctx["pool"])
            if mail is None:
                break
            try:
                count += await _send(ctx["pool"], settings, post, mail)
            except Later as away:
                await _again(ctx["pool"], mail, str(away))
                log.warning("mail %s waits: %s", mail.id, away)
                if away.for_everybody:
                    # The others would fare no better: they wait until the clock asks again.
                    break
    return count


async def _claim(pool: Pool) -> Mail | None:
    work = Work(pool)
    async with work:
        return await mails.claim(work.conn, work.now, ABANDONED)


async def _send(pool: Pool, settings: Settings, post: Post, mail: Mail) -> bool:
    """Whether it went out. What cannot be written now must not stand in the way of the others."""
    try:
        message = await write(pool, settings, mail)
    except Dropped as why:
        await _settle(pool, mails.drop, mail, str(why))
        return False
    except Exception as error:
        log.exception("mail %s of kind %s cannot be written", mail.id, mail.kind)
        await _again(pool, mail, repr(error))
        return False
    back_to = bounce_addresses.address(settings.secret_key, mail.id, settings.mail_sender)
    return await _hand_over(pool, post, mail, message, back_to)


async def _hand_over(pool: Pool, post: Post, mail: Mail, message: EmailMessage, back_to: str) -> bool:
    try:
        await post.send(message, back_to)
    except Never as refused:
        log.warning("mail %s is refused: %s", mail.id, refused)
        await _refused(pool, mail, str(refused))
        return False
    work = Work(pool)
    async with work:
        await mails.sent(work.conn, mail, work.now)
    return True


async def _refused(pool: Pool, mail: Mail, said: str) -> None:
    """Nobody takes it: it came back before it left."""
    work = Work(pool)
    async with work:
        await bouncing.bounced(work, Report(mail.id, kind_of(said), said[:LONGEST_PROBLEM]))
        await mails.give_up(work.conn, mail, said[:LONGEST_PROBLEM])


async def _settle(pool: Pool, how: Any, mail: Mail, problem: str) -> None:
    work = Work(pool)
    async with work:
        await how(work.conn, mail, problem[:LONGEST_PROBLEM])


async def _again(pool: Pool, mail: Mail, problem: str) -> None:
    """After a pause that doubles; in the end it is given up, with what stood in the way."""
    if mail.attempts >= MOST_ATTEMPTS:
        await _settle(pool, mails.give_up, mail, problem)
        return
    pause = min(timedelta(seconds=30) * 2 ** min(mail.attempts - 1, 10), LONGEST_PAUSE)
    work = Work(pool)
    async with work:
        await mails.try_again(work.conn, mail, utc_now() + pause, problem[:LONGEST_PROBLEM])
