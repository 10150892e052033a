"""Receiving a purchase order that 10,000 portions wait for, against the plain UPDATE of the rows that change."""

import secrets
import time as clock
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal

from bench import planning
from bench.ground import Ground, pool_of
from bench.measuring import medians
from bench.planning import EACH, LINES_PER_ORDER, SKU, WAITING
from bench.telling import Findings, count, ratio, time
from portal.db.work import Pool, Work
from portal.operations import receiving
from portal.operations.receiving import Came
from tests.servers import named

ROUNDS = 3
REFERENCE = "7001"
# What a receipt changes in a portion; everything else stays.
CHANGES = (
    "id", "stage", "status", "location", "counted", "agreement", "inbound_line_id", "ships_on", "arrives_on",
    "first_ships_on", "first_arrives_on", "because",
)  # fmt: skip
KEPT = "create table kept as select {columns} from portion where sku = '{sku}' and stage = 'allocated'"
UPDATE = (
    "update portion p set "
    + ", ".join(f"{name} = k.{name}" for name in CHANGES if name != "id")
    + " from kept k where k.id = p.id"
)
# What else is written goes first: it tells of the days that were promised before.
LIMITS = {
    "UPDATE": (UPDATE,),
    "all rows": (planning.EVERYTHING.format(name="").replace("kept_ k", "kept k"), UPDATE),
}


async def run(ground: Ground) -> Findings:
    findings = Findings()
    table = findings.table(
        "what happens", "rows of portions that change", "portal", "limit", "takes", "ratio", "bar"
    )
    waiting = await _queue(ground)
    samples = []
    changed = 0
    for _ in range(ROUNDS + 1):
        async with _copy_of(ground, waiting) as pool:
            received = await _receive(pool)
            changed = await pool.fetchval("select count(*) from portion where stage = 'allocated'")
            await _keep(ground, pool)
        sample = {"portal": received}
        for limit, statements in LIMITS.items():
            async with _copy_of(ground, waiting) as pool:
                await _bring(ground, pool)
                sample[limit] = await _plainly(pool, statements)
        samples.append(sample)
    # The first round warms up.
    found = medians(samples[1:])
    for limit in LIMITS:
        table.add(
            "a purchase order is received in full", count(changed), time(found["portal"]), limit, time(found[limit]),
            ratio(found["portal"], found[limit]), "≤ 3 ×, 10,000 under 2 s" if limit == "UPDATE" else "",
        )  # fmt: skip
    findings.say(
        f"{WAITING:,} lines of {LINES_PER_ORDER} lines an order wait for one product. All that they wait for comes in: each "
        "gets its stock and a new promise, and each buyer is told. *UPDATE* writes the same portions by one statement from a "
        "table that is ready; *all rows* writes also the stamps of lines and orders, the moved promises and an event an order. "
        "Every round has a fresh copy of the queue."
    )
    return findings


async def _queue(ground: Ground) -> str:
    """The address of a database in which everybody waits for the purchase order."""
    url = await ground.database()
    async with pool_of(url) as pool:
        await planning.queue_up(pool)
        await planning.announce(pool, EACH * WAITING)
        await pool.execute("vacuum analyze")
    return url


@asynccontextmanager
async def _copy_of(ground: Ground, url: str) -> AsyncIterator[Pool]:
    """A database of its own with the same rows; gone afterwards."""
    name = f"bench_{secrets.token_hex(4)}"
    await ground.execute(f'create database {name} template "{url.rpartition("/")[2]}"')
    copy = named(ground.postgres.url, name)
    try:
        async with pool_of(copy, size=2) as pool:
            # The pages that it will need are in memory, on both sides.
            await pool.fetch("select count(*) from portion")
            yield pool
    finally:
        await ground.drop(copy)


async def _receive(pool: Pool) -> float:
    work = Work(pool)
    began = clock.perf_counter()
    async with work:
        await receiving.receive(work, "purchase_order", REFERENCE, [Came(1, Decimal(EACH * WAITING))], None)
    return clock.perf_counter() - began


async def _keep(ground: Ground, pool: Pool) -> None:
    await pool.execute(KEPT.format(columns=", ".join(CHANGES), sku=SKU))
    async with pool.acquire() as conn:
        await conn.copy_from_table("kept", output=str(ground.home / "kept.copy"))


async def _bring(ground: Ground, pool: Pool) -> None:
    await pool.execute(KEPT.format(columns=", ".join(CHANGES), sku=SKU) + " limit 0")
    async with pool.acquire() as conn:
        await conn.copy_to_table("kept", source=str(ground.home / "kept.copy"))
    await pool.execute("create index on kept (id); analyze kept")


async def _plainly(pool: Pool, statements: Sequence[str]) -> float:
    async with pool.acquire() as conn:
        began = clock.perf_counter()
        async with conn.transaction():
            for statement in statements:
                await conn.execute(statement)
        return clock.perf_counter() - began
