"""Two clerks at once, many shipments at once: billed once, and numbered without a gap."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from decimal import Decimal

import asyncpg
import pytest

from portal.db.patience import patiently
from portal.db.pool import open_pool
from portal.db.work import Pool, Work
from portal.domain.refusals import Refused, Unacceptable
from portal.operations import billing, shipping
from portal.operations.moving import Part
from portal.operations.shipping import Leaving
from tests.billing.books import STAFF, Books, set_to

CLERKS = 12


@pytest.fixture
async def many(database: str) -> AsyncIterator[Books]:
    """The same with enough connections for all of them."""
    async with await open_pool(database, size=CLERKS) as pool:
        books = Books(pool)
        await books.open()
        yield books
        await books.check()


async def outcomes(*tasks: Awaitable[object]) -> list[object]:
    return await asyncio.gather(*tasks, return_exceptions=True)


async def numbers(pool: Pool) -> list[int]:
    rows = await pool.fetch("select number from invoice where kind = 'invoice' order by number")
    return [int(row["number"].rpartition("-")[2]) for row in rows]


async def test_two_clerks_bill_the_same_order_at_once_and_one_of_them_is_told(many: Books) -> None:
    await many.terms(invoice_terms="consolidated", consolidation="monthly")
    order = await many.order(("BOLT", 10, "3.00"))
    await many.ship(order, {1: 10})
    done = await outcomes(*(many.bill(order) for _ in range(CLERKS)))
    assert sum(isinstance(one, list) for one in done) == 1
    assert sum(isinstance(one, Unacceptable) for one in done) == CLERKS - 1
    assert await many.billed(order) == await many.worth(order)


async def test_many_shipments_at_once_are_numbered_without_a_gap(many: Books) -> None:
    orders = [await many.order(("BOLT", 4, "3.00"), ("MADE", 4, "1.11")) for _ in range(CLERKS)]

    async def leave(order: str, line: int) -> str:
        return await patiently(lambda: many.ship(order, {line: 2}))

    done = await outcomes(*(leave(order, line) for order in orders for line in (1, 2, 1, 2)))
    assert all(isinstance(one, str) for one in done), done
    assert await numbers(many.pool) == list(range(1, 4 * CLERKS + 1))
    for order in orders:
        assert await many.billed(order) == await many.worth(order)


async def test_what_is_rolled_back_gives_its_number_back(many: Books) -> None:
    order = await many.order(("BOLT", 4, "3.00"))

    async def think_better_of_it() -> None:
        work = Work(many.pool, actor="test")
        async with work:
            await shipping.ship(work, STAFF, order, Leaving(location="MAIN", lines=[Part(1, Decimal(4))]))
            await work.close_books()
            assert await work.conn.fetchval("select count(*) from invoice") == 1
            raise RuntimeError("not after all")

    with pytest.raises(RuntimeError, match="after all"):
        await think_better_of_it()
    await many.ship(order, {1: 4})
    assert await numbers(many.pool) == [1]


async def test_crediting_and_taking_back_at_once_credit_once(many: Books) -> None:
    order = await many.order(("BOLT", 4, "3.00"))
    shipment = await many.ship(order, {1: 4})
    [paper] = await many.papers(order)
    done = await outcomes(
        many.take_back(shipment),
        many.credit(paper.number, {1: 3}),
        many.credit(paper.number, {1: 3}),
        many.take_back(shipment),
        many.credit(paper.number, amount="10.00"),
    )
    assert all(not isinstance(one, Exception) or isinstance(one, Refused) for one in done), done
    assert await many.billed(order) == 0
    status = await many.pool.fetchrow(
        "select total, credited, due from invoice_status where kind = 'invoice'"
    )
    assert status is not None
    assert (status["credited"], status["due"]) == (status["total"], 0)


async def test_invoices_and_credit_notes_of_many_orders_at_once_do_not_stand_in_each_others_way(
    many: Books,
) -> None:
    """Each takes back a shipment and ships again: both series are wanted by all."""
    orders = [await many.order(("BOLT", 4, "3.00")) for _ in range(CLERKS)]
    shipments = [await many.ship(order, {1: 4}) for order in orders]

    async def again(order: str, shipment: str) -> None:
        await many.take_back(shipment)
        await many.ship(order, {1: 3})

    done = await outcomes(*(again(*one) for one in zip(orders, shipments, strict=True)))
    assert not [one for one in done if isinstance(one, Exception)]
    for order in orders:
        assert await many.totals(order) == ["14.40", "-14.40", "10.80"]


async def test_whoever_waits_for_a_number_holds_nobody_else_up(many: Books) -> None:
    """A clerk who sits on the last number lets others order, pick and pack, though not issue."""
    first, second = [await many.order(("BOLT", 4, "3.00")) for _ in range(2)]
    sitting = Work(many.pool, actor="test")
    async with sitting:
        await shipping.ship(sitting, STAFF, first, Leaving(location="MAIN", lines=[Part(1, Decimal(4))]))
        await sitting.close_books()
        waiting = asyncio.create_task(many.ship(second, {1: 4}))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await sitting.conn.execute("select 1")
    assert await waiting


async def test_a_new_year_begins_at_one(many: Books) -> None:
    set_to("2026-12-31T12:00Z")
    order = await many.order(("BOLT", 4, "3.00"))
    await many.ship(order, {1: 1})
    set_to("2027-01-01T12:00Z")
    await many.ship(order, {1: 1})
    assert [paper.number for paper in await many.papers(order)] == ["INV-2026-000001", "INV-2027-000001"]


async def test_a_broken_connection_leaves_neither_goods_nor_invoice(many: Books) -> None:
    order = await many.order(("BOLT", 4, "3.00"))

    async def break_off() -> None:
        work = Work(many.pool, actor="test")
        async with work:
            await shipping.ship(work, STAFF, order, Leaving(location="MAIN", lines=[Part(1, Decimal(4))]))
            await billing.follow(work, await work.conn.fetchval("select id from orders"))
            mine = await work.conn.fetchval("select pg_backend_pid()")
            await many.pool.execute("select pg_terminate_backend($1)", mine)
            await asyncio.sleep(0.2)
            await work.conn.execute("select 1")

    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, ConnectionError)):
        await break_off()
    assert await many.papers(order) == []
    await many.ship(order, {1: 4})
    assert await numbers(many.pool) == [1]
