"""Placing an order of 38 lines, against the same rows written by one plain SQL script; shipping; the last 10 units."""

import asyncio
import time as clock
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count as counter

from bench import shop
from bench.calling import Caller, Cost, caller, post
from bench.ground import Ground, pool_of
from bench.measuring import Sample, in_turns, quantile
from bench.telling import Findings, count, ratio, time
from portal.db.work import Pool, Work
from portal.operations import shipping
from portal.operations.moving import Part
from portal.operations.placing import WantedLine
from tests.portals import Portal

LINES = 38
PRODUCTS = 200
ACCOUNTS = 16
AT_ONCE = (1, 16)
ORDERS = 64
ROUNDS = 7
BUYERS, UNITS = 64, 10

# Every row that placing writes, with values that are known beforehand, in one message to the database.
SCRIPT = """
begin;
insert into orders (number, arrival, account, ship_to, purchase_order_number, placed_by, placed_at, delivery_preference,
    currency, goods, tax, total)
values ('SQL-{n}', nextval('arrival'), '{account}', 'LEEDS', '4500118236', 'bench', now(), 'as_available', 'GBP', 171, 34.2,
    205.2);
insert into order_line (order_id, account, line, sku, name, unit, mode, tax_category, tax_rate, quantity, unit_price,
    price_source, version)
values {lines};
insert into portion (line_id, order_id, account, sku, quantity, stage, status, location, ships_on, arrives_on,
    first_ships_on, first_arrives_on, because, waiting_since)
select id, order_id, account, sku, quantity, 'allocated', 'allocated', 'MAIN', current_date + 1, current_date + 3,
    current_date + 1, current_date + 3, '{because}', current_date
from order_line where order_id = (select currval(pg_get_serial_sequence('orders', 'id')));
insert into order_status (order_id, account, version, state, lines, to_come, next_arrival, open_value, counted_open,
    updated_at)
values (currval(pg_get_serial_sequence('orders', 'id')), '{account}', 1, 'open', {count}, {to_come}, current_date + 3, 205.2,
    205.2, now());
insert into credit_entry (account, order_id, because, open_orders, at)
values ('{account}', currval(pg_get_serial_sequence('orders', 'id')), 'order.placed', 205.2, now());
select from stock_level where location = 'MAIN' and sku in ({skus}) order by sku for update;
update stock_level set allocated = allocated + 3 where location = 'MAIN' and sku in ({skus});
update account_feed set sequence = sequence + 2 where account = '{account}';
insert into event (account, sequence, type, order_id, at, actor, version, data)
select '{account}', f.sequence - 1 + e.n, e.type, currval(pg_get_serial_sequence('orders', 'id')), now(), 'bench', 1, e.data
from account_feed f, (values (0, 'order.placed', '{placed}'::jsonb), (1, 'portion.allocated', '{allocated}'::jsonb))
    as e(n, type, data)
where f.account = '{account}';
select pg_notify('portal', currval(pg_get_serial_sequence('orders', 'id')) || ':1');
commit;
"""
LINE = (
    "(currval(pg_get_serial_sequence('orders', 'id')), '{account}', {line}, '{sku}', 'Angle bracket {sku}, galvanised', "
    "'C62', 'parcel', 'standard', 20, 3, 1.5, 'list', 1)"
)
BECAUSE = (
    '[{"fact": "on_shelf", "location": "MAIN", "quantity": "3"}, {"days": 1, "fact": "handling", "location": "MAIN"}, '
    '{"days": 2, "fact": "transit", "location": "MAIN", "mode": "parcel"}]'
)
PLACED = (
    '{"purchase_order_number": "4500118236", "total": "205.20", "currency": "GBP", "lines": 38, '
    '"placed_at": "2026-11-18T09:00:00+00:00", "waiting": []}'
)


async def run(ground: Ground) -> Findings:
    findings = Findings()
    table = findings.table(
        "what", "at once", "portal", "portal/s", "plain SQL", "plain SQL/s", "ratio", "bar"
    )
    url = await ground.database()
    async with pool_of(url) as pool:
        await shop.open_shop(pool, accounts=ACCOUNTS, products=PRODUCTS)
        await pool.execute("vacuum analyze")
        bench = _Bench(pool)
        await _place(table, bench)
        ship = findings.table("what", "at once", "p50", "per second", "web CPU", "PostgreSQL's", "bar")
        async with ground.portal(url, processes=2) as portal, caller(lambda: ground.database_pids) as load:
            await _over_http(ship, bench, portal, load)
            sold = await _last_units(pool, portal, load)
    findings.say(
        f"An order of {LINES} lines in stock, out of {PRODUCTS} products and {ACCOUNTS} accounts: priced, checked for credit, "
        "given stock and promises, with its events. *Plain SQL* is one script with every value written out, sent as one "
        "message; it neither reads nor decides. Through HTTP two web processes answer with the whole order as JSON.\n\n"
        f"{BUYERS} buyers at once order one each of the last {UNITS} units of a product that takes no backorders: {sold}."
    )
    return findings


@dataclass(slots=True)
class _Bench:
    pool: Pool
    number: Callable[[], int] = counter(1).__next__
    placed: tuple[str, ...] = ()

    async def portal(self) -> None:
        n = self.number()
        number = await shop.place(
            self.pool, f"A{n % ACCOUNTS}", [WantedLine(i, sku, Decimal(3)) for i, sku in wanted_of(n)]
        )
        self.placed = (*self.placed, number)

    async def plain(self) -> None:
        script = script_of(self.number())
        async with self.pool.acquire() as conn:
            await conn.execute(script)

    async def ship(self) -> None:
        number, self.placed = self.placed[-1], self.placed[:-1]
        work = Work(self.pool)
        async with work:
            parts = [Part(line, Decimal(1)) for line in range(1, LINES + 1)]
            await shipping.ship(work, shop.EVERYBODY, number, shipping.Leaving("MAIN", parts))


def wanted_of(n: int) -> list[tuple[int, str]]:
    """The lines of the order of that number."""
    return [(i + 1, f"P{(i * 5 + n) % PRODUCTS:03}") for i in range(LINES)]


def script_of(n: int, accounts: int = ACCOUNTS) -> str:
    """All that the order of that number writes."""
    account, wanted = f"A{n % accounts}", wanted_of(n)
    told = ", ".join(
        f'{{"sku": "{sku}", "line": {i}, "location": "MAIN", "quantity": "3", "ships_on": "2026-11-23", '
        f'"arrives_on": "2026-11-25", "waits": "0"}}'
        for i, sku in wanted
    )
    return SCRIPT.format(
        n=n,
        account=account,
        lines=", ".join(LINE.format(account=account, line=i, sku=sku) for i, sku in wanted),
        because=BECAUSE,
        count=LINES,
        to_come=3 * LINES,
        skus=", ".join(f"'{sku}'" for _, sku in wanted),
        placed=PLACED,
        allocated=f'{{"lines": [{told}], "cause": {{"what": "order_placed"}}}}',
    )


async def at_once(what: Callable[[], Awaitable[None]], many: int, wide: int) -> Sample:
    """Do it `many` times, `wide` at once."""
    room = asyncio.Semaphore(wide)
    took = []

    async def one() -> None:
        async with room:
            began = clock.perf_counter()
            await what()
            took.append(clock.perf_counter() - began)

    began = clock.perf_counter()
    await asyncio.gather(*(one() for _ in range(many)))
    return {"seconds": clock.perf_counter() - began, "p50": quantile(took, 0.5)}


async def _place(table: object, bench: _Bench) -> None:
    for wide in AT_ONCE:
        many = ORDERS if wide > 1 else ORDERS // 2
        found = await in_turns(
            {
                "portal": lambda many=many, wide=wide: at_once(bench.portal, many, wide),  # type: ignore[misc]
                "plain": lambda many=many, wide=wide: at_once(bench.plain, many, wide),  # type: ignore[misc]
            },
            rounds=ROUNDS,
        )
        ours, base = found["portal"], found["plain"]
        table.add(  # type: ignore[attr-defined]
            f"an order of {LINES} lines", wide, time(ours["p50"]), count(many / ours["seconds"]), time(base["p50"]),
            count(many / base["seconds"]), ratio(ours["seconds"], base["seconds"]), "≤ 3 ×",
        )  # fmt: skip


async def _over_http(table: object, bench: _Bench, portal: Portal, load: Caller) -> None:
    path, token = "/api/v1/orders", portal.erp_token
    pids = [process.pid for process in portal.processes]

    def orders(many: int) -> list[str]:
        bodies = []
        for n in (bench.number() for _ in range(many)):
            lines = [{"line": i, "sku": sku, "quantity": "3"} for i, sku in wanted_of(n)]
            bodies.append({"account": f"A{n % ACCOUNTS}", "lines": lines})
        return [post(path, body, token) for body in bodies]

    def shipments(numbers: Sequence[str]) -> list[str]:
        body = {"location": "MAIN", "lines": [{"line": n, "quantity": "1"} for n in range(1, LINES + 1)]}
        return [post(f"{path}/{number}/shipments", body, token) for number in numbers]

    for wide in AT_ONCE:
        many = 128 if wide > 1 else 48

        async def send(requests: Sequence[str], wide: int = wide) -> Cost:
            cost = await load.call(portal.base_url, requests, pids, connections=wide, once=True)
            assert set(cost.statuses) <= {200, 201}, cost.statuses
            return cost

        await send(orders(16))
        placed = await send(orders(many))
        newest = await bench.pool.fetch(
            "select number from orders where number like 'SO-%' order by id desc limit $1", many
        )
        shipped = await send(shipments([row["number"] for row in newest]))
        for what, cost, bar in (
            ("POST an order", placed, "≥ 150/s"),
            ("POST a shipment of 38 lines", shipped, "≥ 200/s"),
        ):
            table.add(  # type: ignore[attr-defined]
                what, wide, time(cost.p50), count(cost.per_second), time(cost.web), time(cost.database),
                bar if wide > 1 else "",
            )  # fmt: skip


async def _last_units(pool: Pool, portal: Portal, load: Caller) -> str:
    work = Work(pool)
    async with work:
        await shop.put_product(work, "LAST", backorders="deny")
    await shop.put_stock(pool, "LAST", Decimal(UNITS))
    pids = [process.pid for process in portal.processes]
    requests = [
        post(
            "/api/v1/orders",
            {"account": f"A{n % ACCOUNTS}", "lines": [{"sku": "LAST", "quantity": "1"}]},
            portal.erp_token,
        )
        for n in range(BUYERS)
    ]
    cost = await load.call(portal.base_url, requests, pids, connections=BUYERS, once=True)
    sold = await pool.fetchval(
        "select coalesce(sum(quantity), 0) from portion where sku = 'LAST' and stage <> 'cancelled'"
    )
    won, refused = cost.statuses.get(201, 0), cost.statuses.get(422, 0)
    assert (sold, won, refused) == (UNITS, UNITS, BUYERS - UNITS), (sold, cost.statuses)
    return f"exactly {sold:.0f} are sold, {refused} buyers are refused"
