"""Money that comes in the very moment in which the ERP takes an account over counts once."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from portal.db.work import Work
from portal.operations import cataloguing, paying
from portal.operations.paying import Money
from tests.billing.books import STAFF, Books
from tests.operations import supplier as goods

# Long enough for the other to stand before the lock.
A_WHILE = 0.5


async def hand_over(work: Work, to: str) -> None:
    terms: Any = goods.account("NORTH", credit_source=to)
    await cataloguing.put_account(work, terms)


async def pay(books: Books, invoice: str, amount: str) -> None:
    work = Work(books.pool, actor="bank")
    async with work:
        await paying.pay(work, STAFF, invoice, Money(Decimal(amount)))


@pytest.mark.parametrize(("before", "after"), [("portal", "erp"), ("erp", "portal")])
async def test_whoever_waits_for_the_other_sees_what_the_account_is_then(
    books: Books, before: str, after: str
) -> None:
    order = await books.order(("BOLT", 10, "1.00"))
    await books.ship(order, {1: 4})
    [paper] = await books.papers(order)
    fresh = await books.order(("BOLT", 1, "1.00"))
    work = Work(books.pool, actor="erp")
    async with work:
        await hand_over(work, before)
    async with work:
        await hand_over(work, after)
        paid = asyncio.create_task(pay(books, paper.number, "1.00"))
        shipped = asyncio.create_task(books.ship(fresh, {1: 1}))
        await asyncio.sleep(A_WHILE)
        assert not any(task.done() for task in (paid, shipped)), "the orders' figures are being rewritten"
    await asyncio.gather(paid, shipped)

    expected = ("0.00", "0.00") if after == "erp" else (f"{paper.total:.2f}", "1.00")
    assert (await books.figures(order))[2:] == expected
    assert (await books.figures(fresh))[2:] == (("0.00", "0.00") if after == "erp" else ("1.20", "0.00"))
