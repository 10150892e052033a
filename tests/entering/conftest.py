"""A portal with two companies whose people come and go, and the mailboxes of all of them."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from portal import clock
from portal.adapters.mailbox import Mailbox, receive
from portal.clock import utc_now
from portal.db import people
from portal.db.pool import open_pool
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.jobs.mail import send_mail
from portal.settings import Settings
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import World

PASSWORD = "four walls around a garden"
RITA = cast.RITA


@dataclass
class Town:
    """`world` is how companies and people get there."""

    portal: Portal
    world: World

    def person(self, email: str, role: str = "buyer", account: str = "NORDWIND") -> str:
        body = {"name": email.split("@")[0].title(), "roles": [role], "password": cast.PASSWORD}
        self.world.put(f"accounts/{account}/users/{email}", body)
        return email


@pytest.fixture(scope="module")
def town(portal: Portal) -> Town:
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT")
    world.stock("MAIN", "BOLT", 500)
    world.account("NORDWIND")
    world.account("VELTRO")
    found = Town(portal, world)
    found.person(RITA, "account_admin", "VELTRO")
    return found


@dataclass
class Post:
    """What is mailed by this portal, sent when a test asks."""

    pool: Pool
    settings: Settings
    box: Mailbox

    async def to(self, email: str) -> list[EmailMessage]:
        """All that has come for somebody, the oldest first."""
        await send_mail({"pool": self.pool, "settings": self.settings})
        found = [self.box.message(name) for name in reversed(self.box.names())]
        return [one for one in found if one is not None and email in str(one["to"])]

    async def last(self, email: str) -> EmailMessage:
        found = await self.to(email)
        assert found, f"nothing has come for {email}"
        return found[-1]

    async def key(self, email: str) -> str:
        """The path of the last key that was mailed to somebody."""
        for message in reversed(await self.to(email)):
            if (path := path_of_key(message)) is not None:
                return path
        raise AssertionError(f"no key has come for {email}")


def path_of_key(message: EmailMessage) -> str | None:
    body = message.get_body(["plain"])
    assert body is not None
    found = re.search(r"(/enter/\S+)", body.get_content())
    return found[1] if found else None


@pytest.fixture
async def post(portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    monkeypatch.setattr(clock, "_ahead", timedelta())
    box = Mailbox(tmp_path / "mail")
    server, port = await receive(box)
    async with await open_pool(portal.database_url, size=2) as pool:
        await clock.refresh(pool)
        yield Post(pool, portal.settings.replace(smtp_host="127.0.0.1", smtp_port=port), box)
    server.close()


async def viewer_of(pool: Pool, email: str) -> Viewer:
    """Who may do something in a test without a page."""
    async with Work(pool) as work:
        person = await people.by_email(work.conn, email)
        assert person is not None
        found = await people.asker(work.conn, person.id, people.NO_SESSION, utc_now())
    assert found is not None
    return found.viewer


def sends(client: httpx.Client, path: str, **form: str) -> httpx.Response:
    """What a browser sends from the page at this path."""
    page = client.get(path)
    token = re.search(r'name="_csrf" value="([^"]+)"', page.text)
    assert token is not None, f"{path} has no form: {page.status_code}"
    return client.post(path, data={"_csrf": token[1], **form})
