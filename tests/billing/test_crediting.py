"""What was billed is corrected by credit notes, never by editing."""

from decimal import Decimal

import asyncpg
import pytest

from portal.db.work import LawBroken, Work
from portal.domain.refusals import Conflict, NotFound, Unacceptable
from portal.operations import crediting_notes
from portal.operations.crediting_notes import Credit
from portal.operations.moving import Part
from tests.billing.books import STAFF, Books


async def test_a_cancelled_shipment_is_credited_in_full_and_billed_anew_when_it_leaves_again(
    books: Books,
) -> None:
    order = await books.order(("BOLT", 3, "10.00"), ("RARE", 7, "1.111111"), discount="10.00", freight="5.55")
    await books.ship(order, {1: 1, 2: 2})
    shipment = await books.ship(order, {1: 1, 2: 3})
    await books.take_back(shipment)
    _, second, note = await books.papers(order)
    assert note.corrects
    assert (note.corrects.number, note.reason) == (second.number, "shipment_cancelled")
    assert (note.total, note.taxes, note.lines_net) == (second.total, second.taxes, second.lines_net)
    await books.ship(order, {1: 2, 2: 5})
    assert await books.billed(order) == await books.worth(order)


async def test_a_short_delivery_is_credited_and_not_billed_again(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"))
    await books.ship(order, {1: 10})
    [paper] = await books.papers(order)
    note = await books.credit(paper.number, {1: 3})
    assert (str(note.total), note.reason) == ("10.80", "because")
    assert await books.figures(order) == ("0.00", "25.20", "25.20", "0.00")
    with pytest.raises(Unacceptable):
        await books.bill(order)


async def test_what_is_to_be_billed_again_is_billed_when_it_is_asked_for(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"))
    shipment = await books.ship(order, {1: 10})
    [paper] = await books.papers(order)
    await books.credit(paper.number, {1: 10}, rebill=True)
    assert await books.figures(order) == ("0.00", "36.00", "0.00", "0.00")
    [again] = await books.bill(order)
    assert (again.total, again.shipments[0].number, again.nth) == (paper.total, shipment, 2)


async def test_an_amount_is_credited_over_the_invoices_rates(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"), ("RARE", 4, "5.00"))
    await books.ship(order, {1: 10, 2: 4})
    [paper] = await books.papers(order)
    note = await books.credit(paper.number, amount="10.01")
    assert str(note.total) == "10.01"
    assert [(str(tax.rate), str(tax.base), str(tax.amount)) for tax in note.taxes] == [
        ("20", "5.27", "1.05"), ("5", "3.51", "0.18"),
    ]  # fmt: skip
    assert [(line.line, line.name, str(line.quantity)) for line in note.lines] == [
        (0, "because", "1"), (0, "because", "1"),
    ]  # fmt: skip
    assert await books.figures(order) == ("0.00", "46.99", "46.99", "0.00")
    with pytest.raises(Unacceptable, match=r"46.99 are left"):
        await books.credit(paper.number, amount="47.00")
    await books.credit(paper.number, amount="46.99")
    assert await books.billed(order) == 0


async def test_a_shipment_of_which_an_amount_was_credited_is_credited_with_what_is_left(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"))
    shipment = await books.ship(order, {1: 10})
    [paper] = await books.papers(order)
    await books.credit(paper.number, amount="6.00")
    await books.take_back(shipment)
    assert await books.totals(order) == ["36.00", "-6.00", "-30.00"]
    await books.ship(order, {1: 10})
    assert await books.totals(order) == ["36.00", "-6.00", "-30.00", "36.00"]
    assert await books.figures(order) == ("0.00", "36.00", "36.00", "0.00")


async def test_no_more_is_credited_than_was_billed(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"), ("MADE", 1, "5.00"))
    await books.ship(order, {1: 10})
    [paper] = await books.papers(order)
    await books.credit(paper.number, {1: 4})
    for lines, said in (
        ({1: 7}, "7 wanted, but 6 of line 1"),
        ({2: 1}, "has no line 2"),
        ({1: 0}, "more than 0"),
        ({1: "0.5"}, "whole pieces only"),
    ):
        with pytest.raises(Unacceptable, match=said):
            await books.credit(paper.number, lines)
    with pytest.raises(Unacceptable, match="either lines or an amount"):
        await books.credit(paper.number)
    with pytest.raises(NotFound):
        await books.credit("INV-2026-999999", {1: 1})
    [note] = await books.papers(order, "credit_note")
    with pytest.raises(Conflict, match="only an invoice"):
        await books.credit(note.number, {1: 1})


async def test_a_credit_note_is_foreseen_before_it_is_issued(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"), discount="1.00")
    await books.ship(order, {1: 10})
    [paper] = await books.papers(order)
    work = Work(books.pool)
    async with work:
        seen = await crediting_notes.foresee(
            work, STAFF, paper.number, Credit("because", [Part(1, Decimal(3))])
        )
    note = await books.credit(paper.number, {1: 3})
    assert (seen.total, seen.lines, seen.taxes, seen.order) == (
        note.total,
        note.lines,
        note.taxes,
        note.order,
    )
    assert seen.number == ""


async def test_nobody_can_rewrite_what_was_issued(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"))
    await books.ship(order, {1: 10})
    for statement in (
        "update invoice set total = total",
        "delete from invoice_line",
        "update invoice_tax set amount = amount",
    ):
        with pytest.raises(asyncpg.PostgresError, match="never changed or deleted"):
            await books.pool.execute(statement)


async def test_the_database_refuses_what_bills_more_than_is_billable(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"))
    await books.ship(order, {1: 4})
    work = Work(books.pool)
    with pytest.raises(LawBroken, match="are invoiced, but 4"):
        async with work:
            await work.conn.execute("update line_billing set invoiced = 5")


async def test_what_came_back_is_credited(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"), ("MADE", 2, "5.00"), discount="3.00")
    shipment = await books.ship(order, {1: 10, 2: 2})
    await books.bring_back(shipment, {1: 2})
    [paper, note] = await books.papers(order)
    assert [(line.line, str(line.quantity), line.shipment) for line in note.lines] == [(1, "2", shipment)]
    assert (note.reason, note.corrects and note.corrects.number) == ("returned", paper.number)
    await books.bring_back(shipment, {1: 8, 2: 2})
    assert await books.billed(order) == 0
    assert await books.figures(order) == ("0.00", "0.00", "0.00", "0.00")


async def test_what_was_short_and_what_came_back_are_credited_apart(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"))
    shipment = await books.ship(order, {1: 10})
    [paper] = await books.papers(order)
    await books.credit(paper.number, {1: 3})
    await books.bring_back(shipment, {1: 2})
    assert await books.totals(order) == ["36.00", "-10.80", "-7.20"]
    await books.bring_back(shipment, {1: 8})
    assert await books.billed(order) == 0


async def test_goods_that_leave_after_an_amount_and_a_return_were_credited_are_billed_in_full(
    books: Books,
) -> None:
    """Nothing was left to credit for what came back: that does not make what leaves later any cheaper."""
    order = await books.order(("BOLT", 20, "10.00"))
    shipment = await books.ship(order, {1: 10})
    [paper] = await books.papers(order)
    await books.credit(paper.number, amount="120.00")
    await books.bring_back(shipment, {1: 5})
    await books.ship(order, {1: 5})
    assert await books.totals(order) == ["120.00", "-120.00", "-0.00", "60.00"]
    [*_, note, latest] = await books.papers(order)
    assert (note.order.to_bill, latest.order.to_bill) == (Decimal("120.00"), Decimal("60.00"))


async def test_what_an_earlier_invoice_lacks_is_not_credited_of_the_next(books: Books) -> None:
    order = await books.order(("BOLT", 10, "10.00"), ("MADE", 10, "1.00"))
    shipment = await books.ship(order, {1: 10})
    [paper] = await books.papers(order)
    await books.credit(paper.number, amount="120.00")
    await books.bring_back(shipment, {1: 9})
    await books.bring_back(await books.ship(order, {2: 10}), {2: 1})
    assert await books.totals(order) == ["120.00", "-120.00", "-0.00", "12.00", "-1.20"]


async def test_goods_come_back_of_an_invoice_of_which_a_cent_more_was_credited_than_its_base(
    books: Books,
) -> None:
    """0.03 with a cent of rounding on a base of 0.02: as an amount they are 0.03 net of tax."""
    order = await books.order(("BOLT", 2, "0.02"))
    await books.ship(order, {1: 1})
    shipment = await books.ship(order, {1: 1})
    [_, paper] = await books.papers(order)
    await books.credit(paper.number, amount="0.03")
    await books.bring_back(shipment, {1: 1})
    assert await books.totals(order) == ["0.02", "0.03", "-0.03", "-0.00"]
