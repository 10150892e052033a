"""What is invoiced and paid counts once: by the portal's own books or the ERP's, and across a change between them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from portal.db.owed import OWING
from portal.db.pool import open_pool
from tests.credit.conftest import Books
from tests.scenarios.driver import Json, ship_to

KINDS = ("open_orders", "shipped_not_invoiced", "invoiced_unpaid")
NOTHING = ("0.00", "0.00", "0.00")


def moved(books: Books) -> list[tuple[str, ...]]:
    return [
        (entry["because"], *(entry[kind] for kind in KINDS), entry["balance"]) for entry in books.ledger()
    ]


def at_once(books: Books, asks: list[tuple[str, str, Json]]) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(asks)) as many:
        return list(many.map(lambda ask: books.erp.request(ask[0], ask[1], json=ask[2]), asks))


def asked(books: Books, query: str, *values: object) -> Any:
    async def ask() -> Any:
        async with await open_pool(books.portal.database_url, size=1) as pool:
            return await pool.fetchval(query, *values)

    return asyncio.run(ask())


def test_the_ledger_follows_an_order_from_placing_to_the_last_payment(books: Books) -> None:
    books.account("BUYER", tax_status="exempt", invoice_terms="consolidated", consolidation="monthly")
    order = books.order("BUYER", {"BOLT": 10})
    books.ship(order, "MAIN", {1: 4})
    invoice = books.bill(order)
    books.credit_note(invoice, {1: 1})
    books.pay(invoice, "35.00")
    books.refund(invoice, "5.00")
    assert moved(books) == [
        ("order.placed", "100.00", "0.00", "0.00", "100.00"),
        ("shipment.shipped", "-40.00", "40.00", "0.00", "100.00"),
        ("invoice.issued", "0.00", "-40.00", "40.00", "100.00"),
        ("credit_note.issued", "0.00", "0.00", "-10.00", "90.00"),
        ("payment.received", "0.00", "0.00", "-35.00", "55.00"),
        ("payment.refunded", "0.00", "0.00", "5.00", "60.00"),
    ]
    assert books.owes() == ("60.00", "0.00", "0.00")


def test_a_credit_of_an_amount_and_one_that_is_billed_again_count_as_they_should(books: Books) -> None:
    books.account("BUYER", tax_status="exempt")
    order = books.order("BUYER", {"BOLT": 10})
    books.ship(order, "MAIN", {1: 10})
    [invoice] = books.invoices(order)
    books.credit_note(invoice, amount="15.00")
    assert books.owes() == ("0.00", "0.00", "85.00")
    books.credit_note(invoice, {1: 2}, rebill=True)
    left = books.owes()
    assert (left[0], sum(float(amount) for amount in left)) == ("0.00", 85.0)
    assert books.read(order)["totals"]["outstanding"] == left[1]


def test_where_the_erp_knows_what_is_owed_invoices_and_payments_of_the_portal_count_nothing(
    books: Books,
) -> None:
    books.buyer()
    books.says(credit_limit="500.00")
    order = books.order("BUYER", {"BOLT": 10})
    books.ship(order, "MAIN", {1: 4})
    assert books.owes() == ("60.00", "40.00", "0.00")
    books.says(credit_limit="500.00", portal_invoiced="40.00", invoiced_unpaid="40.00")
    assert books.owes() == ("60.00", "0.00", "40.00")
    [invoice] = books.invoices(order)
    books.pay(invoice, "40.00")
    assert books.owes() == ("60.00", "0.00", "40.00"), "until the ERP says that it was paid"
    assert (books.invoice(invoice["number"])["state"], books.read(order)["totals"]["paid"]) == (
        "paid",
        "40.00",
    )
    books.says(credit_limit="500.00", portal_invoiced="40.00")
    assert books.owes() == ("60.00", "0.00", "0.00")


def test_whoever_else_knows_from_now_on_the_account_owes_the_same(books: Books) -> None:
    books.account("BUYER", tax_status="exempt")
    order = books.order("BUYER", {"BOLT": 10})
    books.ship(order, "MAIN", {1: 4})
    books.ship(order, "MAIN", {1: 3})
    first, _ = books.invoices(order)
    books.pay(first, "25.00")
    assert books.owes() == ("30.00", "0.00", "45.00")

    books.says(portal_invoiced="70.00", invoiced_unpaid="45.00")
    books.buyer()
    assert books.owes() == ("30.00", "0.00", "45.00"), "the ERP says the same"
    books.pay(first, "5.00")
    assert books.owes() == ("30.00", "0.00", "45.00")

    books.account("BUYER", tax_status="exempt")
    assert books.owes() == ("30.00", "0.00", "40.00")
    assert [entry["balance"] for entry in books.ledger()][-1] == "70.00"
    books.portal.check()


def test_an_account_changes_hands_while_its_goods_leave_and_its_money_comes(books: Books) -> None:
    books.says()
    for _ in range(3):
        books.account("BUYER", tax_status="exempt")
        orders = [books.order("BUYER", {"BOLT": 2}) for _ in range(4)]
        for order in orders[:2]:
            books.ship(order, "MAIN", {1: 1})
        paid = [books.invoices(order)[0] for order in orders[:2]]
        body = {"name": "Buyer", "currency": "GBP", "tax_status": "exempt", "ship_tos": [ship_to("Leeds")]}
        put = ("PUT", f"accounts/{books.code('BUYER')}", {**body, "credit_source": "erp"})
        ships = [("POST", f"orders/{one['number']}/shipments", books.work("MAIN", {1: 1})) for one in orders]
        pays = [
            ("POST", f"invoices/{one['number']}/payments", {"amount": "10.00", "received_on": "2026-01-05"})
            for one in paid
        ]
        answers = at_once(books, [*ships[:2], put, *pays, *ships[2:]])
        assert {answer.status_code for answer in answers} <= {200, 201}, [answer.text for answer in answers]
        books.portal.check()


def test_two_who_record_at_once_lose_no_payment(books: Books) -> None:
    books.account("BUYER", tax_status="exempt")
    order = books.order("BUYER", {"BOLT": 10})
    books.ship(order, "MAIN", {1: 10})
    [invoice] = books.invoices(order)
    path = f"invoices/{invoice['number']}/payments"
    answers = at_once(books, [("POST", path, {"amount": "10.00", "received_on": "2026-01-05"})] * 8)
    assert {answer.status_code for answer in answers} == {201}
    told = books.invoice(invoice["number"])
    assert (told["paid"], told["due"], len(told["payments"])) == ("80.00", "20.00", 8)


def test_the_same_payment_told_by_many_at_once_is_one(books: Books) -> None:
    books.account("BUYER", tax_status="exempt")
    order = books.order("BUYER", {"BOLT": 10})
    for _ in range(2):
        books.ship(order, "MAIN", {1: 5})
    first, second = books.invoices(order)
    body = {"amount": "10.00", "received_on": "2026-01-05", "origin": books.code("bank"), "external_id": "1"}
    paths = [f"invoices/{one['number']}/payments" for one in (first, first, second, first, second)]
    answers = at_once(books, [("POST", path, body) for path in paths])
    done = [answer for answer in answers if answer.status_code in (200, 201)]
    assert sorted(answer.status_code for answer in answers if answer not in done) in ([409] * 2, [409] * 3)
    assert len({answer.json()["id"] for answer in done}) == 1
    assert books.owes() == ("0.00", "0.00", "90.00")


def test_a_surplus_is_given_away_once(books: Books) -> None:
    """Moved to two invoices and paid back at the same moment: one of them gets it."""
    books.account("BUYER", tax_status="exempt")
    order = books.order("BUYER", {"BOLT": 9})
    for _ in range(3):
        books.ship(order, "MAIN", {1: 3})
    first, second, third = books.invoices(order)
    books.pay(first, "50.00", on="2026-01-05")
    path = f"invoices/{first['number']}"
    answers = at_once(
        books,
        [
            ("POST", f"{path}/transfers", {"to": second["number"], "amount": "20.00"}),
            ("POST", f"{path}/transfers", {"to": third["number"], "amount": "20.00"}),
            ("POST", f"{path}/refunds", {"amount": "20.00"}),
        ],
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422]
    assert books.invoice(first["number"])["due"] == "0.00"


def test_orders_that_are_settled_are_not_looked_at_for_credit_any_more(books: Books) -> None:
    books.account("BUYER", tax_status="exempt")
    order = books.order("BUYER", {"BOLT": 10})
    books.ship(order, "MAIN", {1: 10})
    [invoice] = books.invoices(order)
    query = f"select count(*) from order_status where account = $1 and {OWING}"
    assert asked(books, query, books.code("BUYER")) == 1
    books.pay(invoice, "100.00", on="2026-01-05")
    assert asked(books, query, books.code("BUYER")) == 0
    assert books.owes() == NOTHING


def test_a_cancelled_order_that_was_paid_leaves_a_surplus(books: Books) -> None:
    books.account("BUYER", tax_status="exempt", invoice_terms="on_order", credit_limit="100.00")
    order = books.order("BUYER", {"BOLT": 10})
    [invoice] = books.invoices(order)
    books.pay(invoice, "100.00", on="2026-01-05")
    books.cancel(order, {1: 10})
    assert books.read(order)["state"] == "cancelled"
    assert books.owes() == ("0.00", "0.00", "-100.00")
    assert books.credit()["available"] == "200.00"
    assert books.order("BUYER", {"BOLT": 20})["state"] == "open", "what was paid may be ordered for"
    assert books.order("BUYER", {"BOLT": 1})["state"] == "held"
