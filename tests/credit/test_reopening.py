"""Close and reopen: what had left and comes back needs room for it again."""

import pytest

from tests.credit.conftest import Books


def test_an_order_that_reopens_within_its_limit_goes_on(books: Books) -> None:
    books.account("BUYER", tax_status="exempt", credit_limit="100.00")
    order = books.order("BUYER", {"BOLT": 10})
    shipment = books.ship(order, "MAIN", {1: 10})
    assert books.read(order)["state"] == "closed"
    again = books.cancel_shipment(shipment)
    assert (again["state"], again["holds"]) == ("open", [])


@pytest.mark.parametrize(
    "terms", [{"credit_limit": "60.00"}, {"credit_limit": "500.00", "credit_hold": True}]
)
def test_an_order_that_reopens_beyond_credit_is_stopped(books: Books, terms: dict[str, object]) -> None:
    books.account("BUYER", tax_status="exempt", credit_limit="100.00")
    order = books.order("BUYER", {"BOLT": 10})
    shipment = books.ship(order, "MAIN", {1: 10})
    books.account("BUYER", tax_status="exempt", **terms)
    again = books.cancel_shipment(shipment)
    (hold,) = again["holds"]
    assert (again["state"], hold["reason"], hold["lines"]) == ("open", "credit", [1])
    with books.refuses(409, "credit hold stops line 1"):
        books.ship(order, "MAIN", {1: 10})
    with books.refuses(422):
        books.release(order, hold["id"])
    books.account("BUYER", tax_status="exempt", credit_limit="100.00")
    assert books.release(order, hold["id"])["holds"] == []
    books.ship(order, "MAIN", {1: 10})
    assert books.read(order)["state"] == "closed"


def test_closing_and_reopening_makes_no_room_for_another_order(books: Books) -> None:
    """Whatever the order of things, what is open and what has left never exceed the limit together."""
    books.account("BUYER", tax_status="exempt", credit_limit="100.00")
    first = books.order("BUYER", {"BOLT": 10})
    shipment = books.ship(first, "MAIN", {1: 6})
    books.cancel(first, {1: 4})
    assert books.read(first)["state"] == "closed"
    assert books.order("BUYER", {"BOLT": 5})["state"] == "held", "60 have left and are not paid"
    second = books.order("BUYER", {"BOLT": 4})
    assert second["state"] == "open"
    assert books.cancel_shipment(shipment)["holds"] == []
    assert books.order("BUYER", {"BOLT": 1})["state"] == "held"
    assert books.owes() == ("100.00", "0.00", "0.00")


def test_what_reopens_while_the_erp_is_silent_waits_for_it(books: Books) -> None:
    books.buyer(erp_silence="hold")
    books.says(credit_limit="100.00")
    order = books.order("BUYER", {"BOLT": 10})
    shipment = books.ship(order, "MAIN", {1: 10})
    books.erp_system.is_("down")
    again = books.cancel_shipment(shipment)
    assert [hold["reason"] for hold in again["holds"]] == ["credit"]
    books.erp_system.is_("ok")
    assert books.again() == 1
    assert books.read(order)["holds"] == []
