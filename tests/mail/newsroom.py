"""People who are told: a portal with buyers, its news gathered and sent as the worker does, and their mailboxes."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from portal.adapters.mailbox import Mailbox, receive
from portal.db.pool import open_pool
from portal.db.work import Pool
from portal.jobs.mail import send_mail
from portal.jobs.news import gather_news
from portal.operations import breaking_silence
from portal.settings import Settings
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json, World

PETRA, TOM, ANNA, RUTH = (f"{name}@nordwind.example" for name in ("petra", "tom", "anna", "ruth"))
STRANGER = "eve@hull.example"
CAST = {PETRA: "buyer", TOM: "finance", ANNA: "account_admin", RUTH: "reader"}


@dataclass
class Newsroom:
    """Petra of NORDWIND buys, Tom pays, Anna administers, Ruth reads; Eve buys for HULL."""

    portal: Portal
    world: World
    mail: Path

    @classmethod
    def open(cls, portal: Portal, mail: Path, **stock: object) -> "Newsroom":
        world = World(portal)
        world.shop({"BOLT": 100_000, "NUT": 0, **stock})
        world.account("NORDWIND")
        world.account("HULL")
        room = cls(portal, world, mail)
        for email, role in CAST.items():
            room.person(email, role)
        room.person(STRANGER, "buyer", account="HULL")
        return room

    def person(self, email: str, *roles: str, account: str = "NORDWIND") -> None:
        name = email.split("@")[0].title()
        body = {"name": name, "roles": list(roles), "password": cast.PASSWORD}
        self.world.put(f"accounts/{account}/users/{email}", body)

    def order(self, wanted: Any, by: str = PETRA, account: str = "NORDWIND", **more: object) -> Json:
        """Placed by a person: it is theirs."""
        token = self.world.post("tokens", {"scopes": ["*"], "name": by, "user": by})["token"]
        body = self.world.order_body(account, wanted, **more)
        answer = self.portal.client(token).post("/orders", json=body)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    def choose(self, email: str, kind: str, how: str, whose: str = "own") -> None:
        self._do(
            lambda pool: pool.execute(
                """insert into notification_choice (person_id, kind, how, whose, changed_at)
                   select id, $2, $3, $4, now() from person where email = $1
                   on conflict (person_id, kind) do update set how = excluded.how, whose = excluded.whose""",
                email, kind, how, whose,
            )
        )  # fmt: skip

    def speaks(self, email: str, locale: str) -> None:
        self._do(lambda pool: pool.execute("update person set locale = $2 where email = $1", email, locale))

    def gather(self, burst: int = 0) -> int:
        """What the worker's job does once; answers how many events were looked at."""
        settings = self.portal.settings.replace(news_after_seconds=burst)
        return self._do(lambda pool: gather_all(pool, settings))  # type: ignore[no-any-return]

    def send(self) -> list[EmailMessage]:
        """What is due goes out; answers what arrived, oldest first."""
        box = Mailbox(self.mail)
        known = set(box.names()) if self.mail.exists() else set()

        async def run(pool: Pool) -> None:
            server, port = await receive(box)
            settings = self.portal.settings.replace(smtp_host="127.0.0.1", smtp_port=port)
            while await send_mail({"pool": pool, "settings": settings}):
                pass
            server.close()

        self._do(run)
        return [found for name in reversed(box.names()) if name not in known and (found := box.message(name))]

    def told(self) -> list[EmailMessage]:
        """Gathered and sent at once."""
        self.gather()
        return self.send()

    def forget(self) -> None:
        """What happened until now is nobody's news."""
        self.told()

    def portal_hears_silence(self) -> None:
        """What the worker's job does when it is time."""
        self.gather()  # it sets the clock
        self._do(lambda pool: breaking_silence.listen(pool, actor="portal"))

    def rows(self, query: str, *values: object) -> list[Any]:
        return self._do(lambda pool: pool.fetch(query, *values))  # type: ignore[no-any-return]

    def _do(self, what: Callable[[Pool], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            async with await open_pool(self.portal.database_url, size=4) as pool:
                return await what(pool)

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, run()).result()


GATHERED = """
select event_id = coalesce((select id from event order by txid desc, id desc limit 1), 0) from told_position
"""


async def gather_all(pool: Pool, settings: Settings) -> int:
    """Up to the last event: what another run has not ended on the same server holds the feed back for a moment."""
    count = 0
    async with asyncio.timeout(60):
        while True:
            count += await gather_news({"pool": pool, "settings": settings})
            if await pool.fetchval(GATHERED):
                return count
            await asyncio.sleep(0.02)


def to(messages: list[EmailMessage], email: str) -> list[EmailMessage]:
    return [one for one in messages if email in str(one["to"])]


def one(messages: list[EmailMessage], email: str) -> EmailMessage:
    """The only one to them."""
    found = to(messages, email)
    assert len(found) == 1, [(str(m["to"]), str(m["subject"])) for m in messages]
    return found[0]


def text(message: EmailMessage) -> str:
    body = message.get_body(["plain"])
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def html(message: EmailMessage) -> str:
    body = message.get_body(["html"])
    assert body is not None
    return str(body.get_content())
