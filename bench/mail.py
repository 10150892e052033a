"""Mail when a slip concerns 400 orders: from the commit until a mail server has them all, against handing over as many
mails that are written already."""

import asyncio
import time as clock
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from bench import shop
from bench.ground import Ground, pool_of
from bench.measuring import medians
from bench.telling import Findings, count, ratio, time
from portal.adapters.smtp import Post, Server
from portal.db.work import Pool, Work
from portal.jobs.mail import send_mail
from portal.jobs.news import gather_news
from portal.operations.placing import WantedLine
from portal.settings import Settings

ORDERS = 400
LINES = shop.PER_KIND
ACCOUNTS = 16
ROUNDS = 3


@dataclass
class Catcher:
    """A mail server that takes all and keeps it in memory."""

    taken: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 Kept"


async def run(ground: Ground) -> Findings:
    findings = Findings()
    table = findings.table("what happens", "mails", "portal", "limit", "takes", "ratio", "bar")
    url = await ground.database()
    async with pool_of(url, size=4) as pool, catching() as (catcher, port):
        await _book(pool)
        settings = _settings(url, ground.home, port)
        ctx = {"pool": pool, "settings": settings}
        await gather_news(ctx)
        await pool.execute("delete from mail")
        samples = []
        for turn in range(ROUNDS + 1):
            await shop.late_supply(pool, 20 + 7 * (turn + 1))
            catcher.taken.clear()
            began = clock.perf_counter()
            await gather_news(ctx)
            gathered = clock.perf_counter() - began
            while len(catcher.taken) < ORDERS:
                await send_mail(ctx)
            if len(catcher.taken) != ORDERS:
                raise RuntimeError(f"{len(catcher.taken)} mails for {ORDERS} orders")
            sample = {"gathered": gathered, "all": clock.perf_counter() - began}
            written = [message_from_bytes(raw, policy=policy.default) for raw in catcher.taken]
            sample["bare"] = await _hand_over(port, written)
            samples.append(sample)
    # The first round warms up.
    found = medians(samples[1:])
    table.add(
        "gathered: whom it concerns, and how they want it",
        count(ORDERS),
        time(found["gathered"]),
        "",
        "",
        "",
        "",
    )
    table.add(
        "gathered, written from the orders as they stand, sent by one worker", count(ORDERS), time(found["all"]),
        "mails that are written are handed over", time(found["bare"]), ratio(found["all"], found["bare"]), "under 60 s",
    )  # fmt: skip
    findings.say(
        f"One purchase order moves; {ORDERS} orders of {LINES} lines each wait for it, of {ACCOUNTS} accounts. Each account has "
        "one buyer who hears of its orders at once: one mail an order, in text and HTML, each claimed before it is written and "
        "settled when the server has it. *Handed over* is the same conversation with the same server, with the same mails."
    )
    return findings


async def _book(pool: Pool) -> None:
    """Orders that wait for the purchase order. The buyer of each account wants to hear of all of them."""
    await shop.open_shop(pool)
    work = Work(pool)
    async with work:
        for number in range(LINES):
            await shop.put_product(work, f"LATE-{number}")
    await shop.late_supply(pool, 20)
    for number in range(ORDERS):
        lines = [WantedLine(n + 1, f"LATE-{n}", Decimal(10)) for n in range(LINES)]
        await shop.place(pool, f"A{number % ACCOUNTS}", lines)
    await pool.execute(
        """insert into notification_choice (person_id, kind, how, whose, changed_at)
           select id, 'promise_moved', 'at_once', 'account', now() from person"""
    )
    await pool.execute("vacuum analyze")


def _settings(url: str, home: Path, port: int) -> Settings:
    return Settings.from_env(
        {
            "PORTAL_MODE": "test",
            "PORTAL_HOME": str(home),
            "PORTAL_DATABASE_URL": url,
            "PORTAL_SMTP_PORT": str(port),
            "PORTAL_NEWS_AFTER_SECONDS": "0",
        }
    )


@asynccontextmanager
async def catching() -> AsyncIterator[tuple[Catcher, int]]:
    catcher = Catcher()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(catcher, enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    try:
        yield catcher, server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _hand_over(port: int, written: list[EmailMessage]) -> float:
    began = clock.perf_counter()
    async with Post(Server("127.0.0.1", port)) as post:
        for message in written:
            await post.send(message)
    return clock.perf_counter() - began
