"""Connections that fare well and badly, and the supplier's people who mind them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.clock import utc_now
from portal.db import health
from portal.db.work import Pool, Work
from portal.domain.access import SUPPLIER_ROLES, Viewer, permissions_of
from portal.operations import watching
from tests.mail.conftest import Send, box, post_office, rows, send

__all__ = ["Send", "box", "post_office", "rows", "send"]

URL = "https://hooks.nordwind.example/portal"
Watch = Callable[[], Awaitable[int]]


@pytest.fixture(autouse=True)
def _own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job reads the clock of its database: what it was for one test is forgotten for the next."""
    monkeypatch.setattr(clock, "_ahead", timedelta())


@dataclass
class Ward:
    """Where connections are looked after: an account with an endpoint, and people of the supplier."""

    pool: Pool
    endpoint: str = "we_1"

    async def open(self) -> None:
        for name, role in (("dev", "operations"), ("amara", "finance"), ("jo", "account_manager")):
            await self.staff(name, role)
        await self.pool.execute(
            """insert into account (number, name, currency, path, manager_id)
               select 'NORDWIND', 'Nordwind', 'GBP', '{NORDWIND}', id from person where email like 'jo@%'"""
        )
        await self.pool.execute(
            """insert into connection (id, kind, account, url, made_at)
               values ($1, 'webhook', 'NORDWIND', $2, now())""",
            self.endpoint,
            URL,
        )

    async def staff(self, name: str, role: str) -> None:
        await self.pool.execute(
            "insert into person (email, name, supplier_roles) values ($1, $2, $3)",
            f"{name}@harrowpike.example",
            name.title(),
            [role],
        )

    async def viewer(self, name: str) -> Viewer:
        row = await self.pool.fetchrow("select * from person where email = $1", f"{name}@harrowpike.example")
        assert row is not None
        roles = tuple(row["supplier_roles"])
        return Viewer(
            row["email"],
            row["name"],
            None,
            permissions_of(roles, SUPPLIER_ROLES),
            person_id=row["id"],
            email=row["email"],
            roles=roles,
        )

    async def queue(
        self, count: int = 1, *, ago: int = 0, state: str = "waiting", connection: str = ""
    ) -> None:
        """Tests for the endpoint that were written so many seconds ago."""
        await self.pool.execute(
            """insert into delivery (connection_id, type, body, due_at, state, created_at, settled_at)
               select $1, 'endpoint.test', '{}', now(), $3, clock_timestamp() - $4 * interval '1 second',
                   case when $3 = 'dead' then now() end from generate_series(1, $2)""",
            connection or self.endpoint,
            count,
            state,
            ago,
        )

    async def attempts(self, *statuses: int | None, ago: int = 0) -> None:
        """What the endpoint has answered."""
        delivery = await self.pool.fetchval(
            """insert into delivery (connection_id, type, body, due_at, state, settled_at)
               values ($1, 'endpoint.test', '{}', now(), 'delivered', now()) returning id""",
            self.endpoint,
        )
        for number, status in enumerate(statuses, start=1):
            await self.pool.execute(
                """insert into delivery_attempt (delivery_id, number, at, status, connection)
                   values ($1, $2, $3, $4, $5)""",
                delivery,
                number,
                utc_now() - timedelta(seconds=ago),
                status,
                self.endpoint,
            )

    async def watch(self) -> list[str]:
        """Look once; which alerts stand now, by connection."""
        await watching.watch(self.pool)
        async with self.pool.acquire() as conn:
            found: Any = await health.of_all(conn, utc_now())  # type: ignore[arg-type]
        return [f"{one.id} {alert.measure}" for one in found for alert in one.alerts]

    async def acknowledge(self, name: str, note: str = "") -> None:
        viewer = await self.viewer(name)
        alert = await self.pool.fetchval("select max(id) from alert where state <> 'cleared'")
        work = Work(self.pool, actor=viewer.actor)
        async with work:
            await watching.acknowledge(work, viewer, alert, note)

    async def told(self) -> list[tuple[str, str]]:
        """(kind, first name) of each mail that is due, sorted."""
        found = await self.pool.fetch(
            "select m.kind, p.name from mail m join person p on p.id = m.person_id where m.state = 'waiting'"
        )
        await self.pool.execute("update mail set state = 'sent' where state = 'waiting'")
        return sorted((row["kind"], row["name"]) for row in found)


@pytest.fixture
async def ward(pool: Pool) -> Ward:
    made = Ward(pool)
    await made.open()
    return made
