"""Events and attempts lie in parts: the table that was there is the first, and nothing is lost on the way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from portal import schema
from portal.db import parts
from portal.db.parts import SIZE
from portal.db.work import Pool
from portal.operations import checking
from tests.servers import Servers, named

NAME = "empty_for_parts"
OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
FILL = """
insert into account (number, name, currency, tax_status, path) values
    ('NORD', 'Nord', 'GBP', 'exempt', '{NORD}'), ('SUD', 'Sud', 'GBP', 'exempt', '{SUD}');
insert into account_feed (account, sequence) values ('NORD', 0), ('SUD', 0) on conflict do nothing;
insert into connection (id, kind, account, url) values ('c1', 'webhook', 'NORD', 'http://127.0.0.1/');
"""
EVENT = """
insert into event (account, sequence, type, at, actor, data)
select $1, n, 'order.changed', $2, 'portal', '{}' from generate_series($3::int, $4::int) n returning id
"""
DELIVERY = """
insert into delivery (connection_id, event_id, account, type, due_at) select 'c1', id, 'NORD', 'order.changed', $2
from unnest($1::bigint[]) id returning id
"""
ATTEMPT = (
    "insert into delivery_attempt (delivery_id, number, at) select id, 1, $2 from unnest($1::bigint[]) id"
)
SKIP = "select setval(pg_get_serial_sequence($1, 'id'), $2)"


@pytest.fixture
async def before(servers: Servers) -> AsyncIterator[tuple[str, Any]]:
    """A database of the version before, with something in it."""
    admin = await asyncpg.connect(servers.database_url)
    await admin.execute(f"drop database if exists {NAME} with (force)")
    await admin.execute(f"create database {NAME}")
    url = named(servers.database_url, NAME)
    await asyncio.to_thread(schema.upgrade, url, "0014")
    conn = await asyncpg.connect(url)
    await conn.execute(FILL)
    events = [row["id"] for row in await conn.fetch(EVENT, "NORD", OLD, 1, 500)]
    await conn.fetch(EVENT, "SUD", OLD, 1, 10)
    deliveries = [row["id"] for row in await conn.fetch(DELIVERY, events, OLD)]
    await conn.execute(ATTEMPT, deliveries, OLD)
    yield url, conn
    await conn.close()
    await admin.execute(f"drop database {NAME} with (force)")
    await admin.close()


async def content(conn: Any) -> list[Any]:
    return [
        [tuple(row) for row in await conn.fetch(f"select * from {table} order by id")]
        for table in ("event", "delivery", "delivery_attempt")
    ]


async def test_a_filled_database_goes_into_parts_and_back_without_a_loss(before: tuple[str, Any]) -> None:
    url, conn = before
    there = await content(conn)
    await asyncio.to_thread(schema.upgrade, url)
    await conn.reload_schema_state()
    assert await content(conn) == there
    assert [part.first for part in await parts.of(conn, "event")] == [0, SIZE, 2 * SIZE, 3 * SIZE]

    # Numbers go on; what is written far on lies in the next part, and belongs to what it belonged to.
    [row] = await conn.fetch(EVENT, "NORD", NEW, 501, 501)
    assert row["id"] == 511
    await conn.execute(SKIP, "event", SIZE + 7)
    await conn.execute(SKIP, "delivery_attempt", SIZE + 7)
    [row] = await conn.fetch(EVENT, "NORD", NEW, 502, 502)
    [delivery] = await conn.fetch(DELIVERY, [row["id"]], NEW)
    await conn.execute(ATTEMPT, [delivery["id"]], NEW)
    assert await conn.fetchval(f"select count(*) from event_from_{SIZE}") == 1
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await conn.fetch(DELIVERY, [4_711_000], NEW)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await conn.fetch(EVENT, "NOBODY", NEW, 1, 1)
    with pytest.raises(asyncpg.UniqueViolationError):
        await conn.fetch(EVENT, "NORD", NEW, 502, 502)
    await sees_only_their_own(conn)

    there = await content(conn)
    await asyncio.to_thread(schema.downgrade, url, "0014")
    await conn.reload_schema_state()
    assert await content(conn) == there
    [row] = await conn.fetch(EVENT, "NORD", NEW, 503, 503)
    assert row["id"] > SIZE + 8, "no number is given twice"
    with pytest.raises(asyncpg.UniqueViolationError):
        await conn.fetch(EVENT, "NORD", NEW, 502, 502)
    await sees_only_their_own(conn)
    await asyncio.to_thread(schema.upgrade, url)
    assert [part.first for part in await parts.of(conn, "event")][:2] == [0, 2 * SIZE], "where it stood"
    await conn.execute("delete from delivery where id = $1", delivery["id"])
    assert await conn.fetchval("select count(*) from delivery_attempt") == 500, (
        "they go with what they were for"
    )


async def sees_only_their_own(conn: Any) -> None:
    """Whoever reads as a buyer, in whatever part it lies."""
    async with conn.transaction():
        await conn.execute("set local role portal_buyer")
        assert await conn.fetchval("select count(*) from event") == 0
        await conn.execute("set local portal.accounts = '{SUD}'")
        assert await conn.fetchval("select count(*) from event") == 10
        assert await conn.fetchval("select count(*) from delivery_attempt") == 0


async def test_parts_are_made_ahead_and_thrown_away_when_all_in_them_is_old(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute(FILL)
        assert await parts.look_ahead(conn, "event") == [], "there is room for three more"
        [delivery] = await conn.fetch(DELIVERY, [None], OLD)
        for at, last in ((OLD, SIZE // 2), (OLD, SIZE + 1), (NEW, 2 * SIZE + 1)):
            await conn.execute(SKIP, "delivery_attempt", last)
            await conn.execute(ATTEMPT, [delivery["id"]], at)
        made = await parts.look_ahead(conn, "delivery_attempt")
        assert made == [f"delivery_attempt_from_{n * SIZE}" for n in (4, 5)]
        assert await parts.room(conn, "delivery_attempt") >= 3 * SIZE
        assert await parts.look_ahead(conn, "delivery_attempt") == []

        assert await parts.drop_old(conn, "delivery_attempt", OLD) == []
        dropped = await parts.drop_old(conn, "delivery_attempt", OLD + timedelta(days=1))
        assert dropped == ["delivery_attempt_from_0", f"delivery_attempt_from_{SIZE}"]
        assert await conn.fetchval("select count(*) from delivery_attempt") == 1
        assert await parts.drop_old(conn, "delivery_attempt", NEW + timedelta(days=1)) == [], "written to"


async def test_when_there_is_hardly_room_left_the_laws_say_so(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute(SKIP, "event", 4 * SIZE - 10)
        assert [said for said in await checking.broken_laws(pool) if "part" in said] == [
            "what is written next has its part: event: room for 10 rows more"
        ]
        assert await parts.look_ahead(conn, "event") == [f"event_from_{n * SIZE}" for n in (4, 5, 6)]
    assert await checking.broken_laws(pool) == []


async def test_whoever_reads_for_long_is_not_in_the_way(pool: Pool) -> None:
    async with pool.acquire() as reader, pool.acquire() as conn:
        await conn.execute(SKIP, "delivery_attempt", SIZE + 1)
        async with reader.transaction():
            await reader.fetchval("select count(*) from delivery_attempt")
            began = asyncio.get_running_loop().time()
            assert len(await parts.look_ahead(conn, "delivery_attempt")) == 1, "beside them"
            assert await parts.drop_old(conn, "delivery_attempt", NEW) == [], "another time"
            assert asyncio.get_running_loop().time() - began < 5
        assert await parts.drop_old(conn, "delivery_attempt", NEW) == ["delivery_attempt_from_0"]
