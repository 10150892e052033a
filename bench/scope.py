"""What a buyer's scope costs: the same reading as the tables' owner and as the role of buyers, and rows that get their
account from a trigger."""

import os
import time as clock
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from bench import shop
from bench.ground import Ground, pool_of
from bench.measuring import Sample, in_turns, processor_seconds, quantile, spent
from bench.telling import Findings, ratio, time
from portal.clock import utc_now
from portal.db import arrivals, detail, events, order_list, today
from portal.db.pool import open_pool
from portal.db.row_policies import ROLE
from portal.db.scoped import Readers
from portal.db.work import Connection, Pool
from portal.domain.access import Viewer
from portal.operations.placing import WantedLine

ROUNDS = 7
TIMES = 60
ORDERS = 400
COMPANY, SITES = "A0", ("A0", "A1", "A2")
WRITE = "insert into shipment_line (shipment_id, line_id, quantity) select $1, unnest($2::bigint[]), 1"
Reading = Callable[[], Any]


async def run(ground: Ground) -> Findings:
    findings = Findings()
    read = findings.table(
        "what is read", "as owner, p50", "in scope, p50", "ratio", "owner's CPU", "in scope", "ratio", "bar"
    )
    url = await ground.database()
    async with pool_of(url) as pool, await open_pool(url, role=ROLE) as buyers:
        number = await _book(pool)
        viewer = Viewer("bench", "Bench", SITES, frozenset({"orders:read"}), person_id=1)
        bench = _Bench(ground, Readers(pool, buyers), viewer)
        for what, do, bar in _readings(viewer, number):
            found = await bench.compare(do)
            owner, scoped = found["owner"], found["scoped"]
            read.add(
                what, time(owner["p50"]), time(scoped["p50"]), ratio(scoped["p50"], owner["p50"]), time(owner["cpu"]),
                time(scoped["cpu"]), ratio(scoped["cpu"], owner["cpu"]), bar,
            )  # fmt: skip
        wrote = findings.table("what is written", "without trigger", "with it", "each row", "bar")
        await _write(wrote, pool, ground)
    findings.say(
        f"Of {ORDERS} orders of {len(SITES)} accounts among 16, read in turns. *As owner* is a connection without any scope; "
        "*in scope* a transaction that begins, in one trip, with the accounts that it is about, and ends. CPU is that of "
        "this process and of PostgreSQL."
    )
    return findings


async def _book(pool: Pool) -> str:
    """Orders of many accounts, and the story's order of 38 lines."""
    await shop.open_story(pool)
    await shop.open_shop(pool, accounts=16, products=40)
    for n in range(ORDERS):
        lines = [WantedLine(i + 1, f"P{(n + i) % 40:03}", Decimal(1)) for i in range(3)]
        await shop.place(pool, f"A{n % 16}", lines)
    number = await shop.place_story(pool, COMPANY, 38)
    await pool.execute("vacuum analyze")
    return number


def _readings(viewer: Viewer, number: str) -> list[tuple[str, Callable[[Connection], Awaitable[Any]], str]]:
    day = utc_now().date()
    wanted = arrivals.Wanted(SITES, day, day + timedelta(days=28))

    async def one_row(conn: Connection) -> None:
        await conn.fetchval("select total from orders where number = $1", number)

    async def order(conn: Connection) -> None:
        found = await detail.detail(conn, viewer, number)
        assert found is not None
        await events.timeline(conn, found.id, limit=1000)

    async def listed(conn: Connection) -> None:
        assert (await order_list.search(conn, viewer))[0]

    async def searched(conn: Connection) -> None:
        assert (await order_list.search(conn, viewer, q=number))[0]

    async def to_come(conn: Connection) -> None:
        limits = arrivals.Limits(20, 50, 20)
        await arrivals.listed(conn, wanted, (day, day + timedelta(days=28)), limits)

    async def whats_new(conn: Connection) -> None:
        await today.news(conn, SITES, utc_now() - timedelta(days=7))

    return [
        ("one row by its number", one_row, "two trips more"),
        ("an order of 38 lines, cold, with its story", order, "≤ 1.1 × of the page"),
        ("the list of orders", listed, ""),
        ("a number that is searched for", searched, ""),
        ("what arrives", to_come, ""),
        ("what is new", whats_new, ""),
    ]


class _Bench:
    def __init__(self, ground: Ground, readers: Readers, viewer: Viewer) -> None:
        self.ground = ground
        self.readers = readers
        self.viewer = viewer

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[Connection]:
        async with self.readers.main.acquire() as acquired:
            yield cast("Connection", acquired)

    async def compare(self, do: Callable[[Connection], Awaitable[Any]]) -> Mapping[str, Mapping[str, float]]:
        return await in_turns(
            {
                "owner": lambda: self._sample(self.owner, do),
                "scoped": lambda: self._sample(lambda: self.readers.reading(self.viewer), do),
            },
            rounds=ROUNDS,
        )

    async def _sample(self, reading: Reading, do: Callable[[Connection], Awaitable[Any]]) -> Sample:
        pids = [*self.ground.database_pids, os.getpid()]
        before, took = processor_seconds(pids), []
        for _ in range(TIMES):
            began = clock.perf_counter()
            async with reading() as conn:
                await do(conn)
            took.append(clock.perf_counter() - began)
        return {"p50": quantile(took, 0.5), "cpu": spent(before, processor_seconds(pids)) / TIMES}


async def _write(table: object, pool: Pool, ground: Ground) -> None:
    """The lines of a shipment, written and undone."""
    shipment = await pool.fetchval("select shipment_id from shipment_line limit 1")
    lines = await pool.fetch(
        """select l.id from order_line l where not exists (
               select from shipment_line s where s.shipment_id = $1 and s.line_id = l.id) limit 1000""",
        shipment,
    )
    ids = [row["id"] for row in lines]

    async def sample(trigger: str) -> Sample:
        pids = ground.database_pids
        async with pool.acquire() as conn:
            transaction = conn.transaction()
            await transaction.start()
            await conn.execute("alter table shipment_line alter column account drop not null")
            await conn.execute(f"alter table shipment_line {trigger} trigger shipment_line_owner")
            before = processor_seconds(pids)
            await conn.execute(WRITE, shipment, ids)
            cost = spent(before, processor_seconds(pids))
            await transaction.rollback()
        return {"cpu": cost}

    found = await in_turns(
        {"with": lambda: sample("enable"), "without": lambda: sample("disable")}, rounds=ROUNDS
    )
    with_it, without = found["with"]["cpu"], found["without"]["cpu"]
    table.add(  # type: ignore[attr-defined]
        f"{len(ids):,} lines of a shipment",
        time(without),
        time(with_it),
        time((with_it - without) / len(ids)),
        "",
    )
