"""Planning one product anew that 10,000 order lines wait for, against the plain UPDATE of the rows that change."""

import time as clock
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bench import shop
from bench.ground import Ground, pool_of
from bench.measuring import Sample, in_turns
from bench.telling import Findings, count, ratio, time
from portal.db.inbound import Announced
from portal.db.work import Pool, Work
from portal.operations import counting, receiving
from portal.operations.placing import WantedLine

WAITING = 10_000
LINES_PER_ORDER = 100
EACH = Decimal(3)
ROUNDS = 5
SKU = "LONG"
# What a slip changes in a portion; everything else stays.
KEPT = """
create table kept_{name} as
select id, location, status, inbound_line_id, ships_on, arrives_on, first_ships_on, first_arrives_on, because
from portion where sku = '{sku}' and stage = 'waiting' and inbound_line_id is not null;
create index on kept_{name} (id); analyze kept_{name}
"""
UPDATE = """
update portion p set location = k.location, status = k.status, inbound_line_id = k.inbound_line_id, ships_on = k.ships_on,
    arrives_on = k.arrives_on, first_ships_on = k.first_ships_on, first_arrives_on = k.first_arrives_on, because = k.because
from kept_{name} k where k.id = p.id
"""
# All that a slip writes: portions, stamps on lines and orders, the moves, and an event for each order.
EVERYTHING = """
with moved as (
    select p.order_id, p.line_id, p.account, p.quantity, p.ships_on as old_ships_on, p.arrives_on as old_arrives_on,
        k.ships_on, k.arrives_on
    from kept_{name} k join portion p on p.id = k.id
), told as (
    update order_status s set version = version + 1, updated_at = now()
    where order_id in (select order_id from moved) returning order_id, account, version
), stamped as (
    update order_line l set version = t.version from told t join moved m using (order_id) where l.id = m.line_id
), kept as (
    insert into promise_change (order_id, line_id, account, quantity, old_ships_on, old_arrives_on, new_ships_on,
        new_arrives_on, cause, version, at)
    select order_id, line_id, m.account, quantity, old_ships_on, old_arrives_on, ships_on, arrives_on,
        '{{"what": "inbound_changed"}}', version, now() from moved m join told using (order_id)
), numbered as (
    update account_feed f set sequence = sequence + n.many
    from (select account, count(*) as many from told group by account) n
    where n.account = f.account returning f.account, f.sequence - n.many as before
)
insert into event (account, sequence, type, order_id, at, actor, version, data)
select t.account, n.before + row_number() over (partition by t.account order by t.order_id), 'promise.changed', t.order_id,
    now(), 'bench', t.version, (select jsonb_build_object('lines', jsonb_agg(jsonb_build_object('line', line_id,
        'old', old_arrives_on, 'new', arrives_on))) from moved m where m.order_id = t.order_id)
from told t join numbered n using (account)
"""


@dataclass(slots=True)
class _Bench:
    pool: Pool
    # How many units the supplier sends, and on which of two days.
    quantity: Decimal = Decimal(0)
    is_late: bool = False

    async def slip(self) -> Sample:
        """The supply moves to the other of two days; what the portal does, from message to commit."""
        self.is_late = not self.is_late
        return await self.announce()

    async def announce(self) -> Sample:
        expected_on = date.today() + timedelta(days=30 if self.is_late else 20)  # noqa: DTZ011 - any two days do
        lines = [Announced(1, SKU, self.quantity, expected_on)]
        wanted = receiving.Announcement(
            "purchase_order", "7001", "MAIN", lines, supplier="Acme", confirmed=True
        )
        async with self.work() as taken:
            await receiving.announce(taken.work, wanted)
        return {"seconds": taken.seconds}

    async def plainly(self, statement: str) -> Sample:
        """The same rows go to the other day by a plain statement."""
        self.is_late = not self.is_late
        text = statement.format(name="late" if self.is_late else "early")
        async with self.pool.acquire() as conn:
            began = clock.perf_counter()
            async with conn.transaction():
                await conn.execute(text)
            return {"seconds": clock.perf_counter() - began}

    async def keep(self, name: str) -> None:
        await self.pool.execute(f"drop table if exists kept_{name}")
        await self.pool.execute(KEPT.format(name=name, sku=SKU))

    async def place_behind(self) -> Sample:
        """One more line, after everybody."""
        began = clock.perf_counter()
        await shop.place(self.pool, "A3", [WantedLine(1, SKU, EACH)])
        return {"seconds": clock.perf_counter() - began}

    async def place_elsewhere(self) -> Sample:
        """One line of a product that nobody waits for."""
        began = clock.perf_counter()
        await shop.place(self.pool, "A3", [WantedLine(1, "SHORT", EACH)])
        return {"seconds": clock.perf_counter() - began}

    async def receive_some(self) -> Sample:
        """Stock for the first lines in the queue."""
        async with self.work() as taken:
            held = await taken.work.conn.fetchval(
                "select coalesce(sum(on_hand), 0) from stock_level where sku = $1", SKU
            )
            await counting.count(taken.work, "MAIN", SKU, held + 3 * EACH, None)
        return {"seconds": taken.seconds}

    @asynccontextmanager
    async def work(self) -> AsyncIterator["_Timed"]:
        timed = _Timed(Work(self.pool))
        began = clock.perf_counter()
        async with timed.work:
            yield timed
        timed.seconds = clock.perf_counter() - began


@dataclass(slots=True)
class _Timed:
    work: Work
    seconds: float = 0.0


async def run(ground: Ground) -> Findings:
    findings = Findings()
    table = findings.table(
        "what happens", "rows of portions that change", "portal", "limit", "takes", "ratio", "bar"
    )
    url = await ground.database()
    async with pool_of(url) as pool:
        await queue_up(pool)
        for share, bar in ((100, "≤ 3 ×, 10,000 under 2 s"), (40, ""), (1, "")):
            await _slips(table, _Bench(pool, EACH * WAITING * share / 100), bar)
        bench = _Bench(pool)
        placing = await in_turns({"behind": bench.place_behind, "elsewhere": bench.place_elsewhere}, rounds=7)
        behind, elsewhere = placing["behind"]["seconds"], placing["elsewhere"]["seconds"]
        table.add(
            f"an order of 1 line is placed behind {WAITING:,}", 1, time(behind), "the same with nobody waiting",
            time(elsewhere), ratio(behind, elsewhere), "grows with what changed",
        )  # fmt: skip
        some = await in_turns({"some": bench.receive_some}, rounds=5)
        table.add(
            "stock for the first 3 lines is counted in", 3, time(some["some"]["seconds"]), "", "", "", ""
        )
    findings.say(
        f"{WAITING:,} lines of {LINES_PER_ORDER} lines an order wait for one product. A purchase order that covers a part of "
        "them moves to another day, again and again. *UPDATE* writes the same portions by one statement from a table that "
        "is ready; *all rows* writes also the stamps of lines and orders, the moved promises and the events."
    )
    return findings


async def _slips(table: object, bench: _Bench, bar: str) -> None:
    await bench.slip()
    await bench.keep("late" if bench.is_late else "early")
    await bench.slip()
    await bench.keep("late" if bench.is_late else "early")
    rows = await bench.pool.fetchval("select count(*) from kept_late")
    await bench.pool.execute("vacuum analyze portion, order_line, order_status")
    found = await in_turns(
        {
            "portal": bench.slip,
            "UPDATE": lambda: bench.plainly(UPDATE),
            "all rows": lambda: bench.plainly(
                EVERYTHING.replace("\ninsert into event", "\n" + "insert into event")
            ),
        },
        rounds=ROUNDS,
    )
    mine = found["portal"]["seconds"]
    for limit in ("UPDATE", "all rows"):
        least = found[limit]["seconds"]
        table.add(  # type: ignore[attr-defined]
            "supply slips",
            count(rows),
            time(mine),
            limit,
            time(least),
            ratio(mine, least),
            bar if limit == "UPDATE" else "",
        )


async def announce(pool: Pool, quantity: Decimal) -> None:
    """A purchase order of so many units, expected in some weeks."""
    await _Bench(pool, quantity).announce()


async def queue_up(pool: Pool) -> None:
    """All those lines, placed one order after the other."""
    await shop.open_shop(pool)
    work = Work(pool)
    async with work:
        for sku in (SKU, "SHORT"):
            await shop.put_product(work, sku)
    for number in range(WAITING // LINES_PER_ORDER):
        lines = [WantedLine(n + 1, SKU, EACH) for n in range(LINES_PER_ORDER)]
        await shop.place(pool, f"A{number % 16}", lines)
    await pool.execute("vacuum analyze")
