"""Shipping half of an order of 38 lines, and billing it, against the same rows written by one plain SQL script."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count as counter

from bench import shop
from bench.ground import Ground, pool_of
from bench.measuring import Sample, in_turns
from bench.placing import ACCOUNTS, AT_ONCE, LINES, PRODUCTS, at_once, script_of
from bench.telling import Findings, count, ratio, time
from portal.db.work import Pool, Work
from portal.operations import shipping
from portal.operations.moving import Part

HALF = LINES // 2
ORDERS = {1: 16, 16: 32}
ROUNDS = 5
PLACED_AT_ONCE = 8

# Every row that the shipment writes, with values that are known beforehand, in one message to the database.
SCRIPT = """
begin;
insert into shipment (number, order_id, account, location, mode, state, shipped_at, expected_on)
values ('SQL-SH-{order}', {order}, '{account}', 'MAIN', 'parcel', 'shipped', now(), current_date + 2);
insert into shipment_line (shipment_id, line_id, quantity)
select currval(pg_get_serial_sequence('shipment', 'id')), unnest('{{{lines}}}'::bigint[]), 3;
update portion set stage = 'shipped', status = 'shipped',
    shipment_id = currval(pg_get_serial_sequence('shipment', 'id')), ships_on = current_date,
    arrives_on = current_date + 2, because = '{because}'
where id in ({portions});
select from stock_level where location = 'MAIN' and sku in ({skus}) order by sku for update;
update stock_level set on_hand = on_hand - 3, allocated = allocated - 3 where location = 'MAIN' and sku in ({skus});
{invoice}
update order_status set version = 2, lines_complete = {half}, to_come = {to_come}, open_value = 102.6,
    shipped_value = 102.6, invoiced_value = 102.6, updated_at = now() where order_id = {order};
update order_line set version = 2 where id in ({lines});
{moves}
update account_feed set sequence = sequence + 2 where account = '{account}';
insert into event (account, sequence, type, order_id, at, actor, version, data)
select '{account}', f.sequence, 'shipment.shipped', {order}, now(), 'bench', 2, '{told}'::jsonb
from account_feed f where f.account = '{account}';
insert into event (account, sequence, type, order_id, at, actor, version, data)
select '{account}', f.sequence - 1, 'invoice.issued', {order}, now(), 'bench', 2, '{told}'::jsonb
from account_feed f where f.account = '{account}';
insert into credit_entry (account, order_id, because, open_orders, invoiced_unpaid, at)
values ('{account}', {order}, 'shipment.shipped', -102.6, 102.6, now());
select pg_notify('portal', '{order}:2');
commit;
"""
# The invoice of what left, with all that its paper says as it stands in an invoice of the same goods.
INVOICE = """
insert into number_series (series, last) values ('SQL', 1)
on conflict (series) do update set last = number_series.last + 1;
insert into invoice (number, kind, order_id, account, nth, currency, issued_on, due_on, terms, lines_net, allowances,
    charges, net, tax, rounding, total, facts, issued_by, issued_at)
select 'SQL-INV-{order}', 'invoice', {order}, '{account}', 1, i.currency, i.issued_on, i.due_on, i.terms, i.lines_net,
    i.allowances, i.charges, i.net, i.tax, i.rounding, i.total, '{facts}'::jsonb, 'bench', now()
from invoice i where i.id = {like};
insert into invoice_line (invoice_id, position, order_id, account, line_id, shipment_id, quantity, unit_price, net)
select currval(pg_get_serial_sequence('invoice', 'id')), n, {order}, '{account}', id,
    currval(pg_get_serial_sequence('shipment', 'id')), 3, 1.5, 4.5
from unnest('{{{lines}}}'::bigint[]) with ordinality as l(id, n);
insert into invoice_tax (invoice_id, category, code, rate, lines_net, discount, freight, allowance, charge, base, amount)
values (currval(pg_get_serial_sequence('invoice', 'id')), 'standard', 'S', 20, 85.5, 0, 0, 0, 0, 85.5, 17.1);
insert into invoice_status (invoice_id, order_id, account, kind, total, due, due_on, updated_at)
values (currval(pg_get_serial_sequence('invoice', 'id')), {order}, '{account}', 'invoice', 102.6, 102.6, current_date,
    now());
insert into invoice_document (invoice_id) values (currval(pg_get_serial_sequence('invoice', 'id')));
insert into line_billing (line_id, order_id, account, invoiced, basis)
select unnest('{{{lines}}}'::bigint[]), {order}, '{account}', 3, 'shipped';
select pg_notify('portal_documents', '{order}');
"""
# A promise that reads otherwise now is kept on record; goods that leave on the promised day move none.
MOVES = """
insert into promise_change (order_id, line_id, account, quantity, old_ships_on, old_arrives_on, new_ships_on,
    new_arrives_on, cause, version, at)
select {order}, unnest('{{{lines}}}'::bigint[]), '{account}', 3, current_date + 1, current_date + 3, current_date,
    current_date + 2, '{{"what": "shipped", "shipment": "SQL-SH-{order}"}}', 2, now();
"""
BECAUSE = '[{"days": 2, "fact": "transit", "location": "MAIN", "mode": "parcel"}]'
TOLD = (
    '{{"shipment": "SQL-SH-{order}", "state": "shipped", "mode": "parcel", "carrier": null, "location": "MAIN", '
    '"expected_on": "2026-11-20", "lines": [{lines}], "packages": [], "placed_at": "2026-11-18T09:00:00+00:00", '
    '"shipped_at": "2026-11-18T09:00:00+00:00", "is_first": true, "leaves": "57"}}'
)
FRESH = """
select o.number, o.id, o.account, array_agg(l.id order by l.line) as lines, array_agg(p.id order by l.line) as portions,
    array_agg(l.sku order by l.line) as skus
from orders o join order_line l on l.order_id = o.id join portion p on p.line_id = l.id
where o.number = any($1::text[]) group by o.id order by o.id
"""


async def run(ground: Ground) -> Findings:
    findings = Findings()
    table = findings.table(
        "what", "at once", "portal", "portal/s", "plain SQL", "plain SQL/s", "ratio", "bar"
    )
    url = await ground.database()
    async with pool_of(url) as pool:
        await shop.open_shop(pool, accounts=ACCOUNTS, products=PRODUCTS)
        bench = _Bench(pool)
        await bench.place(1)
        bench.moves = await bench.look()
        await pool.execute("vacuum analyze")
        for wide in AT_ONCE:
            many = ORDERS[wide]
            found = await in_turns(
                {
                    "portal": lambda many=many, wide=wide: bench.portal(many, wide),  # type: ignore[misc]
                    "plain": lambda many=many, wide=wide: bench.plain(many, wide),  # type: ignore[misc]
                },
                rounds=ROUNDS,
            )
            ours, base = found["portal"], found["plain"]
            table.add(
                f"{HALF} of {LINES} lines", wide, time(ours["p50"]), count(many / ours["seconds"]), time(base["p50"]),
                count(many / base["seconds"]), ratio(ours["seconds"], base["seconds"]),
                "≤ 3 ×" if wide == 1 else "≤ 3 ×, ≥ 200/s",
            )  # fmt: skip
    await ground.drop(url)
    findings.say(
        f"Half of an order of {LINES} lines leaves, all of {HALF} lines that stand ready, and is invoiced; out of {PRODUCTS} products and "
        f"{ACCOUNTS} accounts. Each order is shipped once; they are placed before the clock runs. *Plain SQL* is one script "
        "with every value written out, sent as one message; it neither reads nor decides."
    )
    return findings


@dataclass(slots=True)
class _Bench:
    pool: Pool
    number: Callable[[], int] = field(default_factory=lambda: counter(1).__next__)
    # Whether what ships today was promised for another day: it depends on the day of the week.
    moves: bool = False
    # An invoice of the portal's own, and what its paper says: (id, JSON).
    invoice: tuple[int, str] = (0, "")

    async def place(self, many: int) -> list[str]:
        """So many fresh orders, by plain SQL."""
        room = asyncio.Semaphore(PLACED_AT_ONCE)

        async def one(n: int) -> str:
            async with room, self.pool.acquire() as conn:
                await conn.execute(script_of(n))
            return f"SQL-{n}"

        return list(await asyncio.gather(*(one(self.number()) for _ in range(many))))

    async def look(self) -> bool:
        """Ship an order, and see whether that moves promises."""
        [number] = await self.place(1)
        await self._ship(number)
        row = await self.pool.fetchrow("select id, facts::text as facts from invoice order by id limit 1")
        assert row is not None
        self.invoice = (row["id"], row["facts"].replace("'", "''"))
        return bool(await self.pool.fetchval("select count(*) from promise_change"))

    async def portal(self, many: int, wide: int) -> Sample:
        waiting = await self.place(many)
        return await at_once(lambda: self._ship(waiting.pop()), many, wide)

    async def plain(self, many: int, wide: int) -> Sample:
        rows = await self.pool.fetch(FRESH, await self.place(many))
        waiting = [
            _script(
                row["id"],
                row["account"],
                row["lines"],
                row["portions"],
                row["skus"],
                self.moves,
                self.invoice,
            )
            for row in rows
        ]
        return await at_once(lambda: self._run(waiting.pop()), many, wide)

    async def _ship(self, number: str) -> None:
        work = Work(self.pool)
        async with work:
            parts = [Part(line, Decimal(3)) for line in range(1, HALF + 1)]
            await shipping.ship(work, shop.EVERYBODY, number, shipping.Leaving("MAIN", parts))

    async def _run(self, script: str) -> None:
        async with self.pool.acquire() as conn:
            await conn.execute(script)


def _script(
    order: int,
    account: str,
    lines: Sequence[int],
    portions: Sequence[int],
    skus: Sequence[str],
    moves: bool,
    invoice: tuple[int, str],
) -> str:
    ids = ", ".join(map(str, lines[:HALF]))
    told = ", ".join(
        f'{{"line": {line}, "sku": "{sku}", "quantity": "3"}}' for line, sku in enumerate(skus[:HALF], 1)
    )
    return SCRIPT.format(
        order=order,
        account=account,
        lines=ids,
        portions=", ".join(map(str, portions[:HALF])),
        skus=", ".join(f"'{sku}'" for sku in skus[:HALF]),
        half=HALF,
        to_come=3 * (LINES - HALF),
        because=BECAUSE,
        moves=MOVES.format(order=order, lines=ids, account=account) if moves else "",
        told=TOLD.format(order=order, lines=told),
        invoice=INVOICE.format(order=order, account=account, lines=ids, like=invoice[0], facts=invoice[1]),
    )
