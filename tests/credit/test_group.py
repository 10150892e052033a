"""Several accounts, one limit: who draws on a parent's counts there too, and two at once cannot pass it."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.credit.conftest import Books


def group(books: Books, limit: str | None = "300.00", **terms: object) -> None:
    """GROUP lends to NORTH and SOUTH; EAST stands below it on its own feet."""
    books.account("GROUP", tax_status="exempt", credit_limit=limit, **terms)
    for number, draws in (("NORTH", True), ("SOUTH", True), ("EAST", False)):
        books.account(number, parent="GROUP", tax_status="exempt", draws_on_parent=draws)


def test_all_who_draw_on_a_limit_count_against_it(books: Books) -> None:
    group(books)
    assert books.order("NORTH", {"BOLT": 10})["state"] == "open"
    assert books.order("GROUP", {"BOLT": 10})["state"] == "open"
    assert books.order("EAST", {"BOLT": 50})["state"] == "open", "it draws on nobody"
    held = books.order("SOUTH", {"BOLT": 11})
    assert held["state"] == "held"
    note = "This order of 110.00 GBP and 200.00 GBP already open exceed the limit of 300.00 GBP of "
    assert held["holds"][0]["note"] == f"{note}{books.code('GROUP')}."
    assert books.order("GROUP", {"BOLT": 11})["state"] == "held", "the lender itself counts too"
    assert books.order("SOUTH", {"BOLT": 10})["state"] == "open"

    told = books.credit("SOUTH")
    assert (told["limit"], told["available"], told["exposure"]["open_orders"]) == (None, "0.00", "100.00")
    (lender,) = told["group"]
    assert (lender["account"], lender["limit"], lender["exposure"]) == (
        books.code("GROUP"),
        "300.00",
        "300.00",
    )
    assert books.credit("GROUP")["exposure"]["open_orders"] == "300.00"
    assert books.credit("EAST")["group"] == []


def test_an_own_limit_holds_besides_the_groups(books: Books) -> None:
    group(books)
    books.account("NORTH", parent="GROUP", tax_status="exempt", draws_on_parent=True, credit_limit="50.00")
    assert books.order("NORTH", {"BOLT": 6})["state"] == "held"
    assert books.order("NORTH", {"BOLT": 5})["state"] == "open"
    assert books.credit("NORTH")["available"] == "0.00"


def test_a_lender_on_credit_hold_stops_who_draws_on_it(books: Books) -> None:
    group(books, credit_hold=True)
    held = books.order("NORTH", {"BOLT": 1})
    assert (held["state"], "on credit hold" in held["holds"][0]["note"]) == ("held", True)
    assert books.order("EAST", {"BOLT": 1})["state"] == "open"


def test_a_limit_is_drawn_on_through_the_middle(books: Books) -> None:
    group(books)
    books.account("SITE", parent="NORTH", tax_status="exempt", draws_on_parent=True)
    assert books.order("SITE", {"BOLT": 31})["state"] == "held"
    assert books.order("SITE", {"BOLT": 20})["state"] == "open"
    assert books.order("SOUTH", {"BOLT": 11})["state"] == "held"
    assert [lender["account"] for lender in books.credit("SITE")["group"]] == [
        books.code("NORTH"),
        books.code("GROUP"),
    ]


def test_of_two_siblings_at_once_one_passes(books: Books) -> None:
    group(books, limit="200.00")
    bodies = [books.order_body(who, {"BOLT": 15}) for who in ("NORTH", "SOUTH", "GROUP") for _ in range(3)]

    def place(body: object) -> httpx.Response:
        return books.erp.post("orders", json=body)

    with ThreadPoolExecutor(9) as many:
        states = sorted(answer.json()["state"] for answer in many.map(place, bodies))
    assert states == ["held"] * 8 + ["open"]
    assert books.credit("GROUP")["exposure"]["open_orders"] == "150.00"


def test_the_erp_may_know_the_lender_alone(books: Books) -> None:
    group(books, limit=None, credit_source="erp", erp_silence="hold")
    books.says("GROUP", credit_limit="100.00", invoiced_unpaid="40.00")
    assert books.order("NORTH", {"BOLT": 7})["state"] == "held"
    assert books.order("NORTH", {"BOLT": 6})["state"] == "open"
    books.erp_system.is_("down")
    waits = books.order("EAST", {"BOLT": 1}), books.order("NORTH", {"BOLT": 1})
    assert [order["state"] for order in waits] == ["open", "held"]
    books.says("GROUP", credit_limit="1000.00")
    books.erp_system.is_("ok")
    assert books.again() == 1
    assert books.read(waits[1])["state"] == "open"


def test_whoever_shares_a_limit_counts_in_one_currency(books: Books) -> None:
    books.account("GROUP", credit_limit="300.00")
    with books.refuses(422, "counts in GBP", pointer="/currency"):
        books.account("NORTH", parent="GROUP", draws_on_parent=True, currency="EUR")
    with books.refuses(422, "no parent to draw on", pointer="/draws_on_parent"):
        books.account("NORTH", draws_on_parent=True)
    books.account("NORTH", parent="GROUP", draws_on_parent=True)
    with books.refuses(422, "counts in GBP"):
        books.account("GROUP", currency="EUR")
