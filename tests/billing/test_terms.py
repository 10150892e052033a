"""When what is billed, by the account's terms."""

from datetime import timedelta
from decimal import Decimal

import pytest

from portal.db.work import Work
from portal.domain.refusals import Conflict, Unacceptable
from portal.operations import keeping_up
from tests.billing.books import Books, set_to


async def test_on_delivery_bills_line_by_line_when_the_carrier_says_so(books: Books) -> None:
    await books.terms(invoice_terms="on_delivery")
    order = await books.order(("BOLT", 10, "3.00"), ("MADE", 4, "5.00"), discount="7.00")
    shipment = await books.ship(order, {1: 10, 2: 4})
    assert await books.papers(order) == []
    await books.deliver(shipment, {1: 6})
    await books.deliver(shipment, {2: 4})
    await books.deliver(shipment)
    papers = await books.papers(order)
    assert [[(line.line, str(line.quantity)) for line in paper.lines] for paper in papers] == [
        [(1, "6")], [(2, "4")], [(1, "4")],
    ]  # fmt: skip
    assert await books.billed(order) == await books.worth(order)


async def test_on_order_bills_what_is_ordered_when_the_order_takes_its_place(books: Books) -> None:
    await books.terms(invoice_terms="on_order")
    order = await books.order(("BOLT", 10, "3.00"), freight="4.00")
    [paper] = await books.papers(order)
    assert (str(paper.total), paper.shipments, paper.terms) == ("40.80", [], "on_order")
    assert await books.figures(order) == ("40.80", "0.00", "40.80", "0.00")
    await books.ship(order, {1: 10})
    assert len(await books.papers(order)) == 1
    assert await books.figures(order) == ("0.00", "40.80", "40.80", "0.00")


async def test_a_prepaid_order_on_credit_hold_is_billed_when_it_is_released(books: Books) -> None:
    await books.terms(invoice_terms="on_order", credit_hold=True)
    order = await books.order(("BOLT", 10, "3.00"))
    assert await books.papers(order) == []
    await books.terms(invoice_terms="on_order")
    await books.lift(order, await books.standing_hold(order))
    assert await books.totals(order) == ["36.00"]


async def test_a_prepaid_quantity_that_is_cancelled_is_credited(books: Books) -> None:
    await books.terms(invoice_terms="on_order")
    order = await books.order(("BOLT", 3, "10.00"), discount="10.00")
    await books.cancel(order, {1: 1})
    [_, note] = await books.papers(order)
    assert (note.kind, str(note.total), note.reason) == ("credit_note", "8.00", "cancelled")
    await books.cancel(order, {1: 2})
    assert await books.totals(order) == ["24.00", "-8.00", "-16.00"]
    assert await books.figures(order) == ("0.00", "0.00", "0.00", "0.00")


async def test_a_prepaid_shipment_that_is_cancelled_stays_paid(books: Books) -> None:
    await books.terms(invoice_terms="on_order")
    order = await books.order(("BOLT", 3, "10.00"))
    shipment = await books.ship(order, {1: 3})
    await books.take_back(shipment)
    assert await books.totals(order) == ["36.00"]


async def test_at_completion_one_invoice_gathers_all_shipments(books: Books) -> None:
    await books.terms(invoice_terms="consolidated", consolidation="completion")
    order = await books.order(("BOLT", 10, "3.00"), ("MADE", 4, "5.00"), discount="7.00", freight="3.33")
    first = await books.ship(order, {1: 6})
    second = await books.ship(order, {1: 3, 2: 4})
    assert await books.papers(order) == []
    await books.cancel(order, {1: 1})
    [paper] = await books.papers(order)
    assert [(line.line, line.shipment, str(line.quantity), str(line.previously_invoiced), str(line.outstanding))
            for line in paper.lines] == [
        (1, first, "6", "0", "3"), (1, second, "3", "6", "0"), (2, second, "4", "0", "0"),
    ]  # fmt: skip
    assert [despatch.number for despatch in paper.shipments] == [first, second]
    assert paper.is_consolidated
    assert paper.period
    assert paper.order.to_bill == 0


async def test_a_week_is_billed_on_its_last_evening_and_once(books: Books) -> None:
    set_to("2026-11-23T09:00Z")  # a Monday
    await books.terms(invoice_terms="consolidated", consolidation="weekly", weekly_day="fri")
    order = await books.order(("BOLT", 10, "3.00"))
    other = await books.order(("BOLT", 5, "3.00"))
    await books.ship(order, {1: 4})
    set_to("2026-11-26T09:00Z")
    await books.ship(order, {1: 2})
    await books.ship(other, {1: 1})
    set_to("2026-11-27T17:59Z")
    await keeping_up.keep_up(books.pool)
    assert await books.papers(order) == []
    set_to("2026-11-27T18:00Z")
    for _ in range(2):
        await keeping_up.keep_up(books.pool)
    [paper] = await books.papers(order)
    assert [str(line.quantity) for line in paper.lines] == ["4", "2"]
    assert paper.period is not None
    assert [day.isoformat() for day in paper.period] == ["2026-11-21", "2026-11-27"]
    assert await books.totals(other) == ["3.60"]
    # What leaves later that evening is next week's.
    set_to("2026-11-27T20:00Z")
    await books.ship(order, {1: 4})
    set_to("2026-12-03T12:00Z")
    await keeping_up.keep_up(books.pool)
    assert len(await books.papers(order)) == 1
    set_to("2026-12-04T19:00Z")
    await keeping_up.keep_up(books.pool)
    assert await books.billed(order) == await books.worth(order)


async def test_a_month_is_billed_with_what_left_in_it_however_late_the_run_comes(books: Books) -> None:
    set_to("2026-11-10T09:00Z")
    await books.terms(invoice_terms="consolidated", consolidation="monthly")
    order = await books.order(("BOLT", 10, "3.00"))
    await books.ship(order, {1: 4})
    # The run of November comes only in December, when more has left.
    set_to("2026-12-02T09:00Z")
    await books.ship(order, {1: 6})
    await keeping_up.keep_up(books.pool)
    [paper] = await books.papers(order)
    assert [str(line.quantity) for line in paper.lines] == ["4"]
    assert paper.period is not None
    assert [day.isoformat() for day in paper.period] == ["2026-11-01", "2026-11-30"]
    assert paper.issued_on.isoformat() == "2026-12-02"
    set_to("2026-12-31T18:30Z")
    await keeping_up.keep_up(books.pool)
    assert await books.billed(order) == await books.worth(order)


async def test_what_is_gathered_can_be_billed_before_its_day(books: Books) -> None:
    await books.terms(invoice_terms="consolidated", consolidation="monthly")
    order = await books.order(("BOLT", 10, "3.00"))
    await books.ship(order, {1: 4})
    await books.ship(order, {1: 5})
    [paper] = await books.bill(order)
    assert len(paper.shipments) == 2
    with pytest.raises(Unacceptable, match="10 ordered, 9 shipped, 0 delivered, 9 invoiced"):
        await books.bill(order)


async def test_a_finance_hold_keeps_what_is_not_billed_and_lifting_it_bills_it(books: Books) -> None:
    await books.terms(invoice_terms="on_delivery")
    order = await books.order(("BOLT", 10, "3.00"), ("MADE", 4, "5.00"))
    shipment = await books.ship(order, {1: 10, 2: 4})
    hold = await books.hold(order, 1)
    await books.deliver(shipment)
    assert [[line.line for line in paper.lines] for paper in await books.papers(order)] == [[2]]
    with pytest.raises(Conflict, match="a finance hold stands"):
        await books.bill(order)
    await books.lift(order, hold)
    assert [[line.line for line in paper.lines] for paper in await books.papers(order)] == [[2], [1]]
    assert await books.billed(order) == await books.worth(order)


async def test_terms_are_read_when_something_is_billed(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"))
    first = await books.ship(order, {1: 4})
    await books.terms(invoice_terms="on_delivery")
    second = await books.ship(order, {1: 6})
    assert len(await books.papers(order)) == 1
    await books.deliver(first)
    assert len(await books.papers(order)) == 1, "it was billed when it left"
    await books.deliver(second)
    assert await books.billed(order) == await books.worth(order)


async def test_prepaid_before_and_shipped_after_the_terms_changed_is_billed_once(books: Books) -> None:
    await books.terms(invoice_terms="on_order")
    order = await books.order(("BOLT", 10, "3.00"))
    await books.terms(invoice_terms="on_shipment")
    await books.ship(order, {1: 10})
    assert await books.totals(order) == ["36.00"]


async def test_a_line_that_is_added_is_billed_at_its_own_price(books: Books) -> None:
    order = await books.order(("BOLT", 2, "10.00"), discount="5.00", freight="3.00")
    await books.ship(order, {1: 1})
    await books.add(order, "MADE", 1)
    await books.ship(order, {1: 1, 2: 1})
    first, second = await books.totals(order)
    assert (first, second) == ("10.80", str(Decimal("10.80") + Decimal("4.01")))
    assert await books.billed(order) == await books.worth(order)


async def test_a_message_that_came_before_its_shipment_bills_with_it(books: Books) -> None:
    await books.terms(invoice_terms="on_delivery")
    order = await books.order(("BOLT", 10, "3.00"))
    await books.hears("TRACK-1")
    await books.ship(order, {1: 10}, tracking="TRACK-1")
    [paper] = await books.papers(order)
    assert paper.shipments[0].delivered_on is not None
    assert await books.billed(order) == await books.worth(order)


async def test_an_order_that_was_billed_elsewhere_is_never_billed_and_owes_nothing(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"))
    work = Work(books.pool)
    async with work:
        await work.conn.execute("update orders set billed_elsewhere = true where number = $1", order)
    await books.ship(order, {1: 10})
    assert await books.papers(order) == []
    assert await books.figures(order) == ("0.00", "0.00", "0.00", "0.00")
    with pytest.raises(Unacceptable, match="before the portal knew it"):
        await books.bill(order)


async def test_an_invoice_says_when_it_falls_due_by_the_suppliers_calendar(books: Books) -> None:
    set_to("2026-11-30T23:30Z")
    await books.terms(payment_terms_days=60)
    order = await books.order(("BOLT", 10, "3.00"))
    await books.ship(order, {1: 10})
    [paper] = await books.papers(order)
    assert paper.due_on == paper.issued_on + timedelta(days=60)
    [told] = await books.told(order, "invoice.issued")
    assert told["invoice"] == paper.number
    assert told["due_on"] == paper.due_on.isoformat()
    assert told["lines"] == [{"line": 1, "sku": "BOLT", "quantity": "10"}]
