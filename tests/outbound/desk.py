"""A supplier whose customers' systems listen: events as they come, and endpoints."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal import clock
from portal.adapters import sealed, signing
from portal.db.work import Pool, Work
from portal.domain.events import Event
from portal.settings import Settings
from tests.billing.books import Books


@dataclass(slots=True)
class Desk:
    """`books` sells and ships; `tell` is anything else that happens to an order."""

    pool: Pool
    settings: Settings
    books: Books

    async def order(self, account: str = "NORTH") -> str:
        return await self.books.order(("BOLT", 2, "1.50"), account=account)

    async def tell(
        self, order: str, kind: str = "shipment.updated", data: dict[str, Any] | None = None, times: int = 1
    ) -> list[str]:
        """Something happens to the order, each in a commit of its own; answers the events' ids as they are told."""
        row = await self.pool.fetchrow("select id, account from orders where number = $1", order)
        for _ in range(times):
            work = Work(self.pool, actor="test")
            async with work:
                work.record(Event(kind, row["account"], row["id"], order, data or {}))
        rows = await self.pool.fetch(
            "select id from event where order_id = $1 order by id desc limit $2", row["id"], times
        )
        return [f"evt_{one['id']}" for one in reversed(rows)]

    async def endpoint(
        self, url: str, account: str | None = "NORTH", types: Sequence[str] | None = None, **more: Any
    ) -> tuple[str, str]:
        """Its id, and its secret."""
        endpoint, secret = f"we_{secrets.token_hex(4)}", signing.new_secret()
        columns = {"id": endpoint, "kind": "webhook", "url": url, "account": account, "types": types, **more}
        names, places = ", ".join(columns), ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        await self.pool.execute(f"insert into connection ({names}) values ({places})", *columns.values())
        await self.add_secret(endpoint, secret)
        return endpoint, secret

    async def add_secret(self, endpoint: str, secret: str) -> None:
        kept = sealed.seal(secret, self.settings.secret_key)
        await self.pool.execute(
            "insert into connection_secret (connection_id, sealed, made_at) values ($1, $2, clock_timestamp())",
            endpoint,
            kept,
        )

    async def states(self, endpoint: str) -> list[str]:
        rows = await self.pool.fetch(
            "select state from delivery where connection_id = $1 order by id", endpoint
        )
        return [row["state"] for row in rows]

    async def until(self, query: str, expected: object, *values: object, seconds: float = 20) -> None:
        """The database answers this."""
        answer: object = None
        try:
            async with asyncio.timeout(seconds):
                while (answer := await self.pool.fetchval(query, *values)) != expected:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{answer!r} instead of {expected!r}") from None

    async def settled(self, endpoint: str, state: str, many: int = 1, seconds: float = 20) -> None:
        await self.until(
            "select count(*)::int from delivery where connection_id = $1 and state = $2",
            many,
            endpoint,
            state,
            seconds=seconds,
        )

    async def later(self, by: timedelta) -> None:
        """The clock moves on."""
        await self.pool.execute(
            """insert into clock (id, ahead_microseconds) values (1, $1) on conflict (id)
               do update set ahead_microseconds = clock.ahead_microseconds + $1""",
            by // timedelta(microseconds=1),
        )
        await clock.refresh(self.pool)
        await self.pool.execute("select pg_notify('portal_clock', '')")
