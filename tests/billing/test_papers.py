"""What an invoice says when it is issued: the parties, the order, what was billed before, what is to follow."""

from decimal import Decimal

from portal.operations.cataloguing import Address, Invoicing
from tests.billing.books import Books

HEAD_OFFICE = Address(["1 High Street", "Floor 3"], "York", "GB", postal_code="YO1 1AA")


async def test_it_says_who_buys_where_the_goods_went_and_who_sells(books: Books) -> None:
    await books.terms(
        tax_id="GB123456789",
        payment_terms_days=60,
        invoicing=Invoicing(
            legal_name="North Ltd", registration="0815", billing_name="North, Accounts", billing_address=HEAD_OFFICE,
            electronic_address="0088:5060012349998", buyer_reference="04011000-12345-34", contract_number="C-7",
            document_language="both",
        ),
    )  # fmt: skip
    order = await books.order(("BOLT", 10, "3.00"), purchase_order_number="4500012345")
    shipment = await books.ship(order, {1: 10}, tracking="TRACK-7")
    [paper] = await books.papers(order)
    buyer = paper.buyer
    assert (buyer.name, buyer.legal_name, buyer.vat_id) == ("North, Accounts", "North Ltd", "GB123456789")
    assert (buyer.address.city, buyer.address.lines) == ("York", ["1 High Street", "Floor 3"])
    assert (paper.deliver_to.name, paper.deliver_to.address.city) == ("Leeds", "Leeds")
    assert paper.seller.party.vat_id
    assert (paper.buyer_reference, paper.contract_number, paper.language) == (
        "04011000-12345-34",
        "C-7",
        "both",
    )
    assert (paper.order.number, paper.order.purchase_order_number) == (order, "4500012345")
    assert [(d.number, d.tracking) for d in paper.shipments] == [(shipment, ["TRACK-7"])]
    assert (paper.due_on - paper.issued_on).days == paper.payment_terms_days == 60  # type: ignore[operator]


async def test_bills_go_where_the_goods_go_unless_the_account_says_otherwise(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"))
    await books.ship(order, {1: 10})
    [paper] = await books.papers(order)
    assert (paper.buyer.name, paper.buyer.address) == ("North", paper.deliver_to.address)


async def test_it_says_what_was_billed_before_and_what_is_still_to_come(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"), ("MADE", 2, "5.00"))
    await books.ship(order, {1: 4})
    await books.ship(order, {1: 3})
    first, second = await books.papers(order)
    assert (first.nth, second.nth) == (1, 2)
    assert [(one.number, one.total) for one in second.preceding] == [(first.number, first.total)]
    assert [(part.line, str(part.quantity), part.status) for part in second.to_follow] == [
        (1, "3", "allocated"), (2, "2", "allocated"),
    ]  # fmt: skip
    assert all(part.arrives_on for part in second.to_follow)
    progress = second.order
    assert [str(n) for n in (progress.billed_before, progress.billed_after, progress.to_bill, progress.total)] == [
        "14.40", "25.20", "22.80", "48.00",
    ]  # fmt: skip
    assert (str(second.lines[0].previously_invoiced), str(second.lines[0].outstanding)) == ("4", "3")


async def test_a_price_finer_than_the_currency_is_said_for_a_hundred(books: Books) -> None:
    order = await books.order(("BOLT", 250, "0.0125"))
    await books.ship(order, {1: 250})
    [paper] = await books.papers(order)
    [line] = paper.lines
    assert (str(line.unit_price), str(line.price_per), str(line.net)) == ("1.25", "100", "3.13")


async def test_who_pays_no_tax_reads_why(books: Books) -> None:
    await books.terms(tax_status="exempt")
    order = await books.order(("BOLT", 10, "3.00"))
    await books.ship(order, {1: 10})
    [paper] = await books.papers(order)
    [tax] = paper.taxes
    assert (tax.code, str(tax.amount)) == ("E", "0.00")
    assert tax.reason


async def test_each_shipment_carries_its_own_freight_where_the_account_wants_that(books: Books) -> None:
    await books.terms(freight_policy="actual")
    order = await books.order(("BOLT", 10, "3.00"), freight="99.00")
    await books.ship(order, {1: 4}, freight="4.00")
    # What was agreed holds for this order.
    await books.terms(freight_policy="pro_rata")
    second = await books.ship(order, {1: 6}, freight="7.50")
    assert await books.totals(order) == ["19.20", "30.60"]
    assert await books.figures(order) == ("0.00", "49.80", "49.80", "0.00")
    await books.take_back(second)
    assert await books.totals(order) == ["19.20", "30.60", "-30.60"]


async def test_what_is_paid_before_it_leaves_carries_the_orders_freight(books: Books) -> None:
    await books.terms(freight_policy="actual", invoice_terms="on_order")
    order = await books.order(("BOLT", 10, "3.00"), freight="6.00")
    assert await books.billed(order) == await books.worth(order)


async def test_goods_without_a_price_are_billed_at_nothing(books: Books) -> None:
    order = await books.order(("BOLT", 10, "0"))
    await books.ship(order, {1: 10})
    [paper] = await books.papers(order)
    assert (paper.total, paper.lines[0].net) == (Decimal("0.00"), Decimal("0.00"))


async def test_events_tell_invoices_and_credit_notes(books: Books) -> None:
    order = await books.order(("BOLT", 10, "3.00"))
    shipment = await books.ship(order, {1: 10})
    await books.take_back(shipment)
    [issued], [noted] = [await books.told(order, kind) for kind in ("invoice.issued", "credit_note.issued")]
    assert (issued["total"], issued["shipments"], issued["corrects"]) == ("36.00", [shipment], None)
    assert (noted["total"], noted["corrects"], noted["reason"]) == (
        "36.00",
        issued["invoice"],
        "shipment_cancelled",
    )
