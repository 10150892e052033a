"""A mail server that keeps what it is given, and a worker's way of sending."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal import clock
from portal.adapters.mailbox import Mailbox, receive
from portal.db.work import Pool, Work
from portal.jobs.mail import send_mail
from portal.settings import Settings

Send = Callable[[], Awaitable[int]]


@pytest.fixture(autouse=True)
def _own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job reads the clock of its database: what it was for one test is forgotten for the next."""
    monkeypatch.setattr(clock, "_ahead", timedelta())


@pytest.fixture
def box(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mail")


@pytest.fixture
async def post_office(box: Mailbox, settings: Settings) -> AsyncIterator[Settings]:
    """The settings of a portal whose mail goes to the box."""
    server, port = await receive(box)
    yield settings.replace(smtp_host="127.0.0.1", smtp_port=port)
    server.close()


@pytest.fixture
def send(pool: Pool, post_office: Settings) -> Send:
    """What the worker's job does once."""

    async def once() -> int:
        return await send_mail({"pool": pool, "settings": post_office})

    return once


@pytest.fixture
async def klaus(pool: Pool) -> int:
    """Somebody to write to; his id."""
    work = Work(pool)
    async with work:
        return await person(work, "klaus@nordwind.example", "Klaus Brandt")


async def person(work: Work, email: str, name: str, locale: str = "en") -> int:
    found: int = await work.conn.fetchval(
        "insert into person (email, name, locale) values ($1, $2, $3) returning id", email, name, locale
    )
    return found


async def rows(pool: Pool) -> list[dict[str, Any]]:
    """What is to be mailed, as it stands."""
    return [dict(row) for row in await pool.fetch("select * from mail order by id")]
