"""From the commit of an event to the first attempt to tell a customer's system, and what a dead one does to others."""

import asyncio
import contextlib
import socket
import time as clock
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bench import shop
from bench.ground import Ground, Helper, helper, pool_of, supplier_token
from bench.measuring import processor_seconds, quantile, spent, with_children
from bench.telling import Findings, count, ratio, time
from portal.adapters import sealed, signing
from portal.db.work import Pool, Work
from portal.domain.events import Event
from portal.operations.placing import WantedLine
from tests.portals import Portal, running

ACCOUNTS = 16
PER_SECOND = 200
SECONDS = 20
ORDERS = 400
PATIENCE = 60


async def run(ground: Ground) -> Findings:
    findings = Findings()
    table = findings.table(
        "what", "events", "per second", "p50", "p99", "worker's CPU", "PostgreSQL's", "bar"
    )
    url = await ground.database()
    async with pool_of(url) as pool, _portal(ground, url) as portal:
        await shop.open_shop(pool, accounts=ACCOUNTS, products=10)
        orders = [
            (await shop.place(pool, f"A{n % ACCOUNTS}", [WantedLine(1, f"P{n % 10:03}", Decimal(1))]))
            for n in range(ORDERS)
        ]
        await pool.execute("vacuum analyze")
        with _listening() as (port, receiver), _dead() as dead_port:
            await _endpoints(pool, portal, port)
            bench = _Bench(ground, pool, portal, receiver, orders)
            await bench.measure(3)
            alone = await bench.measure(SECONDS)
            await _endpoints(pool, portal, dead_port)
            await bench.measure(3)
            beside = await bench.measure(SECONDS)
    for what, found in (
        ("each account has an endpoint", alone),
        ("and one more, which never answers", beside),
    ):
        table.add(
            what, count(found["events"]), count(found["per second"]), time(found["p50"]), time(found["p99"]),
            time(found["worker"]), time(found["database"]), "p50 ≤ 250 ms, p99 ≤ 2 s",
        )  # fmt: skip
    p50, p99 = (ratio(beside[name], alone[name]) for name in ("p50", "p99"))
    findings.say(
        f"{PER_SECOND} events a second of {ACCOUNTS} accounts, each in a commit of its own, written for {SECONDS} seconds; one "
        "worker tells their endpoints on this machine. From the end of the commit to the first octet that the receiver reads; "
        "CPU per event. Beside the dead receivers the figures of the others are "
        f"{p50} at p50 and {p99} at p99; every event was heard."
    )
    return findings


class _Bench:
    def __init__(
        self, ground: Ground, pool: Pool, portal: Portal, receiver: Helper, orders: Sequence[str]
    ) -> None:
        self.ground, self.pool, self.portal, self.receiver, self.orders = (
            ground,
            pool,
            portal,
            receiver,
            orders,
        )

    async def measure(self, seconds: int) -> dict[str, float]:
        rows = await self.pool.fetch(
            "select id, number, account from orders where number = any($1) order by id", list(self.orders)
        )
        before = self._computed()
        committed: dict[int, float] = {}
        began = clock.perf_counter()
        tasks = []
        last = await self.pool.fetchval("select coalesce(max(id), 0) from event")
        for n in range(PER_SECOND * seconds):
            await asyncio.sleep(max(began + n / PER_SECOND - clock.perf_counter(), 0))
            tasks.append(asyncio.create_task(self._tell(rows[n % len(rows)], n, committed)))
        await asyncio.gather(*tasks)
        took = clock.perf_counter() - began
        events = await self.pool.fetch("select id, (data->>'n')::int as n from event where id > $1", last)
        heard = await self._heard(len(events))
        after = self._computed()
        lags = [heard[f"evt_{row['id']}"] - committed[row["n"]] for row in events]
        return {
            "events": len(events),
            "per second": len(events) / took,
            "p50": quantile(lags, 0.5),
            "p99": quantile(lags, 0.99),
            "worker": spent(before["worker"], after["worker"]) / len(events),
            "database": spent(before["database"], after["database"]) / len(events),
        }

    async def _tell(self, row: Any, n: int, committed: dict[int, float]) -> None:
        work = Work(self.pool, actor="bench")
        async with work:
            work.record(Event("shipment.updated", row["account"], row["id"], row["number"], {"n": n}))
        committed[n] = clock.time()

    async def _heard(self, many: int) -> dict[str, float]:
        heard: dict[str, float] = {}
        async with asyncio.timeout(PATIENCE):
            while len(heard) < many:
                await asyncio.sleep(0.5)
                self.receiver.tell("now")
                heard |= await self.receiver.answer()
        return heard

    def _computed(self) -> dict[str, dict[int, float]]:
        worker = self.portal.processes[-1].pid
        return {
            "worker": processor_seconds(with_children(worker)),
            "database": processor_seconds(self.ground.database_pids),
        }


@contextlib.asynccontextmanager
async def _portal(ground: Ground, url: str) -> AsyncIterator[Portal]:
    """With a worker, and in test mode, where receivers on this machine may be told."""
    token = await supplier_token(url)
    with running(
        home=ground.home,
        database_url=url,
        valkey_url=ground.valkey.url,
        issue_token=lambda _: token,
        worker=True,
    ) as portal:
        yield portal


@contextlib.contextmanager
def _listening() -> Any:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        port, descriptor = listener.getsockname()[1], listener.fileno()
        with helper("hooks", {"fd": descriptor}, pass_fds=[descriptor]) as receiver:
            yield port, receiver


@contextlib.contextmanager
def _dead() -> Any:
    """It takes connections, and never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        yield listener.getsockname()[1]


async def _endpoints(pool: Pool, portal: Portal, port: int) -> None:
    for number in range(ACCOUNTS):
        endpoint = f"we_{number}_{port}"
        await pool.execute(
            "insert into connection (id, kind, account, url, types) values ($1, 'webhook', $2, $3, $4)",
            endpoint, f"A{number}", f"http://127.0.0.1:{port}/hook", ["shipment.updated"],
        )  # fmt: skip
        await pool.execute(
            "insert into connection_secret (connection_id, sealed, made_at) values ($1, $2, $3)",
            endpoint, sealed.seal(signing.new_secret(), portal.settings.secret_key), datetime.now(UTC),
        )  # fmt: skip
