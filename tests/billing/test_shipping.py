"""Billed on shipment: each shipment has its invoice, at once and exactly."""

from itertools import permutations

import pytest

from portal.domain.refusals import Unacceptable
from tests.billing.books import Books


async def test_a_shipment_is_billed_in_the_same_transaction(books: Books) -> None:
    order = await books.order(("BOLT", 600, "0.12"), discount="10.00", freight="25.00")
    shipment = await books.ship(order, {1: 370})
    [paper] = await books.papers(order)
    assert [despatch.number for despatch in paper.shipments] == [shipment]
    [line] = paper.lines
    assert [str(n) for n in (line.ordered, line.previously_invoiced, line.quantity, line.outstanding)] == [
        "600", "0", "370", "230",
    ]  # fmt: skip
    assert [str(n) for n in (line.net, paper.net, paper.tax, paper.rounding, paper.total)] == [
        "44.40", "53.65", "10.73", "0.00", "64.38",
    ]  # fmt: skip
    assert [(str(a.amount), a.reason) for a in (*paper.allowances, *paper.charges)] == [
        ("6.17", "discount"), ("15.42", "freight"),
    ]  # fmt: skip


@pytest.mark.parametrize("split", sorted({p for s in ((3,), (1, 2), (1, 1, 1)) for p in permutations(s)}))
async def test_three_pieces_with_a_discount_of_ten_come_to_the_order(
    books: Books, split: tuple[int, ...]
) -> None:
    order = await books.order(("BOLT", 3, "10.00"), discount="10.00")
    for pieces in split:
        await books.ship(order, {1: pieces})
    assert await books.billed(order) == await books.worth(order)


async def test_a_shipments_freight_is_no_fraction_of_a_penny(books: Books) -> None:
    await books.terms(freight_policy="actual")
    order = await books.order(("BOLT", 2, "10.00"))
    with pytest.raises(Unacceptable, match="GBP has 2 decimals"):
        await books.ship(order, {1: 1}, freight="5.555")
    await books.ship(order, {1: 1}, freight="5.550")
    assert await books.totals(order) == ["18.66"]
